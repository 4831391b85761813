"""What a calendar shows of each rule, score and release: its name, its words, its page and its days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import capfirst

from admin_ui.links import item_address, name_of
from rules import months, words
from rules.engine.schedules import USER
from rules.models import Workspace
from rules.months import Span
from rules.selectors import RELEASE_STATES, STATES, Planned

Dates = list[tuple[Span, Mapping[str, Any]]]
CHANGED_BY = {"upcoming": "A release to come changes these dates.", "draft": "Your draft changes these dates."}
WAITING = "A version that waits changes these dates."


@dataclass(frozen=True, slots=True)
class Entry:
    """`state` is of STATES for rules and scores, of RELEASE_STATES for releases."""

    kind: str
    name: str
    address: str
    state: str
    workspace: Workspace
    says: str
    span: Span
    note: str = ""

    @property
    def state_words(self) -> str:
        return (RELEASE_STATES if self.kind == "release" else STATES)[self.state]


def of_items(found: Mapping[int, Sequence[Planned]]) -> list[Entry]:
    """Each state of an item whose dates differ from those of the state before, from what is live to the reader's draft."""
    return [entry for states in found.values() for entry in _of_item(states)]


def of_release(release: Any) -> Entry:
    """Its span is the moment it takes effect, with no length."""
    at = release.effective_from.timestamp()
    address = reverse("admin:rules_release_change", args=[release.pk])
    return Entry("release", f"Release {release.number}", address, release.state, release.workspace, release.reason, Span(at, at))


def _of_item(states: Sequence[Planned]) -> list[Entry]:
    shown: list[Entry] = []
    before: Dates = []
    for one in states:
        dates = months.spans(one.item.kind, one.body, one.item.workspace.timezone)
        if dates != before:
            shown = [_changed(entry, one) for entry in shown] + list(_entries(one, dates))
        before = dates
    return shown


def _changed(entry: Entry, by: Planned) -> Entry:
    """What a release to come changes holds until then only."""
    span = entry.span.until(by.since.timestamp()) if by.since else entry.span
    return replace(entry, span=span, note=entry.note or CHANGED_BY.get(by.state, WAITING))


def _entries(one: Planned, dates: Iterable[tuple[Span, Mapping[str, Any]]]) -> Iterator[Entry]:
    item, workspace = one.item, one.item.workspace
    for span, said in dates:
        says = _scheduled(said, workspace) if item.kind == "rule" else _boosted(said, span)
        there = span.since(one.since.timestamp()) if one.since else span
        yield Entry(item.kind, name_of(item, one.body), item_address(item), one.state, workspace, says, there)


def _scheduled(schedule: Mapping[str, Any], workspace: Workspace) -> str:
    said = words.scheduled({**schedule, "timezone": schedule.get("timezone") or workspace.timezone})
    return f"{said}, drawn here by {workspace.timezone}" if schedule.get("timezone") == USER else said


def _boosted(boost: Mapping[str, Any], span: Span) -> str:
    begins, ends = (date_format(datetime.fromtimestamp(at or 0, UTC), "j M Y, H:i") for at in (span.begins, span.ends))
    signal = capfirst(words.humanised(boost["signal"]))
    return f"{signal} counts {words.plain(boost.get('factor', 1))} times, from {begins} until {ends} in UTC"
