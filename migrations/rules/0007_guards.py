"""History is kept by PostgreSQL itself: its rows are never changed, deleted or emptied out, and each new one follows the one before it.

Statement triggers, so that a change is refused even where it would meet no row, and TRUNCATE ... CASCADE from a table that history points at
is refused too. What an owner of the tables can still do is switch a trigger off: that is what the anchor is for.

The triggers on INSERT are sound while others write: the row before it is seen only when it is committed or of the same transaction, rows are
never deleted, and of two rows with one number a unique constraint lets one in.
"""

from django.db import migrations

KEPT = ("rules_version", "rules_approval", "rules_release", "rules_releasechange", "rules_auditevent")

FUNCTIONS = """
CREATE FUNCTION history_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% refused: rows of % are never changed or deleted', TG_OP, TG_TABLE_NAME USING
        ERRCODE = 'restrict_violation',
        HINT = 'This table is history. Write what is right now as a new version or a new release; the old row stays what it was.';
END $$;

CREATE FUNCTION identity_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% refused: the key of a row of % never changes', TG_OP, TG_TABLE_NAME USING
        ERRCODE = 'restrict_violation', HINT = 'History names it by this key. Make another one with the new key instead.';
END $$;

CREATE FUNCTION version_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.number > 1 AND NOT EXISTS (SELECT FROM rules_version WHERE item_id = NEW.item_id AND number = NEW.number - 1) THEN
        RAISE EXCEPTION 'version % refused: the item has no version %', NEW.number, NEW.number - 1 USING
            ERRCODE = 'integrity_constraint_violation', HINT = 'Versions of an item are numbered 1, 2, 3 ... without a gap.';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION release_follows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before text := '';
BEGIN
    IF NEW.number > 1 THEN
        SELECT hash INTO before FROM rules_release WHERE workspace_id = NEW.workspace_id AND number = NEW.number - 1;
    END IF;
    IF before IS DISTINCT FROM NEW.prev_hash THEN
        RAISE EXCEPTION 'release % refused: it does not carry the hash of release %', NEW.number, NEW.number - 1 USING
            ERRCODE = 'integrity_constraint_violation',
            HINT = 'Releases of a workspace are numbered 1, 2, 3 ... and chained. Publish with rules.services.';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION audit_event_follows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before text := '';
BEGIN
    IF NEW.number > 1 AND NEW.workspace_id IS NULL THEN
        SELECT hash INTO before FROM rules_auditevent WHERE workspace_id IS NULL AND number = NEW.number - 1;
    ELSIF NEW.number > 1 THEN
        SELECT hash INTO before FROM rules_auditevent WHERE workspace_id = NEW.workspace_id AND number = NEW.number - 1;
    END IF;
    IF before IS DISTINCT FROM NEW.prev_hash THEN
        RAISE EXCEPTION 'audit event % refused: it does not carry the hash of event %', NEW.number, NEW.number - 1 USING
            ERRCODE = 'integrity_constraint_violation',
            HINT = 'Events of a chain are numbered 1, 2, 3 ... Write them with rules.services.note.';
    END IF;
    RETURN NEW;
END $$;
"""
TRIGGERS = [
    *(
        f"CREATE TRIGGER history_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION history_is_kept()"
        for table in KEPT
    ),
    "CREATE TRIGGER version_follows BEFORE INSERT ON rules_version FOR EACH ROW EXECUTE FUNCTION version_follows()",
    "CREATE TRIGGER release_follows BEFORE INSERT ON rules_release FOR EACH ROW EXECUTE FUNCTION release_follows()",
    "CREATE TRIGGER audit_event_follows BEFORE INSERT ON rules_auditevent FOR EACH ROW EXECUTE FUNCTION audit_event_follows()",
    "CREATE TRIGGER identity_is_kept BEFORE UPDATE ON rules_item FOR EACH ROW"
    " WHEN ((OLD.id, OLD.workspace_id, OLD.kind, OLD.key) IS DISTINCT FROM (NEW.id, NEW.workspace_id, NEW.kind, NEW.key))"
    " EXECUTE FUNCTION identity_is_kept()",
    "CREATE TRIGGER identity_is_kept BEFORE UPDATE ON rules_workspace FOR EACH ROW"
    " WHEN ((OLD.id, OLD.key) IS DISTINCT FROM (NEW.id, NEW.key)) EXECUTE FUNCTION identity_is_kept()",
]
FUNCTION_NAMES = ("history_is_kept", "identity_is_kept", "version_follows", "release_follows", "audit_event_follows")


class Migration(migrations.Migration):
    dependencies = [("rules", "0006_audit_log")]
    operations = [
        migrations.RunSQL(
            [FUNCTIONS, *TRIGGERS],
            # With its function goes every trigger that calls it.
            [f"DROP FUNCTION {name} CASCADE" for name in reversed(FUNCTION_NAMES)],
        )
    ]
