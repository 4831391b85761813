"""Four eyes: nothing goes live that only its author has seen, and the database agrees."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from rules import selectors, services
from rules.engine import DocumentError
from rules.models import Approval, Draft, Release, Version
from tests.rules.conftest import ANNA, BEN, NOW, load, publish
from tests.tamper import execute, guards_off

pytestmark = pytest.mark.django_db


def propose(value: float = 700) -> Version:
    services.save_draft("shop", kind="threshold", key="long", body={"value": value}, author=ANNA, now=NOW)
    [version] = services.submit("shop", reason="longer", now=NOW)
    return version


def live_threshold() -> float:
    return json.loads(publish(reason="approved").bundle)["thresholds"][0]["value"]


def test_a_version_nobody_approved_is_not_published(careful):
    propose()

    assert live_threshold() == 600


def test_publishing_says_how_many_versions_wait_for_approval(careful):
    propose()
    publish(reason="four eyes on")

    with pytest.raises(DocumentError, match="1 new version waits") as refused:
        publish(reason="again")

    assert refused.value.problems[0].code == "nothing_to_publish"


def test_an_approved_version_is_published(careful):
    services.approve(propose(), reviewer=BEN, now=NOW)

    assert live_threshold() == 700


def test_publishing_leaves_drafts_alone_when_four_eyes_are_on(careful):
    services.save_draft("shop", kind="threshold", key="long", body={"value": 700}, author=ANNA, now=NOW)

    publish(reason="four eyes on")

    assert Draft.objects.count() == 1


def test_a_release_says_whether_four_eyes_were_on(careful):
    services.approve(propose(), reviewer=BEN, now=NOW)

    assert publish(reason="approved").four_eyes is True


def test_the_author_can_not_approve(careful):
    version = propose()

    with pytest.raises(DocumentError) as refused:
        services.approve(version, reviewer=ANNA, now=NOW)

    assert [problem.code for problem in refused.value.problems] == ["own_version"]


def test_the_author_can_not_approve_as_a_superuser_either(careful, django_user_model):
    boss = django_user_model.objects.create_superuser("boss")
    services.save_draft("shop", kind="threshold", key="long", body={"value": 700}, author=boss, now=NOW)
    [version] = services.submit("shop", reason="longer", now=NOW)

    with pytest.raises(DocumentError):
        services.approve(version, reviewer=boss, now=NOW)


def insert_approval(version: Version, author_id: int, reviewer_id: int, body_hash: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO rules_approval (version_id, body_hash, author_id, reviewer_id, reviewer_name, verdict, comment, created_at)"
            " VALUES (%s, %s, %s, %s, 'x', 'approved', '', now())",
            [version.pk, body_hash, author_id, reviewer_id],
        )


def test_the_database_refuses_an_approval_by_the_author(careful):
    version = propose()

    with pytest.raises(IntegrityError, match="no_approval_by_the_author"):
        insert_approval(version, ANNA.id, ANNA.id, version.body_hash)


def test_the_database_refuses_an_approval_that_names_another_author(careful):
    version = propose()

    with pytest.raises(IntegrityError, match="no_approval_of_another_body"):
        insert_approval(version, BEN.id, ANNA.id, version.body_hash)


def test_the_database_refuses_an_approval_of_another_body(careful):
    version = propose()

    with pytest.raises(IntegrityError, match="no_approval_of_another_body"):
        insert_approval(version, ANNA.id, BEN.id, "sha256:" + "0" * 64)


def test_a_later_edit_voids_an_approval(careful):
    services.approve(propose(700), reviewer=BEN, now=NOW)
    propose(800)

    assert live_threshold() == 600


def test_only_the_newest_version_can_be_approved(careful):
    older = propose(700)
    propose(800)

    with pytest.raises(DocumentError) as refused:
        services.approve(older, reviewer=BEN, now=NOW)

    assert [problem.code for problem in refused.value.problems] == ["not_the_newest"]


def test_the_newest_verdict_counts(careful):
    version = propose()
    services.approve(version, reviewer=BEN, now=NOW)
    services.approve(version, reviewer=BEN, now=NOW, verdict=Approval.Verdict.CHANGES_ASKED, comment="wait")

    assert live_threshold() == 600


def test_a_removal_needs_an_approval_as_well(careful):
    services.save_draft("shop", kind="context", key="device", body=None, author=ANNA, now=NOW)
    [version] = services.submit("shop", reason="unused", now=NOW)
    before = json.loads(publish(reason="four eyes on").bundle)

    services.approve(version, reviewer=BEN, now=NOW)
    after = json.loads(publish(reason="approved").bundle)

    assert ("context" in before, "context" in after) == (True, False)


def test_a_version_whose_row_was_altered_can_not_be_approved(careful):
    version = propose()
    with guards_off():
        execute("UPDATE rules_version SET body = '{\"value\": 1}' WHERE id = %s", version.pk)

    with pytest.raises(DocumentError) as refused:
        services.approve(Version.objects.get(pk=version.pk), reviewer=BEN, now=NOW)

    assert [problem.code for problem in refused.value.problems] == ["history_broken"]


def test_a_waiting_version_is_what_the_next_draft_starts_from(careful):
    propose(700)

    assert selectors.working_document("shop")["thresholds"][0]["value"] == 700


def roll_back(number: int) -> Release:
    return services.roll_back("shop", number=number, actor=ANNA, reason="back", now=NOW)


def published_without_four_eyes(value: float) -> Version:
    services.save_draft("shop", kind="threshold", key="long", body={"value": value}, author=ANNA, now=NOW)
    publish(reason="alone")
    return Version.objects.get(item__key="long", body={"value": value})


@pytest.fixture
def tightened(shop):
    """Two releases made alone, the second of a longer threshold; then four eyes on."""
    load(shop)
    publish()
    published_without_four_eyes(700)
    services.change_workspace("shop", name="The shop", timezone="Europe/Berlin", four_eyes=True)


def test_a_roll_back_to_what_nobody_approved_is_refused(tightened):
    with pytest.raises(DocumentError, match="No second person approved threshold long v1") as refused:
        roll_back(1)

    assert [problem.code for problem in refused.value.problems] == ["unapproved"]
    assert Release.objects.count() == 2


def test_what_was_live_can_be_approved_later_and_then_rolled_back_to(tightened):
    services.approve(Version.objects.get(item__key="long", number=1), reviewer=BEN, now=NOW)

    release = roll_back(1)

    assert (release.number, release.four_eyes) == (3, True)
    assert json.loads(release.bundle)["thresholds"][0]["value"] == 600


def test_a_roll_back_to_what_was_approved_then_needs_no_one_else(careful):
    services.approve(propose(700), reviewer=BEN, now=NOW)
    publish(reason="approved")
    services.approve(propose(800), reviewer=BEN, now=NOW)
    publish(reason="approved")

    assert json.loads(roll_back(2).bundle)["thresholds"][0]["value"] == 700


def test_a_roll_back_that_only_takes_away_needs_no_approval(careful):
    services.save_draft("shop", kind="trait", key="mood", body={"type": "text"}, author=ANNA, now=NOW)
    [version] = services.submit("shop", reason="moods", now=NOW)
    services.approve(version, reviewer=BEN, now=NOW)
    publish(reason="approved")

    assert [trait["key"] for trait in json.loads(roll_back(1).bundle)["traits"]] == ["plan"]


def test_a_verdict_against_it_keeps_a_version_from_being_rolled_back_to(tightened):
    version = Version.objects.get(item__key="long", number=1)
    services.approve(version, reviewer=BEN, now=NOW)
    services.approve(version, reviewer=BEN, now=NOW, verdict=Approval.Verdict.CHANGES_ASKED, comment="not yet")

    with pytest.raises(DocumentError):
        roll_back(1)


def test_a_release_that_waits_can_be_called_off_without_approving_what_is_live(careful):
    services.approve(propose(700), reviewer=BEN, now=NOW)
    publish(reason="approved", effective_from=NOW + timedelta(hours=1))

    assert json.loads(roll_back(1).bundle)["thresholds"][0]["value"] == 600
