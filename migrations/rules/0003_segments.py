"""Segments: one more kind of authored thing."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("rules", "0002_approvals_bound_to_versions"),
    ]

    operations = [
        migrations.CreateModel(
            name="Segment",
            fields=[],
            options={
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("rules.item",),
        ),
        migrations.RemoveConstraint(
            model_name="item",
            name="no_item_of_an_unknown_kind",
        ),
        migrations.AlterField(
            model_name="item",
            name="kind",
            field=models.CharField(
                choices=[
                    ("trait", "trait"),
                    ("context", "context"),
                    ("signal", "signal"),
                    ("tag", "tag"),
                    ("score", "score"),
                    ("segment", "segment"),
                    ("threshold", "threshold"),
                    ("template", "template"),
                    ("placement", "placement"),
                    ("rule", "rule"),
                ],
                editable=False,
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="item",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["trait", "context", "signal", "tag", "score", "segment", "threshold", "template", "placement", "rule"])
                ),
                name="no_item_of_an_unknown_kind",
            ),
        ),
    ]
