"""What a release changed is written with it, in one transaction, or never.

No hash is over these rows, and pages tell from them since when a version was live. A row that is visible and whose transaction is still
under way is of this very transaction: nobody else's is seen before it is committed. So the release's `xmin` says it, a savepoint's too.
`age` counts back from this transaction's number, so what lies ahead of it has a negative age.
"""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION release_change_follows() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    own bigint := pg_current_xact_id()::text::bigint;
    ahead integer;
BEGIN
    EXECUTE format('SELECT -age(xmin) FROM %I.rules_release WHERE id = $1', TG_TABLE_SCHEMA) INTO ahead USING NEW.release_id;
    IF ahead IS NULL OR ahead < 0 OR pg_xact_status((own + ahead)::text::xid8) IS DISTINCT FROM 'in progress' THEN
        RAISE EXCEPTION 'a change of release % refused: it is not written together with its release', NEW.release_id USING
            ERRCODE = 'integrity_constraint_violation', HINT = 'Publish with rules.services.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER release_change_follows BEFORE INSERT ON rules_releasechange FOR EACH ROW EXECUTE FUNCTION release_change_follows();
"""


class Migration(migrations.Migration):
    dependencies = [("rules", "0009_sample_users")]
    operations = [migrations.RunSQL(FUNCTION, "DROP FUNCTION release_change_follows CASCADE")]
