"""The archive of decisions, partitioned by day. Django can't declare partitions, so the table is written in SQL."""

from django.db import migrations, models

TABLE = """
CREATE TABLE decisioning_decision (
    decision_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    evaluated_at timestamp with time zone NOT NULL,
    workspace varchar(64) NOT NULL,
    "user" varchar(300) NOT NULL,
    session varchar(256) NOT NULL,
    placement varchar(64) NOT NULL,
    release integer NOT NULL CHECK (release >= 0),
    outcome varchar(20) NOT NULL,
    reason varchar(40) NOT NULL,
    rule varchar(64) NOT NULL,
    rule_version integer CHECK (rule_version >= 0),
    template varchar(64) NOT NULL,
    template_version integer CHECK (template_version >= 0),
    path jsonb NOT NULL,
    content jsonb NOT NULL,
    facts jsonb NOT NULL,
    degraded jsonb NOT NULL,
    PRIMARY KEY (at, decision_id)
) PARTITION BY RANGE (at);
CREATE TABLE decisioning_decision_default PARTITION OF decisioning_decision DEFAULT;
CREATE INDEX decision_by_workspace ON decisioning_decision (workspace, at DESC);
CREATE INDEX decision_by_user ON decisioning_decision (workspace, "user", at DESC);
CREATE INDEX decision_by_id ON decisioning_decision (decision_id);
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(TABLE, "DROP TABLE decisioning_decision")],
            state_operations=[
                migrations.CreateModel(
                    name="DecisionRecord",
                    fields=[
                        ("decision_id", models.UUIDField(primary_key=True, serialize=False)),
                        ("at", models.DateTimeField(help_text="when it was served")),
                        (
                            "evaluated_at",
                            models.DateTimeField(
                                help_text="the time the rules saw: another one where the caller asked for it with `at`"
                            ),
                        ),
                        ("workspace", models.CharField(max_length=64)),
                        ("user", models.CharField(max_length=300)),
                        ("session", models.CharField(blank=True, max_length=256)),
                        ("placement", models.CharField(max_length=64)),
                        ("release", models.PositiveIntegerField()),
                        ("outcome", models.CharField(max_length=20)),
                        ("reason", models.CharField(max_length=40)),
                        ("rule", models.CharField(blank=True, max_length=64)),
                        ("rule_version", models.PositiveIntegerField(null=True)),
                        ("template", models.CharField(blank=True, max_length=64)),
                        ("template_version", models.PositiveIntegerField(null=True)),
                        ("path", models.JSONField(default=list)),
                        ("content", models.JSONField(default=dict)),
                        ("facts", models.JSONField(default=dict)),
                        ("degraded", models.JSONField(default=list)),
                    ],
                    options={
                        "db_table": "decisioning_decision",
                        "ordering": ["-at"],
                        "indexes": [
                            models.Index(fields=["workspace", "-at"], name="decision_by_workspace"),
                            models.Index(fields=["workspace", "user", "-at"], name="decision_by_user"),
                            models.Index(fields=["decision_id"], name="decision_by_id"),
                        ],
                    },
                ),
            ],
        ),
    ]
