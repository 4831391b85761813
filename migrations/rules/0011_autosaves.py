"""What people typed into forms and have not saved yet."""

import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rules", "0010_guard_of_release_changes")]

    operations = [
        migrations.CreateModel(
            name="Autosave",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20)),
                ("key", models.CharField(blank=True, help_text="empty: the form for something new", max_length=100)),
                ("person_id", models.BigIntegerField(help_text="a user's id")),
                (
                    "sitting",
                    models.CharField(
                        help_text="which opening of the form typed it, so that two windows can't overwrite each other", max_length=32
                    ),
                ),
                ("token", models.CharField(help_text="what it was typed over: the form's token", max_length=64)),
                (
                    "typed",
                    models.TextField(
                        blank=True, help_text="the form's fields as a browser sends them; empty once that sitting has saved them"
                    ),
                ),
                ("saved_at", models.DateTimeField(help_text="when it was last typed in")),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="autosaves", to="rules.workspace"
                    ),
                ),
            ],
            options={"ordering": ["-saved_at"], "default_permissions": ()},
        ),
        migrations.AddConstraint(
            model_name="autosave",
            constraint=models.UniqueConstraint(
                fields=("person_id", "workspace", "kind", "key"), name="no_two_autosaves_of_one_form"
            ),
        ),
        migrations.AddConstraint(
            model_name="autosave",
            constraint=models.CheckConstraint(
                condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length("typed"), 500_000),
                name="no_autosave_too_long",
            ),
        ),
    ]
