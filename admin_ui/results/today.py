"""The first page's day: the reader's drafts, what waits for their review, what comes soon, and each workspace's decisions of a day."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Sum
from django.http import HttpRequest

from admin_ui.editing.left import left_unsaved
from admin_ui.links import item_address, name_of
from admin_ui.results.charts import spark
from decisioning.models import HourlyResult
from decisioning.results import DECISION, hour_of
from rules import selectors, words
from rules.models import Draft, Version, Workspace

SHOWN = 5
"""Lines of a list; the rest is behind a link."""
HOURS = 24


def today(request: HttpRequest, now: datetime, workspace: Workspace | None = None) -> dict[str, Any]:
    """What of it the reader may see, in a workspace or in all; a list not for them is None. As many queries however much there is."""
    user, within = request.user, {"item__workspace": workspace} if workspace else {}
    drafts, asked, waiting, coming = None, [], None, None
    if user.has_perm("rules.view_draft") and user.has_perm("rules.submit_draft"):
        drafts = [_draft(draft) for draft in selectors.drafts_of(user.pk).filter(**within)[: SHOWN + 1]]
        asked = list(selectors.asked_to_change(user.pk, now).filter(**within)[:SHOWN])
    if user.has_perm("rules.approve_version"):
        waiting = [_version(version) for version in selectors.waiting_for(user.pk, now).filter(**within)[: SHOWN + 1]]
    if user.has_perm("rules.view_release") and user.has_perm("rules.view_rule"):
        coming = [one for one in selectors.coming(now) if workspace in (None, one.workspace)][: SHOWN + 1]
    return {
        "unsaved": [one for one in left_unsaved(user.pk) if workspace in (None, one["workspace"])][:SHOWN],
        "drafts": _some(drafts),
        "asked": asked,
        "waiting": _some(waiting),
        "coming": _some(coming),
    }


def sparks(now: datetime) -> dict[str, dict[str, Any]]:
    """By workspace, how many decisions of the last day, and the line of them by the hour."""
    since = hour_of(now) - timedelta(hours=HOURS - 1)
    found: dict[str, list[int]] = {}
    rows = HourlyResult.objects.filter(kind=DECISION, hour__gte=since).order_by().values_list("workspace", "hour").annotate(Sum("count"))
    for workspace, hour, count in rows:
        index = int((hour - since) / timedelta(hours=1))
        if 0 <= index < HOURS:
            found.setdefault(workspace, [0] * HOURS)[index] += count
    return {workspace: {"points": spark(values), "decisions": sum(values)} for workspace, values in found.items()}


def _some(lines: list[Any] | None) -> dict[str, Any] | None:
    return None if lines is None else {"lines": lines[:SHOWN], "more": len(lines) > SHOWN}


def _draft(draft: Draft) -> dict[str, Any]:
    return {
        "draft": draft,
        "name": name_of(draft.item, draft.body),
        "address": item_address(draft.item),
        "says": words.summary(draft.item.kind, draft.body) if draft.body else "Removes it",
    }


def _version(version: Version) -> dict[str, Any]:
    return {
        "version": version,
        "name": name_of(version.item, version.body),
        "says": words.summary(version.item.kind, version.body) if version.body else "Removes it",
    }
