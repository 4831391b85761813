"""The log of consent and the records of erasures. PostgreSQL refuses to change or delete their rows, whatever code asks for it."""

import rules.models.insert_only
from django.db import migrations, models

GUARDS = """
CREATE FUNCTION decisioning_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER erasures_stay BEFORE UPDATE OR DELETE ON decisioning_erasure FOR EACH ROW EXECUTE FUNCTION decisioning_refuse_change();
CREATE TRIGGER consents_stay BEFORE DELETE ON decisioning_consent FOR EACH ROW EXECUTE FUNCTION decisioning_refuse_change();
-- An erased user's words stay as proof that they were said, under a pseudonym: nothing else of a row may change.
CREATE TRIGGER consents_keep_their_words BEFORE UPDATE ON decisioning_consent FOR EACH ROW
    WHEN (
        NEW."user" NOT LIKE 'erased:%' OR OLD."user" LIKE 'erased:%' OR NEW.source <> '' OR
        (OLD.id, OLD.workspace, OLD.purpose, OLD.granted, OLD.at, OLD.received)
        IS DISTINCT FROM (NEW.id, NEW.workspace, NEW.purpose, NEW.granted, NEW.at, NEW.received)
    ) EXECUTE FUNCTION decisioning_refuse_change();
"""
NO_GUARDS = """
DROP TRIGGER erasures_stay ON decisioning_erasure;
DROP TRIGGER consents_stay ON decisioning_consent;
DROP TRIGGER consents_keep_their_words ON decisioning_consent;
DROP FUNCTION decisioning_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("decisioning", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="ConsentRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("workspace", models.CharField(max_length=64)),
                ("user", models.CharField(max_length=300)),
                ("purpose", models.CharField(max_length=64)),
                ("granted", models.BooleanField()),
                ("at", models.DateTimeField(help_text="when it was given")),
                ("received", models.DateTimeField()),
                ("source", models.CharField(blank=True, max_length=200)),
                ("message_id", models.CharField(max_length=300)),
            ],
            options={"db_table": "decisioning_consent", "ordering": ["received", "id"]},
            managers=[("objects", rules.models.insert_only.InsertOnlyQuerySet.as_manager())],
        ),
        migrations.CreateModel(
            name="ErasureJob",
            fields=[
                ("receipt", models.UUIDField(primary_key=True, serialize=False)),
                ("workspace", models.CharField(max_length=64)),
                ("user", models.CharField(max_length=300)),
                ("asked_at", models.DateTimeField()),
                ("asked_by", models.CharField(max_length=20)),
                ("after", models.JSONField()),
                ("entries", models.JSONField(default=dict)),
                ("rounds", models.PositiveSmallIntegerField(default=0)),
                ("found", models.JSONField(default=dict)),
                ("error", models.CharField(blank=True, max_length=500)),
            ],
            options={"db_table": "decisioning_erasure_job", "ordering": ["asked_at"]},
        ),
        migrations.CreateModel(
            name="ErasureRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("receipt", models.UUIDField(unique=True)),
                ("workspace", models.CharField(max_length=64)),
                ("pseudonym", models.CharField(max_length=80)),
                ("asked_at", models.DateTimeField()),
                ("asked_by", models.CharField(max_length=20)),
                ("finished_at", models.DateTimeField()),
                ("ids", models.PositiveSmallIntegerField(help_text="how many ids the user had")),
                ("places", models.JSONField()),
            ],
            options={"db_table": "decisioning_erasure", "ordering": ["-finished_at"]},
            managers=[("objects", rules.models.insert_only.InsertOnlyQuerySet.as_manager())],
        ),
        migrations.AddIndex(model_name="consentrecord", index=models.Index(fields=["workspace", "user"], name="consent_by_user")),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=models.UniqueConstraint(fields=("workspace", "user", "message_id", "purpose"), name="no_word_of_consent_twice"),
        ),
        migrations.AddIndex(
            model_name="erasurerecord", index=models.Index(fields=["workspace", "pseudonym"], name="erasure_by_pseudonym")
        ),
        migrations.RunSQL(GUARDS, NO_GUARDS),
    ]
