"""The audit log: who changed what is authored, what is live, or who may do what. Insert-only; each event seals the one before."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from rules.models.history import SHA256
from rules.models.insert_only import InsertOnly
from rules.models.workspaces import Workspace


class AuditEvent(InsertOnly):
    """One act, in words. Each workspace has a chain of its own, and the installation has one: accounts and groups belong to no workspace.

    Nothing of an end user is ever in here, or an erasure would have to break the chain.
    """

    workspace = models.ForeignKey(
        Workspace, on_delete=models.PROTECT, null=True, blank=True, related_name="audit_events", help_text="null: the whole installation"
    )
    number = models.PositiveIntegerField(help_text="1, 2, 3 ... in its chain")
    at = models.DateTimeField("when")
    actor_id = models.BigIntegerField(help_text="a user's id as it was; 0 is the command line, -1 an API key")
    actor_name = models.CharField("who", max_length=150)
    action = models.CharField(max_length=40, help_text="such as version.submitted or release.published")
    object_kind = models.CharField(max_length=20, help_text="rule, template ..., release, workspace, api_key, account, group, erasure")
    object_key = models.CharField(max_length=200)
    object_version = models.PositiveIntegerField(null=True, blank=True, help_text="number of the version or of the release")
    words = models.JSONField(help_text="sentences that a person reads")
    reason = models.CharField(max_length=2000, blank=True)
    data = models.JSONField(default=dict, blank=True, help_text="the same for machines")
    prev_hash = models.CharField(max_length=71, blank=True, help_text="hash of the event before; empty for the first")
    hash = models.CharField(max_length=71)

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name_plural = "audit log"
        constraints = [
            models.UniqueConstraint(fields=["workspace", "number"], name="no_two_audit_events_with_one_number"),
            models.UniqueConstraint(fields=["number"], condition=Q(workspace=None), name="no_two_installation_events_with_one_number"),
            models.CheckConstraint(condition=Q(number__gte=1), name="no_audit_event_below_one"),
            models.CheckConstraint(condition=Q(hash__regex=SHA256), name="no_audit_hash_of_another_shape"),
        ]
        indexes = [
            models.Index(fields=["workspace", "object_kind", "object_key", "-number"], name="audit_by_object"),
            models.Index(fields=["-at", "-id"], name="audit_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.chain} event {self.number}"

    @property
    def chain(self) -> str:
        """The workspace's key, or words that no key can be."""
        return self.workspace.key if self.workspace else "the installation"
