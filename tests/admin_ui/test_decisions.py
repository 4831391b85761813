"""The archive's page: what a search finds, and that looking never reads all of the archive."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from admin_ui.decisions import DecisionAdmin, NewestOnly
from decisioning.models import DecisionRecord
from rules import services
from tests.rules.conftest import BEN, NOW

LIST = "/admin/decisioning/decisionrecord/"
USERS = ("u:alice", "a:alice", "u:alice2", "u:bob", "u:00000000-0000-0000-0000-000000000001")


@pytest.fixture
def archive(pages):
    """A decision for each user, the last one's id being the first decision's."""
    now = timezone.now()
    for number, user in enumerate(USERS, 1):
        DecisionRecord.objects.create(
            decision_id=UUID(int=number),
            at=now - timedelta(seconds=number),
            evaluated_at=now,
            workspace="shop",
            user=user,
            placement="banner",
            release=1,
            outcome="matched",
            reason="rule",
        )
    return pages


@pytest.mark.parametrize(
    ("asked", "users"),
    [
        ("alice", ["u:alice", "a:alice"]),
        ("u:alice", ["u:alice"]),
        ("a:alice", ["a:alice"]),
        (" u:bob ", ["u:bob"]),
        ("ali", []),
        (str(UUID(int=4)), ["u:bob"]),
        (str(UUID(int=1)), ["u:alice", USERS[-1]]),
        ("00000000", []),
        ("", list(USERS)),
    ],
)
def test_a_search_finds_a_decision_or_a_users_decisions_exactly(archive, asked, users):
    found = archive.get(LIST, {"q": asked}).context["cl"].result_list

    assert [decision.user for decision in found] == users


def test_a_search_within_a_workspace_stays_there(archive):
    assert not archive.get(LIST, {"q": "alice", "workspace": "blog"}).context["cl"].result_list


@pytest.mark.parametrize("asked", ["alice", str(UUID(int=4))])
def test_a_search_can_be_answered_by_the_indexes_alone(archive, asked, rf, anna):
    request = rf.get(LIST)
    request.user = anna
    admin = DecisionAdmin(DecisionRecord, None)
    wanted, _ = admin.get_search_results(request, DecisionRecord.objects.order_by(), asked)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    plan = wanted.explain()

    assert "Seq Scan" not in plan
    assert "Index Cond" in plan


def test_a_list_counts_no_further_than_it_goes_back(archive):
    with CaptureQueriesContext(connection) as captured:
        archive.get(LIST)

    counts = [query["sql"] for query in captured if "COUNT(" in query["sql"] and "decisioning_decision" in query["sql"]]
    assert counts
    assert all(f"LIMIT {NewestOnly.at_most}" in count for count in counts)


def test_a_list_that_goes_back_less_far_than_the_archive_has_its_newest(archive):
    class Two(NewestOnly):
        at_most = 2

    pages = Two(DecisionRecord.objects.order_by("-at"), 1)

    assert pages.num_pages == 2
    assert [decision.user for number in (1, 2) for decision in pages.page(number)] == list(USERS[:2])


@pytest.mark.parametrize(
    ("facts", "there", "not_there"),
    [
        ({"time.hour": 13}, "on the clock of the workspace: Europe/Berlin.", "own clock"),
        ({"user.hour": 13}, "on the user&#x27;s own clock.", "of the workspace:"),
        ({"tags": []}, "", "clock"),
    ],
)
def test_facts_of_the_time_say_whose_clock_they_are_from(archive, facts, there, not_there):
    """The release's, for the workspace's setting may have changed since."""
    services.change_workspace("shop", name="The shop", timezone="Asia/Tokyo", four_eyes=False, actor=BEN, now=NOW)
    DecisionRecord.objects.filter(decision_id=UUID(int=1)).update(facts=facts)

    shown = archive.get(f"{LIST}{UUID(int=1)}/change/").content.decode().partition("field-facts_shown")[2].partition("field-degraded")[0]

    assert there in shown
    assert not_there not in shown


def test_a_decision_shows_content_of_which_a_field_is_called_items(archive):
    decision = DecisionRecord.objects.create(
        decision_id=UUID(int=9),
        at=timezone.now(),
        evaluated_at=timezone.now(),
        workspace="shop",
        user="u:carol",
        placement="banner",
        release=1,
        outcome="matched",
        reason="rule",
        content={"type": "fields", "fields": {"items": "Three left"}},
    )

    assert "<dt>items</dt><dd>Three left</dd>" in archive.get(f"/admin/decisioning/decisionrecord/{decision.pk}/change/").content.decode()
