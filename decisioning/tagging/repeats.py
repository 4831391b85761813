"""Whether an event has come often enough within its time, or what it adds up to is enough.

Up to 20 repeats the exact times are kept and "within 7d" is exact; above that, and for sums, buckets, which reach back up to a 60th
further. A late event counts where it belongs, and whether there is enough is decided as of the newest.
"""

from __future__ import annotations

from bisect import bisect_left

from decisioning.tagging import limits, windows
from decisioning.tagging.definitions import Definitions
from decisioning.tagging.event import Event
from decisioning.tagging.numbers import Number, measured
from decisioning.tagging.paths import find
from decisioning.tagging.state import UserState
from decisioning.tagging.tagplans import RepeatPlan
from decisioning.tagging.tallies import count, ignore, tally


def counted(repeat: RepeatPlan, event: Event) -> Number | None:
    """What the event adds: 1, or the number it adds up by; None where there is none."""
    return 1 if repeat.path is None else measured(find(event.properties, repeat.path))


def reached(draft: UserState, repeat: RepeatPlan, event: Event, at: float, definitions: Definitions) -> float | None:
    """The time of the newest repeat once there is enough, None while there is too little."""
    newest = added(draft, repeat, event, at, definitions)
    if newest is None:
        return None
    # The times just kept are those within reach of the newest.
    enough = len(draft.progress[repeat.name]) if repeat.exact else amount(draft, repeat, newest)
    return newest if enough >= repeat.at_least else None


def added(draft: UserState, repeat: RepeatPlan, event: Event, at: float, definitions: Definitions) -> float | None:
    """Counts the event. The time of the newest repeat; None where this one can't be counted."""
    value = counted(repeat, event)
    if value is None:
        return None
    if repeat.exact:
        return _add_time(draft, repeat, at, definitions)
    if repeat.window is None:
        draft.totals = dict(draft.totals)
        tally(draft, draft.totals, repeat.tally, value, definitions)
        return at
    count(draft, repeat.tally, repeat.window, at, value, definitions)
    newest = last(draft, repeat)
    return at if newest is None else max(at, newest)


def amount(state: UserState, repeat: RepeatPlan, now: float) -> Number:
    """How much there is as of `now`, a time not before the newest repeat."""
    if repeat.exact:
        times = state.progress.get(repeat.name, [])
        return len(times) - (bisect_left(times, now - repeat.within) if repeat.within is not None else 0)
    if repeat.window is None:
        return state.totals.get(repeat.tally, 0)
    return windows.total(_buckets(state, repeat), repeat.window, now)


def last(state: UserState, repeat: RepeatPlan) -> float | None:
    """When the newest repeat came, as far as that is known."""
    if repeat.exact:
        times = state.progress.get(repeat.name)
        return times[-1] if times else None
    buckets = _buckets(state, repeat)
    return windows.newest(buckets, repeat.window) if buckets and repeat.window else None


def _buckets(state: UserState, repeat: RepeatPlan) -> windows.Buckets | None:
    return state.windows.get(repeat.tally, {}).get(repeat.window.seconds) if repeat.window else None


def _add_time(draft: UserState, repeat: RepeatPlan, at: float, definitions: Definitions) -> float | None:
    held = draft.progress.get(repeat.name, [])
    draft.progress = dict(draft.progress)
    if not held and not limits.has_room(draft.progress, limits.PROGRESS, definitions.progress):
        ignore(draft, "progress")
        return None
    times = sorted([*held, at])[-int(repeat.at_least) :]
    if repeat.within is not None and times[0] < (oldest := times[-1] - repeat.within):
        times = [time for time in times if time >= oldest]
    draft.progress[repeat.name] = times
    return times[-1]
