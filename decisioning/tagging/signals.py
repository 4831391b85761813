"""The signals of one event: read off it, and added to totals, the session's sums, windows, the levels of scores, and what names ask for."""

from __future__ import annotations

from copy import copy

from decisioning.tagging import limits
from decisioning.tagging.aggregates import KeepPlan, is_kept, keep
from decisioning.tagging.cells import Value
from decisioning.tagging.decay import joined
from decisioning.tagging.definitions import Definitions, SignalPlan
from decisioning.tagging.event import Event
from decisioning.tagging.eventfacts import EventFacts
from decisioning.tagging.kept import Kept, has_room
from decisioning.tagging.numbers import Number, measured
from decisioning.tagging.paths import find
from decisioning.tagging.population import Sample
from decisioning.tagging.sessions import Session
from decisioning.tagging.state import UserState
from decisioning.tagging.tallies import count, ignore, tally


def measure(
    draft: UserState, signals: list[SignalPlan], event: Event, at: float, facts: EventFacts, in_session: bool, definitions: Definitions
) -> list[Sample]:
    """Returns the values that adaptive thresholds watch."""
    totals, session = dict(draft.totals), draft.session if in_session else None
    sums = dict(session.sums) if session is not None else {}
    kept: list[tuple[KeepPlan, Value]] = []
    of_session: list[tuple[KeepPlan, Value]] = []
    samples: list[Sample] = []
    for signal in signals:
        told = _value(signal, event, facts)
        if told is None:
            continue
        value = 1 if isinstance(told, str) else told
        tally(draft, totals, signal.key, value, definitions)
        if session is not None:
            tally(draft, sums, signal.key, value, definitions)
        for window in signal.windows:
            count(draft, signal.key, window, at, value, definitions)
        if signal.levels:
            _raise_levels(draft, signal, at, value, definitions)
        kept += [(plan, told) for plan in signal.keeps] if signal.keeps else ()
        of_session += [(plan, told) for plan in signal.session_keeps] if signal.session_keeps else ()
        samples += [(name, value) for name in signal.watched] if signal.watched and not isinstance(told, str) else ()
    draft.totals = totals
    if kept:
        draft.kept = _taken_in(draft, draft.kept, kept, at, definitions)
    if session is not None:
        own = _taken_in(draft, session.kept, of_session, at, definitions) if of_session else session.kept
        draft.session = Session(session.id, session.started, session.last, session.events, sums, own)
    return samples


def _value(signal: SignalPlan, event: Event, facts: EventFacts) -> Value | None:
    """The signal's number or text in this event; None when its conditions don't hold or there is none where one should be."""
    if signal.where is not None and not signal.where(facts):
        return None
    if signal.path is None:
        return 1
    found = find(event.properties, signal.path)
    if signal.text:
        return limits.clip(found, limits.VALUE_BYTES) if isinstance(found, str) else None
    return measured(found)


def _taken_in(draft: UserState, held: Kept | None, asked: list[tuple[KeepPlan, Value]], at: float, definitions: Definitions) -> Kept:
    kept = copy(held) if held is not None else Kept()
    for plan, value in asked:
        if is_kept(kept, plan) or has_room(kept, definitions.kept):
            keep(kept, plan, at, value)
        else:
            ignore(draft, "values")
    return kept


def _raise_levels(draft: UserState, signal: SignalPlan, at: float, value: Number, definitions: Definitions) -> None:
    draft.levels = dict(draft.levels)
    for level in signal.levels:
        held = draft.levels.get(level.name)
        if held is None and not limits.has_room(draft.levels, limits.LEVELS, definitions.levels):
            ignore(draft, "levels")
            continue
        draft.levels[level.name] = joined(held, level.take, value, at, level.half_life)
