"""Sample users: made-up people whom rules and templates are tried on."""

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("rules", "0008_roles_contributors_emergency"),
    ]

    operations = [
        migrations.CreateModel(
            name="SampleUser",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "key",
                    models.CharField(
                        help_text="Short and lasting, such as regular-with-full-cart.",
                        max_length=64,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z0-9][a-z0-9_-]{0,63}\\Z", "Use lower-case letters, digits, - and _, at most 64."
                            )
                        ],
                    ),
                ),
                ("name", models.CharField(blank=True, help_text="Who this is, in words.", max_length=200)),
                ("facts", models.JSONField(blank=True, default=dict)),
                ("expects", models.JSONField(blank=True, default=dict)),
                ("updated_at", models.DateTimeField(editable=False)),
                ("updated_by", models.CharField(editable=False, max_length=150)),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="sample_users", to="rules.workspace"
                    ),
                ),
            ],
            options={
                "ordering": ["workspace_id", "key"],
                "permissions": [("view_real_user", "Can try rules as a real user")],
            },
        ),
        migrations.AddConstraint(
            model_name="sampleuser",
            constraint=models.UniqueConstraint(fields=("workspace", "key"), name="no_two_sample_users_with_one_key"),
        ),
        migrations.AddConstraint(
            model_name="sampleuser",
            constraint=models.CheckConstraint(
                condition=models.Q(("key__regex", "^[a-z0-9][a-z0-9_-]{0,63}$")), name="no_sample_user_key_of_another_shape"
            ),
        ),
    ]
