"""Indexes to find a placement's or a release's decisions by. Without them the list looks through all there are, newest first."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("decisioning", "0006_results")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "CREATE INDEX decision_by_placement ON decisioning_decision (workspace, placement, at DESC);"
                    "CREATE INDEX decision_by_release ON decisioning_decision (workspace, release, at DESC);",
                    "DROP INDEX decision_by_placement; DROP INDEX decision_by_release;",
                )
            ],
            state_operations=[
                migrations.AddIndex(
                    "decisionrecord", models.Index(fields=["workspace", "placement", "-at"], name="decision_by_placement")
                ),
                migrations.AddIndex("decisionrecord", models.Index(fields=["workspace", "release", "-at"], name="decision_by_release")),
            ],
        )
    ]
