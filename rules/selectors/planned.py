"""What is planned by date: what rules and scores say live, in a release to come, in versions that wait and in the reader's drafts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from rules.bodies import Body
from rules.models import Draft, Item, Release, ReleaseChange, Version, Workspace
from rules.selectors.review import with_release_state, with_review_state

KINDS = ("rule", "score")
"""Kinds that can bound something by dates."""
WAITING = ("submitted", "approved", "changes_asked")


@dataclass(frozen=True, slots=True)
class Planned:
    """What an item says in one state: `live`, `upcoming` (from `since` on), one of `WAITING`, or `draft`. Without a body: it is removed."""

    item: Item
    state: str
    body: Body | None
    since: datetime | None = None


def planned(workspaces: Collection[Workspace], reader_id: int, now: datetime) -> dict[int, list[Planned]]:
    """By item, its states from what is live to the reader's draft, in four queries. What is live is left out where no date can be in it."""
    items = Q(item__workspace__in=workspaces, item__kind__in=KINDS)
    found: dict[int, list[Planned]] = {}

    def add(item: Item, state: str, body: Body | None, since: datetime | None = None) -> None:
        found.setdefault(item.pk, []).append(Planned(item, state, body, since))

    for version in _live(items, now):
        add(version.item, "live", version.body)
    newest = ReleaseChange.objects.filter(items).order_by("item_id", "-release__number").distinct("item_id").values("pk")
    coming = ReleaseChange.objects.filter(pk__in=newest, release__effective_from__gt=now)
    for change in coming.select_related("item__workspace", "after", "release").defer("release__bundle", "release__manifest"):
        add(change.item, "upcoming", change.after.body if change.after else None, change.release.effective_from)
    newer = Version.objects.filter(item=OuterRef("item"), number__gt=OuterRef("number"))
    released = ReleaseChange.objects.filter(after=OuterRef("pk"))
    pending = Version.objects.filter(~Exists(newer), ~Exists(released), items).select_related("item__workspace")
    for version in with_review_state(pending, now).filter(state__in=WAITING):
        add(version.item, version.state, version.body)
    for draft in Draft.objects.filter(items, author_id=reader_id).select_related("item__workspace"):
        add(draft.item, "draft", draft.body)
    return found


def releases_within(workspaces: Collection[Workspace], after: datetime, before: datetime, now: datetime) -> list[Release]:
    """Those that take or took effect from one moment up to another, by their time. Withdrawn ones never did."""
    within = Release.objects.filter(workspace__in=workspaces, effective_from__gte=after, effective_from__lt=before)
    found = with_release_state(within, now).exclude(state="withdrawn").select_related("workspace").defer("bundle", "manifest")
    return list(found.order_by("effective_from", "id"))


def _live(items: Q, now: datetime) -> QuerySet[Version]:
    in_effect = ReleaseChange.objects.filter(items, release__effective_from__lte=now)
    newest = in_effect.order_by("item_id", "-release__number").distinct("item_id").values("after_id")
    dated = Q(item__kind="score") | Q(body__has_key="schedule")
    return Version.objects.filter(dated, pk__in=newest).select_related("item__workspace").order_by("item_id")
