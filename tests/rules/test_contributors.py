"""Contributors: whoever wrote what a version was made from since the last release is no second person for it."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from rules import selectors, services
from rules.engine import DocumentError
from rules.models import Approval, Draft, Item, Version
from rules.services import Person
from tests.rules.conftest import ANNA, BEN, CARA, NOW, publish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("careful")]


def written(value: float, author: Person) -> Version:
    services.save_draft("shop", kind="threshold", key="long", body={"value": value}, author=author, now=NOW)
    [version] = services.submit("shop", reason="longer", now=NOW, author=author)
    return version


def refusals(version: Version, reviewer: Person) -> list[str]:
    with pytest.raises(DocumentError) as refused:
        services.approve(version, reviewer=reviewer, now=NOW)
    return [problem.code for problem in refused.value.problems]


def test_who_edits_anothers_version_makes_that_one_a_contributor():
    written(700, ANNA)

    assert written(800, BEN).contributor_names == ["Anna"]


def test_a_contributor_can_not_approve():
    written(700, ANNA)

    assert refusals(written(800, BEN), ANNA) == ["own_contribution"]


def test_contributors_stay_contributors_however_many_versions_come_after():
    written(700, ANNA)
    written(800, BEN)
    version = written(900, CARA)

    assert version.contributor_names == ["Anna", "Ben"]
    assert refusals(version, ANNA) == refusals(version, BEN) == ["own_contribution"]


def test_an_author_is_no_contributor_of_their_own():
    written(700, ANNA)
    written(800, BEN)

    assert written(900, ANNA).contributor_names == ["Ben"]


def test_whoever_wrote_what_was_released_may_approve_what_is_made_of_it():
    services.approve(written(700, ANNA), reviewer=BEN, now=NOW)
    publish(reason="approved")

    version = written(800, BEN)

    assert version.contributors == []
    assert services.approve(version, reviewer=ANNA, now=NOW).verdict == Approval.Verdict.APPROVED


def test_who_takes_over_anothers_draft_makes_that_one_a_contributor():
    services.save_draft("shop", kind="threshold", key="long", body={"value": 700}, author=BEN, now=NOW)
    item = Item.objects.get(key="long")
    thing = selectors.thing(item.workspace, "threshold", "long")
    theirs = thing.drafts[0]
    services.rebase_draft(
        item, author=ANNA, way="theirs", now=NOW, expected=thing.token(ANNA.id), other=theirs.pk, revision=theirs.revision
    )

    [version] = services.submit("shop", reason="as Ben had it", now=NOW, author=ANNA)

    assert (version.author_name, version.body, version.contributor_names) == ("Anna", {"value": 700}, ["Ben"])
    assert Draft.objects.get().author_name == "Ben"


def test_an_edit_after_the_approval_makes_a_version_that_nobody_approved():
    approved = written(700, ANNA)
    services.approve(approved, reviewer=BEN, now=NOW)
    edited = written(750, ANNA)

    publish(reason="four eyes on")

    assert edited.body_hash != approved.body_hash
    assert not edited.approvals.exists()
    assert selectors.thing(edited.item.workspace, "threshold", "long").released.number == 1


def insert_approval(version: Version, reviewer_id: int, contributors: list[int]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO rules_approval (version_id, body_hash, author_id, contributors, reviewer_id, reviewer_name, verdict, comment,"
            " created_at) VALUES (%s, %s, %s, %s, %s, 'x', 'approved', '', now())",
            [version.pk, version.body_hash, version.author_id, contributors, reviewer_id],
        )


def test_the_database_refuses_an_approval_by_a_contributor():
    written(700, ANNA)
    version = written(800, BEN)

    with pytest.raises(IntegrityError, match="no_approval_by_a_contributor"):
        insert_approval(version, ANNA.id, [ANNA.id])


def test_the_database_refuses_an_approval_that_names_other_contributors():
    written(700, ANNA)
    version = written(800, BEN)

    with pytest.raises(IntegrityError, match="no_approval_of_other_contributors"):
        insert_approval(version, ANNA.id, [])
    with pytest.raises(IntegrityError, match="no_approval_of_other_contributors"):
        insert_approval(version, ANNA.id, [CARA.id])


def test_asking_for_changes_needs_words_for_the_author():
    version = written(700, ANNA)

    with pytest.raises(DocumentError, match="has to say which"):
        services.approve(version, reviewer=BEN, now=NOW, verdict=Approval.Verdict.CHANGES_ASKED, comment=" ")
