"""What lists and the first page show of each thing, computed by the database in one query."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, Count, Exists, F, IntegerField, JSONField, Max, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Greatest

from rules.models import ApiKey, Approval, Draft, Item, Release, ReleaseChange, Version, Workspace

STATES = {
    "live": "Live",
    "draft": "Draft",
    "removing": "Removal drafted",
    "submitted": "Submitted",
    "changes_asked": "Changes asked",
    "approved": "Approved",
    "upcoming": "Upcoming",
    "removed": "Removed",
}


def with_state(items: QuerySet[Any], now: datetime, author_id: int | None = None) -> QuerySet[Any]:
    """Items with `state`, `shown`, `live_number`, `draft_author` and `changed_at`.

    `shown` is the body in the author's working copy. Somebody else's draft is shown only where there is nothing but that draft.
    """
    versions = Version.objects.filter(item=OuterRef("pk")).order_by("-number")
    drafts = Draft.objects.filter(item=OuterRef("pk")).order_by("-updated_at")
    changes = ReleaseChange.objects.filter(item=OuterRef("pk")).order_by("-release__number")
    in_effect = Release.objects.filter(workspace=OuterRef(OuterRef("workspace_id")), effective_from__lte=now).order_by("-number")
    effective = changes.filter(release__number__lte=Subquery(in_effect.values("number")[:1]))
    live = effective.annotate(live=Case(When(after__body__isnull=False, then=F("after__number"))))
    verdicts = Approval.objects.filter(version__item=OuterRef("pk")).order_by("-version__number", "-id")
    highest = changes.order_by().values("item_id").annotate(highest=Max("after__number"))
    pending, judged = Q(newest_number__gt=F("highest_released")), Q(judged_number=F("newest_number"))
    return (
        items.annotate(
            has_draft=Exists(drafts),
            draft_author=Subquery(drafts.values("author_name")[:1]),
            draft_body=_body(drafts, "body"),
            own_body=_body(drafts.filter(author_id=author_id), "body"),
            newest_number=Coalesce(Subquery(versions.values("number")[:1]), 0),
            newest_body=_body(versions, "body"),
            last_body=_body(versions.filter(body__isnull=False), "body"),
            highest_released=Coalesce(Subquery(highest.values("highest")), 0, output_field=IntegerField()),
            newest_verdict=Subquery(verdicts.values("verdict")[:1]),
            judged_number=Subquery(verdicts.values("version__number")[:1]),
            released_body=_body(changes, "after__body"),
            released_from=Subquery(changes.values("release__effective_from")[:1]),
            live_number=Subquery(live.values("live")[:1]),
            changed_at=Greatest(Subquery(drafts.values("updated_at")[:1]), Subquery(versions.values("created_at")[:1])),
        )
        .annotate(
            base_body=Case(When(pending, then=F("newest_body")), default=F("released_body")),
            state=Case(
                When(Q(has_draft=True, draft_body__isnull=True), then=Value("removing")),
                When(has_draft=True, then=Value("draft")),
                When(pending & judged & Q(newest_verdict=Approval.Verdict.APPROVED), then=Value("approved")),
                When(pending & judged, then=Value("changes_asked")),
                When(pending, then=Value("submitted")),
                When(released_from__gt=now, then=Value("upcoming")),
                When(released_body__isnull=False, then=Value("live")),
                default=Value("removed"),
                output_field=CharField(),
            ),
        )
        .annotate(shown=Coalesce("own_body", "base_body", "last_body", "draft_body", output_field=JSONField()))
    )


def with_live_number(workspaces: QuerySet[Any], now: datetime) -> QuerySet[Any]:
    in_effect = Release.objects.filter(workspace=OuterRef("pk"), effective_from__lte=now).order_by("-number")
    return workspaces.annotate(live_number=Subquery(in_effect.values("number")[:1]))


def _body(rows: QuerySet[Any], name: str) -> Subquery:
    return Subquery(rows.values(name)[:1], output_field=JSONField())


@dataclass(frozen=True, slots=True)
class Overview:
    workspace: Workspace
    release: Release | None
    states: Counter[str]
    keys: int


def overview(now: datetime) -> list[Overview]:
    """Each workspace with its live release and how much of it is in which state."""
    live = (
        Release.objects.filter(effective_from__lte=now)
        .order_by("workspace_id", "-number")
        .distinct("workspace_id")
        .defer("bundle", "manifest")
    )
    releases = {release.workspace_id: release for release in live}
    states: dict[int, Counter[str]] = {}
    for workspace_id, state, count in with_state(Item.objects.order_by(), now).values_list("workspace_id", "state").annotate(Count("pk")):
        states.setdefault(workspace_id, Counter())[state] = count
    keys = dict(ApiKey.objects.filter(revoked_at=None).order_by().values_list("workspace_id").annotate(Count("pk")))
    return [
        Overview(workspace, releases.get(workspace.pk), states.get(workspace.pk, Counter()), keys.get(workspace.pk, 0))
        for workspace in Workspace.objects.all()
    ]
