"""Holds each approval, which has no hash of its own, against the audit event that tells of it: which one was altered, and in what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from rules.history.findings import Finding
from rules.history.rows import ApprovalRow, AuditRow, Said

VERDICTS = {"version.approved": "approved", "version.changes_asked": "changes_asked"}
SAID = ("verdict", "reviewer_id", "reviewer_name", "author_id", "body_hash", "comment", "created_at")
Told = tuple[object, ...]
Of = tuple[str, str, int]


class _Open(NamedTuple):
    place: int
    name: str
    told: Told


class Verdicts:
    """Of one workspace: takes its approvals, then its audit events, and says then what of them does not agree.

    What agrees is let go at once. Approvals from before the audit log told of any are told of by nobody.
    """

    def __init__(self) -> None:
        self._open: dict[Of, list[_Open]] = {}
        self._events: list[tuple[Of, int, Told]] = []
        self._rows = 0
        self._told_from: int | None = None

    def approvals(self, rows: Iterable[ApprovalRow]) -> Iterator[ApprovalRow]:
        """The rows as they come."""
        for row in rows:
            of = (row.said["kind"], row.said["key"], row.said["version"])
            told = tuple(row.said[name] for name in SAID)
            self._open.setdefault(of, []).append(_Open(self._rows, row.name, told))
            self._rows += 1
            yield row

    def events(self, rows: Iterable[AuditRow]) -> Iterator[AuditRow]:
        """The rows as they come; after all approvals."""
        for row in rows:
            if row.said["action"] in VERDICTS:
                self._event(row.said)
            yield row

    def _event(self, said: Said) -> None:
        of, told = (said["object_kind"], said["object_key"], said["object_version"]), _told(said)
        same = next((one for one in self._open.get(of, ()) if one.told == told), None)
        if same is None:
            self._events.append((of, said["number"], told))
        else:
            self._open[of].remove(same)
            self._begin(same.place)

    def _begin(self, place: int) -> None:
        self._told_from = place if self._told_from is None else min(place, self._told_from)

    def findings(self) -> Iterator[Finding]:
        """After all events; the first approval first, then those that are gone."""
        found, gone = [], []
        for of, number, told in self._events:
            waiting = self._open.get(of, [])
            if not waiting:
                words = f"Audit event {number} tells of a verdict on {of[0]} {of[1]} v{of[2]} that is not there."
                gone.append(Finding("approval_missing", "approvals", f"approval of {of[0]} {of[1]} v{of[2]}", words))
                continue
            row = min(waiting, key=lambda one: sum(mine != theirs for mine, theirs in zip(one.told, told, strict=True)))
            waiting.remove(row)
            self._begin(row.place)
            found.append((row.place, Finding("approval_differs", "approvals", row.name, _words(row, number, told))))
        for row in (row for rows in self._open.values() for row in rows):
            if self._told_from is not None and row.place > self._told_from:
                words = f"No audit event tells of the {row.name}."
                found.append((row.place, Finding("approval_untold", "approvals", row.name, words)))
        yield from (finding for _, finding in sorted(found, key=lambda one: one[0]))
        yield from gone


def _told(said: Said) -> Told:
    data = said["data"] if isinstance(said["data"], dict) else {}
    return (
        VERDICTS[said["action"]],
        said["actor_id"],
        said["actor_name"],
        data.get("author_id"),
        data.get("body_hash"),
        said["reason"],
        said["at"],
    )


def _words(row: _Open, number: int, told: Told) -> str:
    differing = [
        f"{name.replace('_', ' ')} is {_short(mine)}, audit event {number} says {_short(theirs)}"
        for name, mine, theirs in zip(SAID, row.told, told, strict=True)
        if mine != theirs
    ]
    return f"The {row.name} is not what was noted of it: {'; '.join(differing)}."


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:100]}..."
