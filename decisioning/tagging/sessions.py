"""Sessions, in event time: one ends after 30 minutes without an event, or when an event names another session.

A session the app names lasts as long as the app names it. A late event counts in the session it names or falls into, and never brings
an earlier session back.
"""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from decisioning.tagging.kept import Kept
from decisioning.tagging.limits import ID_BYTES, clip
from decisioning.tagging.numbers import Number

INACTIVITY = 1_800.0


class Session(msgspec.Struct, array_like=True, frozen=True):
    id: str
    started: float
    last: float
    events: int = 0
    sums: dict[str, Number] = {}
    """Per signal, the sum of its values in this session."""
    kept: Kept | None = None
    """What names that end in `session` ask for."""


def touched(session: Session | None, at: float, named: str | None) -> tuple[Session, bool]:
    """The session after an event, and whether the event belongs to it."""
    name = clip(named, ID_BYTES) if named else None
    if session is None or _begins(session, at, name):
        return Session(name or f"auto-{int(at)}", at, at, 1), True
    belongs = at >= session.started if name is None else name == session.id
    if not belongs:
        return session, False
    started, last = min(session.started, at), max(session.last, at)
    return replace(session, started=started, last=last, events=session.events + 1), True


def current(session: Session | None, now: float, named: str | None) -> Session | None:
    """The session a request is in, if we know it: the one it names, or else the last one while it goes on."""
    if session is None:
        return None
    if named:
        return session if clip(named, ID_BYTES) == session.id else None
    return session if now <= session.last + INACTIVITY else None


def _begins(session: Session, at: float, name: str | None) -> bool:
    if name is None:
        return at > session.last + INACTIVITY
    return name != session.id and at >= session.last
