"""People read of decisions, not of decision records."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("decisioning", "0007_decisions_by_placement_and_release")]
    operations = [
        migrations.AlterModelOptions("decisionrecord", {"verbose_name": "decision", "ordering": ["-at"]}),
    ]
