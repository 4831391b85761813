"""The signals of one event: read off it, and added to totals, the session's sums, windows, the levels of scores, and what names ask for."""

from __future__ import annotations

from copy import copy

from msgspec.structs import replace

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
from decisioning.tagging.state import UserState
from decisioning.tagging.tallies import count, ignore, tally


def measure(
    draft: UserState, signals: list[SignalPlan], event: Event, at: float, in_session: bool, definitions: Definitions
) -> list[Sample]:
    """Returns the values that adaptive thresholds watch."""
    facts = EventFacts(event, draft)
    read = [(signal, value) for signal in signals if (value := _value(signal, event, facts)) is not None]
    if not read:
        return []
    draft.totals = dict(draft.totals)
    session = draft.session if in_session else None
    sums = dict(session.sums) if session else {}
    for signal, told in read:
        value = 1 if isinstance(told, str) else told
        tally(draft, draft.totals, signal.key, value, definitions)
        if session:
            tally(draft, sums, signal.key, value, definitions)
        for window in signal.windows:
            count(draft, signal.key, window, at, value, definitions)
        if signal.levels:
            _raise_levels(draft, signal, at, value, definitions)
    if session:
        draft.session = replace(session, sums=sums)
    _keep(draft, [(plan, told) for signal, told in read for plan in signal.keeps], at, in_session, definitions)
    return [(name, told) for signal, told in read if not isinstance(told, str) for name in signal.watched]


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


def _keep(draft: UserState, asked: list[tuple[KeepPlan, Value]], at: float, in_session: bool, definitions: Definitions) -> None:
    """What names ask for: of the session in it, everything else with the user."""
    of_user = [(plan, value) for plan, value in asked if not plan.span.of_session]
    of_session = [(plan, value) for plan, value in asked if plan.span.of_session]
    if of_user:
        draft.kept = _taken_in(draft, draft.kept, of_user, at, definitions)
    if of_session and in_session and draft.session is not None:
        draft.session = replace(draft.session, kept=_taken_in(draft, draft.session.kept, of_session, at, definitions))


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
