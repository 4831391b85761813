"""The signals of one event: read off it, and added to totals, the session's sums, windows and the levels that scores add up."""

from __future__ import annotations

from msgspec.structs import replace

from decisioning.tagging import limits
from decisioning.tagging.decay import joined
from decisioning.tagging.definitions import Definitions, SignalPlan
from decisioning.tagging.event import Event
from decisioning.tagging.eventfacts import EventFacts
from decisioning.tagging.numbers import Number, measured
from decisioning.tagging.paths import find
from decisioning.tagging.state import UserState
from decisioning.tagging.tallies import count, ignore, tally


def measure(draft: UserState, signals: list[SignalPlan], event: Event, at: float, in_session: bool, definitions: Definitions) -> None:
    facts = EventFacts(event, draft)
    read = [(signal, value) for signal in signals if (value := _value(signal, event, facts)) is not None]
    if not read:
        return
    draft.totals = dict(draft.totals)
    session = draft.session if in_session else None
    sums = dict(session.sums) if session else {}
    for signal, value in read:
        tally(draft, draft.totals, signal.key, value, definitions)
        if session:
            tally(draft, sums, signal.key, value, definitions)
        for window in signal.windows:
            count(draft, signal.key, window, at, value, definitions)
        if signal.levels:
            _raise_levels(draft, signal, at, value, definitions)
    if session:
        draft.session = replace(session, sums=sums)


def _value(signal: SignalPlan, event: Event, facts: EventFacts) -> Number | None:
    """The signal's number in this event; None when its conditions don't hold or there is no number where one should be."""
    if signal.where is not None and not signal.where(facts):
        return None
    return 1 if signal.path is None else measured(find(event.properties, signal.path))


def _raise_levels(draft: UserState, signal: SignalPlan, at: float, value: Number, definitions: Definitions) -> None:
    draft.levels = dict(draft.levels)
    for level in signal.levels:
        held = draft.levels.get(level.name)
        if held is None and not limits.has_room(draft.levels, limits.LEVELS, definitions.levels):
            ignore(draft, "levels")
            continue
        draft.levels[level.name] = joined(held, level.take, value, at, level.half_life)
