"""API keys at rest: what is needed to recognise one, never the key."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from rules.models.workspaces import Workspace


class ApiKey(models.Model):
    """A key of a workspace. Kept after it is revoked, so that its prefix in a log still says whose it was."""

    class Kind(models.TextChoices):
        SECRET = "secret", "secret (servers)"
        PUBLISHABLE = "publishable", "publishable (browsers)"

    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="api_keys")
    kind = models.CharField(max_length=20, choices=Kind)
    label = models.CharField(max_length=100, blank=True, help_text="Who uses it, and where.")
    prefix = models.CharField(max_length=11, unique=True)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(default=list, blank=True, help_text="None chosen: all that this kind of key may do.")
    origins = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["workspace_id", "-created_at"]
        verbose_name = "API key"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["secret", "publishable"]), name="no_other_kind_of_key"),
            models.CheckConstraint(condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="no_key_in_plain_text"),
        ]

    def __str__(self) -> str:
        return f"{self.prefix}… {self.label}".strip()
