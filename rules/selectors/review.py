"""Where each version stands between its submission and its end, computed by the database with the query that asks for it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When

from rules.models import Approval, Release, ReleaseChange, Version

VERSION_STATES = {
    "submitted": "Submitted",
    "changes_asked": "Changes asked",
    "approved": "Approved",
    "upcoming": "Upcoming",
    "released": "Released",
    "superseded": "Superseded",
    "rolled_back": "Rolled back",
}
RELEASE_STATES = {"live": "Live", "upcoming": "Upcoming", "withdrawn": "Withdrawn", "superseded": "Superseded"}
MEANINGS = {
    "draft": "Somebody is working on it; users see nothing of it.",
    "removing": "Somebody drafted its removal; users see it until that is released.",
    "submitted": "It waits for a second person where four eyes are on, else for the next release.",
    "changes_asked": "A reviewer wants it changed: the next version is reviewed anew.",
    "approved": "A second person approved exactly this text; the next release takes it. An edit makes a new version.",
    "upcoming": "It is in a release that takes effect later.",
    "released": "It is in the release that is live.",
    "live": "Users see it.",
    "superseded": "A newer version took its place.",
    "rolled_back": "A roll-back took it out of what is live.",
    "removed": "It is no longer there for users; its history is kept.",
}
"""What the states of things and of versions mean, for people."""


def with_review_state(versions: QuerySet[Any], now: datetime) -> QuerySet[Any]:
    """Versions with `state` (of VERSION_STATES), and `verdict`, `verdict_by` and `verdict_comment` of the newest review."""
    newest = Approval.objects.filter(version=OuterRef("pk")).order_by("-id")
    newer = Version.objects.filter(item=OuterRef("item"), number__gt=OuterRef("number"))
    changes = ReleaseChange.objects.filter(item=OuterRef("item")).order_by("-release__number")
    in_effect = Release.objects.filter(workspace=OuterRef(OuterRef("item__workspace_id")), effective_from__lte=now).order_by("-number")
    effective = changes.filter(release__number__lte=Subquery(in_effect.values("number")[:1]))
    ended = ReleaseChange.objects.filter(before=OuterRef("pk")).order_by("-release__number")
    rolled_back = Q(ended_by_roll_back__isnull=False) & (Q(ended_with__isnull=True) | Q(ended_with__lt=F("number")))
    return versions.annotate(
        verdict=Subquery(newest.values("verdict")[:1]),
        verdict_by=Subquery(newest.values("reviewer_name")[:1]),
        verdict_comment=Subquery(newest.values("comment")[:1]),
        was_released=Exists(ReleaseChange.objects.filter(after=OuterRef("pk"))),
        live_after=Subquery(effective.values("after_id")[:1]),
        last_after=Subquery(changes.values("after_id")[:1]),
        ended_by_roll_back=Subquery(ended.values("release__rolled_back_to")[:1]),
        ended_with=Subquery(ended.values("after__number")[:1]),
    ).annotate(
        state=Case(
            When(live_after=F("pk"), then=Value("released")),
            When(last_after=F("pk"), then=Value("upcoming")),
            When(rolled_back & Q(was_released=True), then=Value("rolled_back")),
            When(Q(was_released=True) | Exists(newer), then=Value("superseded")),
            When(verdict=Approval.Verdict.APPROVED, then=Value("approved")),
            When(verdict=Approval.Verdict.CHANGES_ASKED, then=Value("changes_asked")),
            default=Value("submitted"),
            output_field=CharField(),
        )
    )


def with_release_state(releases: QuerySet[Any], now: datetime) -> QuerySet[Any]:
    """Releases with `state` (of RELEASE_STATES). Withdrawn: another one took its place before it ever took effect."""
    in_effect = Release.objects.filter(workspace=OuterRef("workspace"), effective_from__lte=now).order_by("-number")
    sooner = Release.objects.filter(
        workspace=OuterRef("workspace"), number__gt=OuterRef("number"), effective_from__lt=OuterRef("effective_from")
    )
    return releases.annotate(live_number=Subquery(in_effect.values("number")[:1])).annotate(
        state=Case(
            When(number=F("live_number"), then=Value("live")),
            When(Exists(sooner), then=Value("withdrawn")),
            When(effective_from__gt=now, then=Value("upcoming")),
            default=Value("superseded"),
            output_field=CharField(),
        )
    )
