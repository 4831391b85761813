"""Autosaves: what somebody typed into a form and has not saved."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual

from rules.models.workspaces import Workspace

MOST_CHARACTERS = 500_000


class Autosave(models.Model):
    """One person's typing in one form. No draft and no history: nobody else reads it, the audit log does not know it, and it is deleted."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="autosaves")
    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=100, blank=True, help_text="empty: the form for something new")
    person_id = models.BigIntegerField(help_text="a user's id")
    sitting = models.CharField(
        max_length=32, help_text="which opening of the form typed it, so that two windows can't overwrite each other"
    )
    token = models.CharField(max_length=64, help_text="what it was typed over: the form's token")
    typed = models.TextField(blank=True, help_text="the form's fields as a browser sends them; empty once that sitting has saved them")
    saved_at = models.DateTimeField(help_text="when it was last typed in")

    class Meta:
        ordering = ["-saved_at"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["person_id", "workspace", "kind", "key"], name="no_two_autosaves_of_one_form"),
            models.CheckConstraint(condition=LessThanOrEqual(Length("typed"), MOST_CHARACTERS), name="no_autosave_too_long"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key or 'new'}"
