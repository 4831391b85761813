"""Sample users: made-up people whom rules and templates are tried on."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from rules.models.workspaces import KEY, Workspace


class SampleUser(models.Model):
    """What would be known of such a user, and what they should get. Never live and so without versions."""

    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="sample_users")
    key = models.CharField(max_length=64, validators=[KEY], help_text="Short and lasting, such as regular-with-full-cart.")
    name = models.CharField(max_length=200, blank=True, help_text="Who this is, in words.")
    facts = models.JSONField(default=dict, blank=True)
    """By the vocabulary's names: `{"tags": ["buyer"], "traits.plan": "gold", "counts.dwell.1h": 700}`."""
    expects = models.JSONField(default=dict, blank=True)
    """By placement, the key of the rule that should win; "" for the fallback. A placement that is not named: whatever comes."""
    updated_at = models.DateTimeField(editable=False)
    updated_by = models.CharField(max_length=150, editable=False)

    class Meta:
        ordering = ["workspace_id", "key"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "key"], name="no_two_sample_users_with_one_key"),
            models.CheckConstraint(condition=Q(key__regex=r"^[a-z0-9][a-z0-9_-]{0,63}$"), name="no_sample_user_key_of_another_shape"),
        ]
        permissions = [("view_real_user", "Can try rules as a real user")]

    def __str__(self) -> str:
        return self.name or self.key
