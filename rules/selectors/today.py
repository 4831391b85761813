"""What one person has before them today: their drafts, what waits for their eyes, and what begins or ends soon."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import QuerySet

from rules.engine import clock
from rules.models import Draft, Item, Release, ReleaseChange, Version, Workspace
from rules.selectors.review import with_release_state, with_review_state

SOON = timedelta(days=7)
USER = "user"
"""A schedule on each user's own clock: told by the workspace's."""


@dataclass(frozen=True, slots=True)
class Coming:
    """Something that users will see otherwise from a moment on. `what`: release, begins or ends."""

    at: datetime
    what: str
    release: Release | None = None
    item: Item | None = None
    name: str = ""
    """What the live version of the rule is called; empty where it has a key only."""

    @property
    def workspace(self) -> Workspace:
        return (self.release or self.item).workspace  # type: ignore[union-attr]  # it is of one of the two


def drafts_of(author_id: int) -> QuerySet[Draft]:
    """Newest first, each with its item."""
    return Draft.objects.filter(author_id=author_id).select_related("item__workspace").order_by("-updated_at", "-id")


def asked_to_change(author_id: int, now: datetime) -> QuerySet[Version]:
    """Versions of theirs that a reviewer wants changed, and of which nothing newer was submitted."""
    mine = Version.objects.filter(author_id=author_id).select_related("item__workspace")
    return with_review_state(mine, now).filter(state="changes_asked").order_by("-created_at", "-id")


def waiting_for(reviewer_id: int, now: datetime) -> QuerySet[Version]:
    """Versions that need a second person, and may have this one: nobody judges what they wrote or had a hand in. Oldest first."""
    others = Version.objects.filter(item__workspace__four_eyes=True).exclude(author_id=reviewer_id)
    others = others.exclude(contributors__contains=[reviewer_id]).select_related("item__workspace")
    return with_review_state(others, now).filter(state="submitted").order_by("created_at", "id")


def coming(now: datetime) -> list[Coming]:
    """Releases that take effect later, and schedules of live rules that begin or end within a week, by their time."""
    later = Release.objects.filter(effective_from__gt=now).select_related("workspace").defer("bundle", "manifest")
    found = [
        Coming(release.effective_from, "release", release=release) for release in with_release_state(later, now).filter(state="upcoming")
    ]
    for rule in _scheduled(now):
        if rule.body.get("enabled") is False:
            continue
        schedule, workspace = rule.body["schedule"], rule.item.workspace
        zone = schedule.get("timezone") or workspace.timezone
        for word, what in (("from", "begins"), ("until", "ends")):
            at = _moment(schedule.get(word), workspace.timezone if zone == USER else zone)
            if at is not None and now < at <= now + SOON:
                found.append(Coming(at, what, item=rule.item, name=rule.body.get("name", "")))
    return sorted(found, key=lambda one: one.at)


def _scheduled(now: datetime) -> QuerySet[Version]:
    """The live versions of rules that have a schedule."""
    in_effect = ReleaseChange.objects.filter(item__kind="rule", release__effective_from__lte=now)
    newest = in_effect.order_by("item_id", "-release__number").distinct("item_id").values("after_id")
    return Version.objects.filter(pk__in=newest, body__has_key="schedule").select_related("item__workspace").order_by("item_id")


def _moment(text: str | None, zone: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(clock.moment(text, zone), UTC) if text else None
    except (ValueError, OverflowError, OSError):
        return None
