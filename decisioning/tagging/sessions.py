"""Sessions, in event time: one ends after 30 minutes without an event, or when an event names another session.

A session the app names lasts as long as the app names it. A late event counts in the session it names or falls into, and never brings
an earlier session back.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from decisioning.tagging.kept import Kept
from decisioning.tagging.limits import ID_BYTES, clip
from decisioning.tagging.numbers import Number, plus

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
    return Session(session.id, started, last, session.events + 1, session.sums, session.kept), True


def joined(one: Session | None, other: Session | None, keep: Callable[[Kept | None, Kept | None], Kept | None]) -> Session | None:
    """The session of two users who are one: both, where they are the same visit, or else the one that went on last.

    `keep` joins what is kept of signals beside sums.

    The same visit are two of one name, and two without a name of which neither had ended when the other began: what was seen before
    logging in and after it.
    """
    if one is None or other is None:
        return one or other
    nameless = one.id.startswith("auto-") and other.id.startswith("auto-")
    near = max(one.started, other.started) <= min(one.last, other.last) + INACTIVITY
    if one.id != other.id and not (nameless and near):
        return max(one, other, key=lambda session: (session.last, session.started, session.id))
    first = min(one, other, key=lambda session: (session.started, session.id))
    sums = {key: plus(one.sums.get(key, 0), other.sums.get(key, 0)) for key in {**one.sums, **other.sums}}
    return Session(first.id, first.started, max(one.last, other.last), one.events + other.events, sums, keep(one.kept, other.kept))


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
