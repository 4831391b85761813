"""What a decision read, beside its answer; an index to find a rule's decisions by; and dry runs."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("decisioning", "0004_partitions")]
    operations = [
        migrations.SeparateDatabaseAndState(
            # In SQL as the table is: a column of the partitioned table is one of every partition, an index likewise.
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE decisioning_decision ADD COLUMN inputs bytea;"
                    "CREATE INDEX decision_by_rule ON decisioning_decision (workspace, rule, at DESC);",
                    "DROP INDEX decision_by_rule; ALTER TABLE decisioning_decision DROP COLUMN inputs;",
                )
            ],
            state_operations=[
                migrations.AddField("decisionrecord", "inputs", models.BinaryField(editable=False, null=True)),
                migrations.AddIndex("decisionrecord", models.Index(fields=["workspace", "rule", "-at"], name="decision_by_rule")),
            ],
        ),
        migrations.CreateModel(
            name="DryRun",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("workspace", models.CharField(max_length=64)),
                ("asked_at", models.DateTimeField()),
                ("asked_by", models.CharField(max_length=150)),
                ("shown", models.CharField(max_length=64)),
                ("document", models.BinaryField()),
                ("last", models.PositiveIntegerField(help_text="how many decisions, the newest ones")),
                ("total", models.PositiveIntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting for a worker"),
                            ("running", "running"),
                            ("done", "done"),
                            ("canceled", "canceled"),
                            ("failed", "failed"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("seconds", models.FloatField(default=0)),
                ("found", models.JSONField(default=dict)),
            ],
            options={
                "db_table": "decisioning_dry_run",
                "ordering": ["-asked_at"],
                "indexes": [models.Index(fields=["workspace", "-asked_at"], name="dry_run_by_workspace")],
            },
        ),
    ]
