"""What the service keeps in PostgreSQL: the archive of decisions. Rows are written once, in batches, and never changed."""

from __future__ import annotations

from django.db import models


class DecisionRecord(models.Model):
    """One decision as it was served. The table is partitioned by day of `at`; its key in the database is (at, decision_id)."""

    decision_id = models.UUIDField(primary_key=True)
    at = models.DateTimeField(help_text="when it was served")
    evaluated_at = models.DateTimeField(help_text="the time the rules saw: another one where the caller asked for it with `at`")
    workspace = models.CharField(max_length=64)
    user = models.CharField(max_length=300)
    session = models.CharField(max_length=256, blank=True)
    placement = models.CharField(max_length=64)
    release = models.PositiveIntegerField()
    outcome = models.CharField(max_length=20)
    reason = models.CharField(max_length=40)
    rule = models.CharField(max_length=64, blank=True)
    rule_version = models.PositiveIntegerField(null=True)
    template = models.CharField(max_length=64, blank=True)
    template_version = models.PositiveIntegerField(null=True)
    path = models.JSONField(default=list)
    content = models.JSONField(default=dict)
    facts = models.JSONField(default=dict)
    degraded = models.JSONField(default=list)

    class Meta:
        db_table = "decisioning_decision"
        ordering = ["-at"]
        indexes = [
            models.Index(fields=["workspace", "-at"], name="decision_by_workspace"),
            models.Index(fields=["workspace", "user", "-at"], name="decision_by_user"),
            models.Index(fields=["decision_id"], name="decision_by_id"),
        ]

    def __str__(self) -> str:
        return f"{self.placement} for {self.user} at {self.at:%Y-%m-%d %H:%M:%S} UTC: {self.outcome}"
