"""Identities: one row for each authored thing, with no logic. What it says is in its drafts and versions."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from rules.bodies import KINDS
from rules.models.workspaces import Workspace


class Item(models.Model):
    """That a thing of this kind and key exists, or existed, in a workspace."""

    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="items")
    kind = models.CharField(max_length=20, choices=[(kind, kind) for kind in KINDS], editable=False)
    key = models.CharField(max_length=100)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        ordering = ["workspace_id", "kind", "key"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "kind", "key"], name="no_two_items_with_one_key"),
            models.CheckConstraint(condition=Q(kind__in=list(KINDS)), name="no_item_of_an_unknown_kind"),
        ]

    def __str__(self) -> str:
        return self.key


class KindManager(models.Manager):
    """The items of one kind only."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().filter(kind=self.kind)


class Placement(Item):
    KIND = "placement"
    objects = KindManager(KIND)

    class Meta:
        proxy = True


class Rule(Item):
    KIND = "rule"
    objects = KindManager(KIND)

    class Meta:
        proxy = True


class Template(Item):
    KIND = "template"
    objects = KindManager(KIND)

    class Meta:
        proxy = True


class Tag(Item):
    KIND = "tag"
    objects = KindManager(KIND)

    class Meta:
        proxy = True


class Score(Item):
    KIND = "score"
    objects = KindManager(KIND)

    class Meta:
        proxy = True


class Segment(Item):
    KIND = "segment"
    objects = KindManager(KIND)

    class Meta:
        proxy = True


class Threshold(Item):
    KIND = "threshold"
    objects = KindManager(KIND)

    class Meta:
        proxy = True


class Signal(Item):
    KIND = "signal"
    objects = KindManager(KIND)

    class Meta:
        proxy = True


class EventSchema(Item):
    KIND = "event"
    objects = KindManager(KIND)

    class Meta:
        proxy = True


class Purpose(Item):
    KIND = "purpose"
    objects = KindManager(KIND)

    class Meta:
        proxy = True


class Trait(Item):
    KIND = "trait"
    objects = KindManager(KIND)

    class Meta:
        proxy = True


class ContextAttribute(Item):
    KIND = "context"
    objects = KindManager(KIND)

    class Meta:
        proxy = True


PROXIES = {
    proxy.KIND: proxy
    for proxy in (Placement, Rule, Template, Segment, Tag, Score, Threshold, EventSchema, Purpose, Signal, Trait, ContextAttribute)
}
