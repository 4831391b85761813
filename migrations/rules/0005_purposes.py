from django.db import migrations, models

KINDS = ["purpose", "trait", "context", "event", "signal", "tag", "score", "segment", "threshold", "template", "placement", "rule"]


class Migration(migrations.Migration):
    dependencies = [
        ("rules", "0004_event_schemas"),
    ]

    operations = [
        migrations.CreateModel(
            name="Purpose",
            fields=[],
            options={"proxy": True, "indexes": [], "constraints": []},
            bases=("rules.item",),
        ),
        migrations.RemoveConstraint(model_name="item", name="no_item_of_an_unknown_kind"),
        migrations.AlterField(
            model_name="item",
            name="kind",
            field=models.CharField(choices=[(kind, kind) for kind in KINDS], editable=False, max_length=20),
        ),
        migrations.AddConstraint(
            model_name="item",
            constraint=models.CheckConstraint(condition=models.Q(kind__in=KINDS), name="no_item_of_an_unknown_kind"),
        ),
    ]
