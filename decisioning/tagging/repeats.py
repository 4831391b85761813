"""Count tags: whether an event has come often enough within its time.

Up to 20 repeats the exact times are kept and "within 7d" is exact; above that buckets, which reach back up to a 60th further. A late event
counts where it belongs, and whether there are enough is decided as of the newest.
"""

from __future__ import annotations

from decisioning.tagging import limits, windows
from decisioning.tagging.definitions import Definitions, RepeatPlan
from decisioning.tagging.state import UserState
from decisioning.tagging.tallies import count, ignore, tally


def reached(draft: UserState, tag: str, repeat: RepeatPlan, at: float, definitions: Definitions) -> float | None:
    """The time of the newest repeat once there are enough, None while there are too few."""
    if repeat.exact:
        return _by_times(draft, tag, repeat, at, definitions)
    if repeat.window is None:
        draft.totals = dict(draft.totals)
        tally(draft, draft.totals, repeat.tally, 1, definitions)
        return at if draft.totals.get(repeat.tally, 0) >= repeat.at_least else None
    count(draft, repeat.tally, repeat.window, at, 1, definitions)
    buckets = draft.windows.get(repeat.tally, {}).get(repeat.window.seconds)
    newest = max(at, windows.newest(buckets, repeat.window)) if buckets else at
    return newest if windows.total(buckets, repeat.window, newest) >= repeat.at_least else None


def _by_times(draft: UserState, tag: str, repeat: RepeatPlan, at: float, definitions: Definitions) -> float | None:
    held = draft.progress.get(tag, [])
    draft.progress = dict(draft.progress)
    if not held and not limits.has_room(draft.progress, limits.PROGRESS, definitions.tags):
        ignore(draft, "progress")
        return None
    times = sorted([*held, at])[-repeat.at_least :]
    if repeat.within is not None:
        times = [time for time in times if time >= times[-1] - repeat.within]
    draft.progress[tag] = times
    return times[-1] if len(times) == repeat.at_least else None
