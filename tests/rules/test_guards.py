"""PostgreSQL itself keeps history: whoever asks, whatever code they ask with."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, transaction

from rules import selectors, services
from rules.models import AuditEvent, Item, Release, Version, Workspace
from tests.rules.conftest import ANNA, BEN, NOW, load, publish
from tests.tamper import execute, guards_off

pytestmark = pytest.mark.django_db
KEPT = (
    "rules_version", "rules_approval", "rules_release", "rules_releasechange", "rules_auditevent", "rules_emergencyreview",
    "decisioning_consent", "decisioning_erasure",
)  # fmt: skip


def refused(sql: str, *values: object, match: str = "never changed or deleted") -> None:
    with pytest.raises(DatabaseError, match=match), transaction.atomic():
        execute(sql, *values)


@pytest.fixture
def released(shop):
    load(shop)
    publish()
    services.save_draft("shop", kind="threshold", key="long", body={"value": 1}, author=ANNA, now=NOW)
    [version] = services.submit("shop", reason="x", now=NOW)
    services.approve(version, reviewer=BEN, now=NOW)
    # PostgreSQL empties no table out while a foreign key waits to be checked, and says that instead.
    execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_every_insert_only_model_has_its_triggers():
    assert selectors.kept_tables() == sorted(KEPT)
    assert selectors.unguarded() == []


@pytest.mark.parametrize("table", KEPT)
def test_a_table_whose_guard_is_off_is_named(table, capsys):
    execute(f"ALTER TABLE {table} DISABLE TRIGGER history_is_kept")

    assert selectors.unguarded() == [table]
    call_command("check", databases=["default"])
    assert f"Rows of {table} in the database default can be changed" in capsys.readouterr().err


NOTHING = "RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$"
AGAIN = "CREATE TRIGGER history_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON rules_approval FOR EACH STATEMENT"
OF_A_COLUMN = AGAIN.replace("UPDATE", "UPDATE OF comment")
DROPPED = "DROP TRIGGER history_is_kept ON rules_approval"
OTHER = f"CREATE FUNCTION other.history_is_kept() {NOTHING}"
CONSENT = (
    "DROP TRIGGER consents_keep_their_words ON decisioning_consent; CREATE TRIGGER consents_keep_their_words BEFORE UPDATE"
    " ON decisioning_consent FOR EACH ROW WHEN (OLD.granted <> NEW.granted) EXECUTE FUNCTION history_is_kept()"
)

ALTERED = {
    "function that keeps replaced": (f"CREATE OR REPLACE FUNCTION history_is_kept() {NOTHING}", sorted(KEPT)),
    "function that follows replaced": (f"CREATE OR REPLACE FUNCTION release_follows() {NOTHING}", ["rules_release"]),
    "function led elsewhere": ("ALTER FUNCTION version_follows() SET search_path = elsewhere", ["rules_version"]),
    "follower off": ("ALTER TABLE rules_auditevent DISABLE TRIGGER audit_event_follows", ["rules_auditevent"]),
    "for replicas only": ("ALTER TABLE rules_approval ENABLE REPLICA TRIGGER history_is_kept", ["rules_approval"]),
    "session of a replica": ("SET LOCAL session_replication_role = replica", sorted(KEPT)),
    "never": (f"{DROPPED}; {AGAIN} WHEN (false) EXECUTE FUNCTION history_is_kept()", ["rules_approval"]),
    "of one column only": (f"{DROPPED}; {OF_A_COLUMN} EXECUTE FUNCTION history_is_kept()", ["rules_approval"]),
    "function of the same name": (f"{DROPPED}; {OTHER}; {AGAIN} EXECUTE FUNCTION other.history_is_kept()", ["rules_approval"]),
    "another condition": (CONSENT, ["decisioning_consent"]),
}


@pytest.mark.parametrize(("sql", "named"), ALTERED.values(), ids=ALTERED)
def test_a_guard_that_is_there_but_not_as_it_was_made_is_named(db, sql, named):
    execute("CREATE SCHEMA other")
    execute(sql)

    assert selectors.unguarded() == named


def test_a_guard_that_was_made_again_as_it_was_is_one(db):
    execute(f"{DROPPED}; {AGAIN} EXECUTE FUNCTION history_is_kept()")

    assert selectors.unguarded() == []


def test_a_change_is_refused_even_where_it_meets_no_row(db):
    for table in KEPT:
        refused(f"DELETE FROM {table} WHERE false")
        if table != "decisioning_consent":  # where one change is allowed, each row is looked at
            refused(f"UPDATE {table} SET id = id WHERE false")


def test_an_insert_that_would_overwrite_is_refused(released):
    refused(
        "INSERT INTO rules_version SELECT * FROM rules_version LIMIT 1 ON CONFLICT (id) DO UPDATE SET reason = 'another'",
    )


def test_the_key_that_history_names_a_thing_by_never_changes(released):
    refused("UPDATE rules_item SET key = 'other' WHERE key = 'long'", match="the key of a row of rules_item never changes")
    refused("UPDATE rules_workspace SET key = 'other'", match="the key of a row of rules_workspace never changes")
    assert execute("UPDATE rules_workspace SET name = 'Another name'") == 1


@pytest.mark.parametrize("number", [3, 4, 99])
def test_a_version_that_leaves_a_gap_is_refused(released, number):
    item = Item.objects.get(kind="threshold", key="long")

    refused(
        "INSERT INTO rules_version (item_id, number, schema, body, body_hash, author_id, author_name, reason, created_at)"
        " SELECT item_id, %s, schema, body, body_hash, author_id, author_name, reason, created_at FROM rules_version"
        " WHERE item_id = %s AND number = 1",
        number + 1,
        item.pk,
        match=f"the item has no version {number}",
    )


@pytest.mark.parametrize(("number", "prev_hash"), [(2, ""), (2, "sha256:" + "0" * 64), (3, None), (1, None)])
def test_a_release_that_does_not_follow_the_one_before_it_is_refused(released, number, prev_hash):
    before = Release.objects.get()
    forged = Release(**{field.attname: getattr(before, field.attname) for field in Release._meta.fields if field.name != "id"})
    forged.number, forged.prev_hash = number, before.hash if prev_hash is None else prev_hash

    with pytest.raises(IntegrityError, match=f"release {number} refused"), transaction.atomic():
        forged.save()


@pytest.mark.parametrize("workspace", ["shop", None])
def test_an_audit_event_that_does_not_follow_the_one_before_it_is_refused(shop, workspace):
    chain = Workspace.objects.get() if workspace and load(shop) else None
    with transaction.atomic():
        [event] = services.note(chain, ANNA, NOW, services.Act("rule.looked_at", "rule", "bought", ("Anna looked.",)))

    for number, prev_hash in ((event.number + 1, ""), (event.number + 2, event.hash), (1, event.hash)):
        forged = AuditEvent.objects.get(pk=event.pk)
        forged.pk, forged._state.adding, forged.number, forged.prev_hash = None, True, number, prev_hash
        with pytest.raises(IntegrityError, match=f"audit event {number} refused"), transaction.atomic():
            forged.save()


def test_with_the_guards_off_an_owner_can_do_all_of_it(released):
    """What the guards can't prevent, and the anchor is to show."""
    with guards_off():
        assert execute("UPDATE rules_version SET reason = 'never said'") > 0

    assert Version.objects.filter(reason="never said").exists()
    refused("UPDATE rules_version SET reason = 'never said'")
