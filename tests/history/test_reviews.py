"""Reviews of emergencies: no anchor speaks of their rows, so the audit log does, of which anchors speak."""

from __future__ import annotations

import pytest

from rules import services
from tests.history.conftest import owner, verified
from tests.rules.conftest import ANNA, BEN, CARA, NOW, load, publish

pytestmark = pytest.mark.django_db
OTHER = "sha256:" + "0" * 64
UNBOUND = "ALTER TABLE rules_emergencyreview DROP CONSTRAINT no_emergency_review_of_another_release"
BY_ANYBODY = "ALTER TABLE rules_emergencyreview DROP CONSTRAINT no_emergency_review_by_the_publisher"


@pytest.fixture
def reviewed(shop):
    """Release 2 is an emergency that Ben published and Cara reviewed."""
    load(shop)
    publish(now=NOW)
    services.change_workspace("shop", name="The shop", timezone="UTC", four_eyes=True)
    services.save_draft("shop", kind="threshold", key="long", body={"value": 1}, author=ANNA, now=NOW)
    emergency = services.publish("shop", actor=BEN, reason="fire", now=NOW, emergency=True)
    services.review_emergency(emergency, reviewer=CARA, comment="It was right, and urgent.", now=NOW)


def found_after(*statements: str) -> list[str]:
    with owner() as execute:
        execute("SET CONSTRAINTS ALL IMMEDIATE")
        for sql in statements:
            execute(sql)
    return [finding.code for finding in verified().findings if finding.what == "reviews"]


def test_a_review_that_nobody_touched_is_whole(reviewed):
    assert verified().findings == []


@pytest.mark.parametrize(
    "change",
    ["comment = 'Nothing to see'", "reviewer_name = 'Dora'", "reviewer_id = 77", "created_at = created_at - interval '1 day'"],
)
def test_a_review_that_the_owner_changes_is_not_what_the_audit_log_tells(reviewed, change):
    assert found_after(f"UPDATE rules_emergencyreview SET {change}") == ["review_untold"]


@pytest.mark.parametrize("change", [f"release_hash = '{OTHER}'", "publisher_id = 77"])
def test_a_review_of_another_hash_or_publisher_than_its_releases_is_found(reviewed, change):
    assert found_after(UNBOUND, f"UPDATE rules_emergencyreview SET {change}") == ["review_unbound", "review_untold"]


def test_a_review_of_what_was_no_emergency_is_found(reviewed):
    first = "(SELECT id FROM rules_release WHERE number = 1)"

    assert found_after(UNBOUND, f"UPDATE rules_emergencyreview SET release_id = {first}") == [
        "review_unbound",
        "review_untold",
        "review_missing",
    ]


def test_a_review_by_the_publisher_is_found(reviewed):
    assert found_after(BY_ANYBODY, "UPDATE rules_emergencyreview SET reviewer_id = publisher_id") == [
        "review_by_publisher",
        "review_untold",
    ]


def test_a_review_that_is_gone_is_missed(reviewed):
    assert found_after("DELETE FROM rules_emergencyreview") == ["review_missing"]


def test_a_review_that_the_audit_log_never_told_of_is_found(reviewed):
    assert found_after("UPDATE rules_auditevent SET object_version = NULL WHERE action = 'release.reviewed'") == ["review_untold"]
