"""The first page: the reader's drafts, what waits for their review, what begins or ends soon, and each workspace's day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import strip_tags

from decisioning.models import HourlyResult
from decisioning.results import hour_of
from rules import services
from rules.models import Approval, Item, Version
from tests.rules.conftest import BEN

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client, shop, django_user_model):
    """Signs somebody of some roles in."""

    def act(*roles):
        user = django_user_model.objects.create_user("reader", id=77, is_staff=True)
        user.groups.set(Group.objects.filter(name__in=roles))
        client.force_login(user)
        return user

    return act


def today(client):
    return client.get("/admin/").context["today"]


def change(author, value=900):
    return services.save_draft("shop", kind="threshold", key="long", body={"value": value}, author=author, now=timezone.now())


def four_eyes():
    services.change_workspace("shop", name="The shop", timezone="UTC", four_eyes=True)


def test_an_author_sees_their_own_drafts_and_nobody_elses(client, reader):
    author = reader("Author")
    mine = change(author)
    services.save_draft("shop", kind="tag", key="other", body={}, author=BEN, now=timezone.now())

    assert [one["draft"].pk for one in today(client)["drafts"]["lines"]] == [mine.pk]


def test_without_drafts_an_author_is_told_how_to_begin(client, reader):
    reader("Author")

    assert "You have none. Open a rule" in client.get("/admin/").content.decode()


def test_a_reviewer_sees_what_others_submitted_and_not_their_own(client, reader):
    user = reader("Author", "Reviewer")
    four_eyes()
    change(user)
    services.save_draft("shop", kind="tag", key="other", body={"name": "Others"}, author=BEN, now=timezone.now())
    services.submit("shop", reason="both", now=timezone.now())

    assert [one["version"].item.key for one in today(client)["waiting"]["lines"]] == ["other"]


def test_nothing_waits_for_a_reviewer_where_nobody_has_to_approve(client, reader):
    reader("Reviewer")
    change(BEN)
    services.submit("shop", reason="longer", now=timezone.now())

    assert today(client)["waiting"]["lines"] == []


def test_an_author_is_told_of_the_changes_that_a_reviewer_asked_for(client, reader, anna):
    author = reader("Author")
    four_eyes()
    change(author)
    [version] = services.submit("shop", reason="longer", now=timezone.now())
    services.approve(version, reviewer=anna, comment="too long", verdict=Approval.Verdict.CHANGES_ASKED, now=timezone.now())

    assert "too long" in client.get("/admin/").content.decode()


def test_a_schedule_that_ends_within_a_week_is_announced_and_a_later_one_is_not(client, reader):
    user = reader("Publisher")
    now = timezone.now()
    ends = {"bought": now + timedelta(days=2), "other-rule": now + timedelta(days=30)}
    body = Version.objects.get(item__key="bought").body
    for key, end in ends.items():
        schedule = {"until": end.strftime("%Y-%m-%dT%H:%M:%SZ")}
        services.save_draft("shop", kind="rule", key=key, body={**body, "schedule": schedule}, author=BEN, now=now)
    services.publish("shop", actor=user, reason="ends", now=now)

    assert [(one.item.key, one.what) for one in today(client)["coming"]["lines"]] == [("bought", "ends")]


def test_a_release_for_later_is_announced(client, reader):
    user = reader("Publisher")
    now = timezone.now()
    change(BEN)
    services.publish("shop", actor=user, reason="later", now=now, effective_from=now + timedelta(days=20))

    assert [(one.release.number, one.what) for one in today(client)["coming"]["lines"]] == [(2, "release")]


def test_a_release_that_was_withdrawn_is_not_announced(client, reader):
    user = reader("Publisher")
    now = timezone.now()
    change(BEN)
    services.publish("shop", actor=user, reason="later", now=now, effective_from=now + timedelta(days=20))
    services.roll_back("shop", number=1, actor=user, reason="not at all", now=now)

    assert today(client)["coming"]["lines"] == []


def test_lists_that_are_not_for_the_reader_are_not_there(client, reader):
    reader("Auditor")

    assert (today(client)["drafts"], today(client)["waiting"]) == (None, None)


def test_a_workspaces_card_has_its_decisions_of_a_day(pages):
    now = timezone.now()
    for hours, count in ((0, 5), (3, 7), (30, 100)):
        HourlyResult.objects.create(
            hour=hour_of(now - timedelta(hours=hours)), workspace="shop", placement="banner", rule="", rule_version=0,
            kind="decision", name="fallback", count=count,
        )  # fmt: skip

    assert "12 decisions in 24 hours" in " ".join(strip_tags(pages.get("/admin/").content.decode()).split())


def test_more_drafts_and_versions_take_no_more_queries(client, reader, django_assert_num_queries):
    user = reader("Author", "Reviewer", "Publisher")
    four_eyes()
    change(user)
    client.get("/admin/")
    with CaptureQueriesContext(connection) as before:
        client.get("/admin/")
    for number in range(5):
        services.save_draft("shop", kind="tag", key=f"t{number}", body={}, author=BEN, now=timezone.now())
    services.submit("shop", reason="many", now=timezone.now())
    for number in range(5):
        services.save_draft("shop", kind="tag", key=f"u{number}", body={}, author=user, now=timezone.now())

    with django_assert_num_queries(len(before)):
        client.get("/admin/")

    assert Item.objects.filter(kind="tag").count() > 9
