"""What became of decisions, by the hour, and which of them an event answered."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("decisioning", "0005_replay")]
    operations = [
        migrations.CreateModel(
            name="HourlyResult",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hour", models.DateTimeField(help_text="its beginning, by when the decisions were served")),
                ("workspace", models.CharField(max_length=64)),
                ("placement", models.CharField(max_length=64)),
                ("rule", models.CharField(blank=True, max_length=64)),
                ("rule_version", models.PositiveIntegerField(help_text="0: of no rule, or of whichever version was live")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("decision", "decisions of an outcome"),
                            ("passed", "a rule passed over for its cap"),
                            ("event", "decisions answered by an event"),
                        ],
                        max_length=8,
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=200)),
                ("count", models.PositiveIntegerField()),
            ],
            options={
                "db_table": "decisioning_hourly_result",
                "indexes": [models.Index(fields=["workspace", "rule", "hour"], name="results_by_rule")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workspace", "placement", "hour", "rule", "rule_version", "kind", "name"), name="one_result_an_hour"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Response",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("decision_id", models.UUIDField()),
                ("name", models.CharField(max_length=200)),
            ],
            options={
                "db_table": "decisioning_response",
                "constraints": [models.UniqueConstraint(fields=("decision_id", "name"), name="no_response_twice")],
            },
        ),
    ]
