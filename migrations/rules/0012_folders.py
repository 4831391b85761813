"""Folders of what is authored, and what lies in which. Beside the items, whose rows never change."""

import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rules", "0011_autosaves")]

    operations = [
        migrations.CreateModel(
            name="Folder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80)),
                ("position", models.PositiveIntegerField(default=0, help_text="among its siblings; equal ones stand by name")),
                (
                    "parent",
                    models.ForeignKey(
                        help_text="null: at the top",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="within",
                        to="rules.folder",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="folders", to="rules.workspace"),
                ),
            ],
            options={"ordering": ["position", "name"], "default_permissions": ()},
        ),
        migrations.CreateModel(
            name="Filed",
            fields=[
                (
                    "item",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="filed",
                        serialize=False,
                        to="rules.item",
                    ),
                ),
                (
                    "folder",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="filed", to="rules.folder"),
                ),
            ],
            options={"default_permissions": ()},
        ),
        migrations.AddConstraint(
            model_name="folder",
            constraint=models.UniqueConstraint(
                models.F("workspace"),
                django.db.models.functions.comparison.Coalesce(models.F("parent"), 0),
                django.db.models.functions.text.Lower("name"),
                name="no_two_sibling_folders_of_one_name",
            ),
        ),
        migrations.AddConstraint(
            model_name="folder",
            constraint=models.CheckConstraint(
                condition=models.Q(("parent", models.F("id")), _negated=True), name="no_folder_within_itself"
            ),
        ),
        migrations.AddConstraint(
            model_name="folder",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("name", ""), _negated=True), models.Q(("name__contains", "/"), _negated=True)),
                name="no_folder_name_that_is_a_path",
            ),
        ),
    ]
