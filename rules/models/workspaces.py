"""The workspace: a tenant with its own keys, vocabulary, rules and users."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from rules.engine import clock
from rules.engine.workspace import Settings

KEY = RegexValidator(r"^[a-z0-9][a-z0-9_-]{0,63}\Z", "Use lower-case letters, digits, - and _, at most 64.")


def known_timezone(name: str) -> None:
    if name not in clock.zone_names():
        raise ValidationError("%(name)s is not a time zone.", params={"name": name})


class Workspace(models.Model):
    """Nothing crosses it. Its settings are not versioned by themselves: every release carries them as they were."""

    key = models.CharField(max_length=64, unique=True, validators=[KEY], help_text="Never changes: apps and addresses use it.")
    name = models.CharField(max_length=200, blank=True)
    timezone = models.CharField(
        "time zone", max_length=64, default="UTC", validators=[known_timezone], help_text="What “hour” and “weekday” mean in rules."
    )
    four_eyes = models.BooleanField(
        "four eyes", default=False, help_text="Nothing goes live unless a second person approved it. Each release says whether this was on."
    )

    class Meta:
        ordering = ["key"]
        constraints = [
            models.CheckConstraint(condition=Q(key__regex=r"^[a-z0-9][a-z0-9_-]{0,63}$"), name="no_workspace_key_of_another_shape")
        ]
        permissions = [
            ("submit_draft", "Can send drafts for review"),
            ("approve_version", "Can approve versions"),
            ("publish_workspace", "Can publish and roll back"),
            ("emergency_publish", "Can publish without approvals in an emergency"),
            ("export_history", "Can verify and export history"),
        ]

    def __str__(self) -> str:
        return self.name or self.key

    @property
    def settings(self) -> Settings:
        """As the workspace document says them."""
        return Settings(key=self.key, name=self.name, timezone=self.timezone, four_eyes=self.four_eyes)
