"""The log of consent and the records of erasures have the guard that all history has: TRUNCATE is refused too, and a change that meets no row.

One change stays possible: an erased user's words stay as proof that they were said, under a pseudonym. Nothing else of a row may change then.
"""

from django.db import migrations

GUARDS = """
DROP TRIGGER erasures_stay ON decisioning_erasure;
DROP TRIGGER consents_stay ON decisioning_consent;
DROP TRIGGER consents_keep_their_words ON decisioning_consent;
DROP FUNCTION decisioning_refuse_change();
CREATE TRIGGER history_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON decisioning_erasure
    FOR EACH STATEMENT EXECUTE FUNCTION history_is_kept();
CREATE TRIGGER history_is_kept BEFORE DELETE OR TRUNCATE ON decisioning_consent
    FOR EACH STATEMENT EXECUTE FUNCTION history_is_kept();
CREATE TRIGGER consents_keep_their_words BEFORE UPDATE ON decisioning_consent FOR EACH ROW
    WHEN (
        NEW."user" NOT LIKE 'erased:%' OR OLD."user" LIKE 'erased:%' OR NEW.source <> '' OR
        (OLD.id, OLD.workspace, OLD.purpose, OLD.granted, OLD.at, OLD.received)
        IS DISTINCT FROM (NEW.id, NEW.workspace, NEW.purpose, NEW.granted, NEW.at, NEW.received)
    ) EXECUTE FUNCTION history_is_kept();
"""
BEFORE = """
DROP TRIGGER history_is_kept ON decisioning_erasure;
DROP TRIGGER history_is_kept ON decisioning_consent;
DROP TRIGGER consents_keep_their_words ON decisioning_consent;
CREATE FUNCTION decisioning_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER erasures_stay BEFORE UPDATE OR DELETE ON decisioning_erasure FOR EACH ROW EXECUTE FUNCTION decisioning_refuse_change();
CREATE TRIGGER consents_stay BEFORE DELETE ON decisioning_consent FOR EACH ROW EXECUTE FUNCTION decisioning_refuse_change();
CREATE TRIGGER consents_keep_their_words BEFORE UPDATE ON decisioning_consent FOR EACH ROW
    WHEN (
        NEW."user" NOT LIKE 'erased:%' OR OLD."user" LIKE 'erased:%' OR NEW.source <> '' OR
        (OLD.id, OLD.workspace, OLD.purpose, OLD.granted, OLD.at, OLD.received)
        IS DISTINCT FROM (NEW.id, NEW.workspace, NEW.purpose, NEW.granted, NEW.at, NEW.received)
    ) EXECUTE FUNCTION decisioning_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("decisioning", "0002_privacy"), ("rules", "0007_guards")]
    operations = [migrations.RunSQL(GUARDS, BEFORE)]
