"""Verification finds every change to a row of history, and names the first one."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from rules import bundles, history, services
from rules.models import Release
from tests.history.conftest import HOUR, first, owner, rebuild_events, rebuild_releases, verified
from tests.rules.conftest import ANNA, BEN, NOW

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_the_fast_form_is_that_of_rfc_8785(value):
    assert history.canonical(value) == rfc8785.dumps(value)


def test_a_history_that_nobody_touched_is_whole(told):
    found = verified()

    assert found.findings == []
    assert found.counts[1:3] == (3, 5)
    assert found.counts.versions > 10
    assert found.counts.events >= 4


SEVEN = "(SELECT id FROM rules_version WHERE body->'value' = '700')"
EIGHT = "(SELECT id FROM rules_version WHERE body->'value' = '800')"
NOTHING_CHANGED = (
    "INSERT INTO rules_releasechange (release_id, item_id, before_id, after_id)"
    " SELECT release.id, version.item_id, version.id, version.id FROM rules_release AS release, rules_version AS version"
    " JOIN rules_item AS item ON item.id = version.item_id WHERE release.number = 3 AND item.key = 'buyer'"
)
TAMPERED = {
    "a body": ("UPDATE rules_version SET body = '{\"value\": 1}' WHERE body->'value' = '800'", "body_altered", "threshold long v3"),
    "a body hash": (
        "UPDATE rules_version SET body_hash = 'sha256:' || repeat('0', 64) WHERE body->'value' = '800'",
        "body_altered",
        "threshold long v3",
    ),
    "a version gone": (
        "; ".join(
            f"DELETE FROM rules_{where}"
            for where in (
                f"releasechange WHERE {SEVEN} IN (before_id, after_id)",
                f"approval WHERE version_id = {SEVEN}",
                f"version WHERE id = {SEVEN}",
            )
        ),
        "version_missing",
        "threshold long v3",
    ),
    "a reason": ("UPDATE rules_release SET reason = 'asked by the board' WHERE number = 3", "release_altered", "release 3"),
    "a publisher": ("UPDATE rules_release SET publisher_name = 'Carol' WHERE number = 2", "release_altered", "release 2"),
    "a time": (
        "UPDATE rules_release SET effective_from = effective_from - interval '1 day' WHERE number = 2",
        "release_altered",
        "release 2",
    ),
    "a hash": ("UPDATE rules_release SET hash = 'sha256:' || repeat('0', 64) WHERE number = 3", "release_altered", "release 3"),
    "a link": ("UPDATE rules_release SET prev_hash = 'sha256:' || repeat('0', 64) WHERE number = 3", "release_unchained", "release 3"),
    "a bundle": ("UPDATE rules_release SET bundle = replace(bundle, '800', '801') WHERE number = 3", "bundle_altered", "release 3"),
    "a release gone": (
        "; ".join(
            f"DELETE FROM rules_{where}"
            for where in ("releasechange WHERE release_id = (SELECT id FROM rules_release WHERE number = 3)", "release WHERE number = 3")
        ),
        "release_missing",
        "release 4",
    ),
    "a manifest": ("UPDATE rules_release SET manifest = manifest - 0 WHERE number = 4", "release_altered", "release 4"),
    "a manifest of nonsense": ("UPDATE rules_release SET manifest = '[7]' WHERE number = 4", "release_unreadable", "release 4"),
    "a change": (
        "UPDATE rules_releasechange SET before_id = NULL WHERE release_id = (SELECT id FROM rules_release WHERE number = 2)",
        "changes_wrong",
        "release 2",
    ),
    "a change of nothing": (NOTHING_CHANGED, "changes_wrong", "release 3"),
    "an approval gone": (
        "DELETE FROM rules_approval WHERE version_id = " + EIGHT,
        "unapproved",
        "release 3",
    ),
    "a verdict": (
        "UPDATE rules_approval SET verdict = 'changes_asked' WHERE version_id = " + SEVEN,
        "unapproved",
        "release 2",
    ),
    "a later approval": (
        "UPDATE rules_approval SET created_at = now() WHERE version_id = " + SEVEN,
        "unapproved",
        "release 2",
    ),
    "the words of an event": (
        "UPDATE rules_auditevent SET words = '[\"Ben did nothing.\"]' WHERE number = 2",
        "event_altered",
        "audit event 2",
    ),
    "an event gone": ("DELETE FROM rules_auditevent WHERE number = 2", "event_missing", "audit event 3"),
}


@pytest.mark.parametrize(("sql", "code", "row"), TAMPERED.values(), ids=TAMPERED)
def test_the_owner_of_the_tables_is_found_out(told, sql, code, row):
    with owner() as execute:
        assert execute(sql) >= 1

    assert first()[0::2] == (code, row)


def test_an_approval_by_the_author_is_found(told):
    with owner() as execute:
        execute("SET CONSTRAINTS ALL IMMEDIATE")
        execute("ALTER TABLE rules_approval DROP CONSTRAINT no_approval_by_the_author")
        execute("UPDATE rules_approval SET reviewer_id = author_id")

    assert first().code == "approval_by_author"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda bundle: bundle["thresholds"][0].update(value=1), "threshold long v3 says something else"),
        (lambda bundle: bundle["templates"].pop(), "template loyal is in the manifest and not in the bundle"),
        (lambda bundle: bundle["placements"][0]["rules"].reverse(), "stands elsewhere"),
        (lambda bundle: bundle["placements"][0]["rules"][0].pop("children"), "rule gold is in the manifest"),
        (lambda bundle: bundle["templates"].append({"key": "z", "body": "x", "version": 1}), "template z is in the bundle"),
        (lambda bundle: bundle.update(templates=7), "not a workspace document"),
    ],
)
def test_a_bundle_that_says_more_or_less_than_its_versions_is_found_though_every_hash_is_right(told, change, words):
    release = Release.objects.get(number=3)
    bundle = json.loads(release.bundle)
    change(bundle)
    data, digest = bundles.build(bundle)
    with owner() as execute:
        execute("UPDATE rules_release SET bundle = %s, digest = %s WHERE number = 3", data.decode(), digest)
        rebuild_releases(3)

    found = first()
    assert (found.code, found.first) == ("bundle_not_of_versions", "release 3")
    assert words in found.message


def test_a_chain_that_was_rebuilt_is_whole_without_an_anchor(told):
    """Why anchors are needed at all."""
    with owner() as execute:
        execute("UPDATE rules_release SET reason = 'asked by the board' WHERE number = 3")
        rebuild_releases(3)
        execute("UPDATE rules_auditevent SET words = '[]' WHERE number = 2")
        rebuild_events(2)

    assert verified().ok


def test_a_version_approved_while_its_release_waited_for_the_lock_is_approved(told):
    """Times are those of asking: the approval that was asked for a moment later may have been first at the lock."""
    at = NOW + 5 * HOUR
    services.save_draft("shop", kind="threshold", key="long", body={"value": 950}, author=ANNA, now=at)
    [version] = services.submit("shop", reason="tuned", now=at)
    services.approve(version, reviewer=BEN, now=at + timedelta(seconds=30))
    services.publish("shop", actor=BEN, reason="tuned", now=at)

    assert verified().ok


# Approvals against the audit log


ALTERED = {
    "its comment": ("comment = 'not looked at'", "comment is 'not looked at', audit event "),
    "its reviewer": ("reviewer_id = 99, reviewer_name = 'Carol'", "reviewer name is 'Carol', audit event "),
    "its time": ("created_at = created_at - interval '1 second'", "created at is "),
}


@pytest.mark.parametrize(("change", "words"), ALTERED.values(), ids=ALTERED)
def test_an_altered_approval_is_named_itself_with_what_it_was(told, change, words):
    with owner() as execute:
        assert execute(f"UPDATE rules_approval SET {change} WHERE version_id = {EIGHT}") == 1

    [found] = verified().findings
    assert (found.code, "threshold long v3" in found.first, words in found.message) == ("approval_differs", True, True)


def test_an_approval_of_which_no_event_tells_is_found(told):
    with owner() as execute:
        execute(
            "INSERT INTO rules_approval"
            " (version_id, body_hash, author_id, contributors, reviewer_id, reviewer_name, verdict, comment, created_at)"
            " SELECT version_id, body_hash, author_id, contributors, 99, 'Carol', verdict, comment, created_at"
            f" FROM rules_approval WHERE version_id = {EIGHT}"
        )

    assert [found.code for found in verified().findings] == ["approval_untold"]


def test_an_approval_that_is_gone_is_told_by_its_event(told):
    with owner() as execute:
        execute(f"DELETE FROM rules_approval WHERE version_id = {EIGHT}")

    assert "approval_missing" in [found.code for found in verified().findings]
