"""The page of the calendar: a month of one workspace, or of all, as a grid and day by day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode

from admin_ui import inhand
from admin_ui.calendar.entries import Entry, of_items, of_release
from admin_ui.calendar.grid import weeks
from admin_ui.opening import may_open
from rules import months, selectors
from rules.models import Workspace
from rules.months import Month

ADDRESS = "admin:calendar"
TO_COME = {"begins": "begins", "ends": "ends", "release": "goes live"}
PAST = {"begins": "began", "ends": "ended", "release": "went live"}
HAPPENED = ("live", "superseded")
"""States of which what is past was so: a draft of yesterday's dates never began."""


def urls(site: AdminSite) -> list[Any]:
    return [path("calendar/", site.admin_view(lambda request: page(site, request)), name="calendar")]


def link() -> dict[str, Any]:
    """For the sidebar, in the shape that Django's template has for a model."""
    return {
        "name": "Calendar",
        "object_name": "Calendar",
        "admin_url": reverse(ADDRESS),
        "add_url": None,
        "view_only": True,
        "of_workspaces": True,
    }


def page(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """`workspace`: a key, or nothing for all; `month`: such as 2026-12, else this one."""
    if not may_open(request.user, ADDRESS):
        raise PermissionDenied
    now = timezone.now()
    known, key = inhand.known(request), inhand.asked(request)
    chosen = [workspace for workspace in known if workspace.key == key] if key else known
    if key and not chosen:
        raise Http404("There is no such workspace.")
    today = now.astimezone(UTC).date()
    this_month = Month(today.year, today.month)
    month = months.read(request.GET.get("month", "")) or this_month
    one = chosen[0] if len(chosen) == 1 else None
    context = {
        "title": f"Calendar: {date_format(month.first, 'F Y')}",
        "known": inhand.choices(request),
        "workspace": one,
        "key": key,
        "month": month,
        "today": today,
        "before": _link(month.moved(-1), key),
        "after": _link(month.moved(1), key),
        "now": _link(this_month, key),
        "past": month.first < this_month.first,
        "publish": reverse("admin:rules_workspace_publish", args=[one.pk])
        if one and request.user.has_perm("rules.publish_workspace")
        else "",
        **_shown(chosen, request.user.pk, month, now),
    }
    return TemplateResponse(request, "admin/signpost/calendar.html", {**site.each_context(request), **context})


def _link(month: Month, key: str) -> dict[str, Any] | None:
    """None where no calendar goes."""
    if months.read(str(month)) is None:
        return None
    asked = {"workspace": key, "month": str(month)}
    return {"first": month.first, "address": f"{reverse(ADDRESS)}?{urlencode(asked)}"}


def _shown(workspaces: list[Workspace], reader_id: int, month: Month, now: datetime) -> dict[str, Any]:
    entries = of_items(selectors.planned(workspaces, reader_id, now))
    begins, ends = (datetime.fromtimestamp(months.midnight(one.first), UTC) for one in (month, month.moved(1)))
    releases = [of_release(release) for release in selectors.releases_within(workspaces, begins, ends, now)]
    through = [entry for entry in entries if months.goes_through(entry.span, month)]
    days = months.by_day([(entry.span, entry) for entry in entries], month)
    drawn = [(entry, frozenset({months.day_of(entry.span.begins or 0)})) for entry in releases]
    held = [
        (entry, frozenset(day for day in month.days if entry.span.holds_on(day))) for entry in _by_beginning(entries) if entry.span.dated
    ]
    return {
        "weeks": weeks([*held, *drawn], month),
        "agenda": _agenda(days, releases, now.timestamp()),
        "through": through,
        "unseen": any(entry.state != "live" for entry in (*through, *(entry for entry, on in held if on))),
    }


def _by_beginning(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: (entry.span.begins or 0, entry.name))


def _agenda(days: dict[date, list[months.Mark[Entry]]], releases: Iterable[Entry], now: float) -> list[tuple[date, list[dict[str, Any]]]]:
    """Each day on which something happens, with its lines by their time."""
    lines = [(day, mark.at, mark.what, mark.of) for day, marks in days.items() for mark in marks]
    lines += [(months.day_of(entry.span.begins or 0), entry.span.begins or 0, "release", entry) for entry in releases]
    found: dict[date, list[dict[str, Any]]] = {}
    for day, at, what, entry in sorted(lines, key=lambda line: (line[0], line[1], line[2] != "release")):
        clock = datetime.fromtimestamp(at, UTC)
        time = "24:00" if clock.date() != day else f"{clock:%H:%M}"
        found.setdefault(day, []).append(
            {"time": time, "what": (PAST if at <= now and entry.state in HAPPENED else TO_COME)[what], "entry": entry}
        )
    return list(found.items())
