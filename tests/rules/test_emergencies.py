"""Emergencies: published without approvals, marked for ever, and open until somebody else has looked."""

from __future__ import annotations

import msgspec
import pytest
from django.db import IntegrityError, connection, transaction

from rules import bundles, selectors, services
from rules.engine import DocumentError
from rules.models import EmergencyReview, Release
from rules.models.insert_only import HistoryError
from rules.services import Person
from tests.rules.conftest import ANNA, BEN, CARA, NOW, publish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("careful")]


def emergency(author: Person = ANNA) -> Release:
    services.save_draft("shop", kind="threshold", key="long", body={"value": 700}, author=author, now=NOW)
    return publish(reason="the shop is on fire", emergency=True)


def refusals(release: Release, reviewer: Person, comment: str = "looked at it") -> list[str]:
    with pytest.raises(DocumentError) as refused:
        services.review_emergency(release, reviewer=reviewer, comment=comment, now=NOW)
    return [problem.code for problem in refused.value.problems]


def test_it_goes_live_without_an_approval_and_says_so():
    release = emergency()

    assert (release.emergency, release.four_eyes) == (True, False)
    assert msgspec.json.decode(release.bundle)["thresholds"][0]["value"] == 700


def test_the_mark_is_part_of_the_hash():
    release = emergency()

    release.emergency = False

    assert bundles.release_hash(release) != release.hash


def test_a_release_without_one_has_the_hash_it_always_had():
    release = Release.objects.get(number=1)
    said = {
        "workspace": "shop",
        "number": 1,
        "manifest": release.manifest,
        "digest": release.digest,
        "effective_from": bundles.moment(NOW),
        "published_at": bundles.moment(NOW),
        "publisher_id": ANNA.id,
        "publisher_name": "Anna",
        "reason": "first",
        "four_eyes": False,
        "rolled_back_to": None,
        "prev_hash": "",
    }

    assert release.hash == bundles.sha256(said)


def test_where_nobody_has_to_approve_there_is_no_emergency():
    services.change_workspace("shop", name="The shop", timezone="Europe/Berlin", four_eyes=False)

    with pytest.raises(DocumentError) as refused:
        emergency()

    assert [problem.code for problem in refused.value.problems] == ["no_emergency"]


def test_what_is_broken_goes_live_in_no_emergency_either():
    services.save_draft("shop", kind="template", key="generic", body=None, author=ANNA, now=NOW)

    with pytest.raises(DocumentError, match="generic"):
        publish(emergency=True)


def test_what_a_reviewer_wants_changed_goes_out_in_no_emergency():
    services.save_draft("shop", kind="trait", key="mood", body={"type": "text"}, author=ANNA, now=NOW)
    [version] = services.submit("shop", reason="moods", now=NOW)
    services.approve(version, reviewer=BEN, now=NOW, verdict="changes_asked", comment="no moods")

    release = emergency()

    assert {entry["key"] for entry in release.manifest if entry["kind"] == "trait"} == {"plan"}
    assert release.changes.get().item.key == "long"


def test_the_next_release_needs_approvals_again():
    emergency()
    services.save_draft("shop", kind="threshold", key="long", body={"value": 800}, author=ANNA, now=NOW)
    services.submit("shop", reason="more", now=NOW)

    with pytest.raises(DocumentError, match="1 new version waits for a second person"):
        publish(reason="as always")


def test_a_roll_back_may_be_an_emergency_too():
    emergency()

    release = services.roll_back("shop", number=1, actor=BEN, reason="worse", now=NOW, emergency=True)

    assert (release.emergency, release.digest) == (True, Release.objects.get(number=1).digest)


def test_it_is_open_until_somebody_else_has_reviewed_it():
    release = emergency()
    before = selectors.unreviewed_emergencies()

    services.review_emergency(release, reviewer=BEN, comment="it was on fire", now=NOW)

    assert (before, selectors.unreviewed_emergencies()) == ([release], [])
    assert Release.objects.get(pk=release.pk).review.reviewer_name == "Ben"


def test_the_publisher_can_not_review_it():
    assert refusals(emergency(), ANNA) == ["own_release"]


def test_who_wrote_what_was_unapproved_in_it_can_not_review_it():
    assert refusals(emergency(author=BEN), BEN) == ["own_contribution"]


def test_a_review_needs_words():
    assert refusals(emergency(), BEN, "  ") == ["comment_missing"]


def test_one_review_closes_it():
    release = emergency()
    services.review_emergency(release, reviewer=BEN, comment="it was on fire", now=NOW)

    assert refusals(release, CARA) == ["already_reviewed"]


def test_what_was_no_emergency_is_not_reviewed_as_one():
    assert refusals(Release.objects.get(number=1), BEN) == ["no_emergency"]


def test_a_review_is_written_once():
    review = services.review_emergency(emergency(), reviewer=BEN, comment="it was on fire", now=NOW)

    with pytest.raises(HistoryError):
        review.save()
    with pytest.raises(HistoryError):
        EmergencyReview.objects.all().delete()


def insert_review(release: Release, publisher_id: int, reviewer_id: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO rules_emergencyreview (release_id, release_hash, publisher_id, reviewer_id, reviewer_name, comment, created_at)"
            " VALUES (%s, %s, %s, %s, 'x', 'x', now())",
            [release.pk, release.hash, publisher_id, reviewer_id],
        )


def test_the_database_refuses_a_review_by_the_publisher():
    release = emergency()

    with pytest.raises(IntegrityError, match="no_emergency_review_by_the_publisher"):
        insert_review(release, ANNA.id, ANNA.id)
    with pytest.raises(IntegrityError, match="no_emergency_review_of_another_release"):
        insert_review(release, BEN.id, ANNA.id)


def test_the_database_refuses_an_emergency_that_says_four_eyes():
    first = Release.objects.get()
    with pytest.raises(IntegrityError, match="no_emergency_with_four_eyes"), transaction.atomic():
        Release.objects.create(
            workspace=first.workspace, number=2, manifest=[], bundle="{}", digest="sha256:" + "0" * 64, effective_from=NOW,
            published_at=NOW, publisher_id=1, publisher_name="x", reason="x", four_eyes=True, emergency=True, prev_hash=first.hash,
            hash="sha256:" + "0" * 64,
        )  # fmt: skip
