"""Drafts: the one mutable form of what is authored."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from rules.models.items import Item


class Draft(models.Model):
    """What one person would change an item into. Becomes a version when submitted, and is gone then."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="drafts")
    author_id = models.BigIntegerField(help_text="a user's id; 0 is the command line")
    author_name = models.CharField("author", max_length=150)
    body = models.JSONField(null=True, help_text="null: remove the item")
    based_on = models.PositiveIntegerField(null=True, help_text="number of the version that was changed; null: there was none")
    revision = models.PositiveIntegerField(default=1, help_text="rises with each save, so that two windows can't overwrite each other")
    updated_at = models.DateTimeField()
    contributors = ArrayField(models.BigIntegerField(), default=list, help_text="ids of those whose drafts went into this one")
    contributor_names = ArrayField(models.CharField(max_length=150), default=list)
    before = models.JSONField(null=True, help_text="what it said, and on which base, before it was put on another one: {body, based_on}")

    class Meta:
        ordering = ["-updated_at"]
        constraints = [models.UniqueConstraint(fields=["item", "author_id"], name="no_two_drafts_by_one_author")]

    def __str__(self) -> str:
        return f"{self.item} by {self.author_name}"
