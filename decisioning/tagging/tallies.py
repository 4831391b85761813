"""Sums and windows of a draft state, kept under their limits. A draft is the fold's own copy of a state, not yet shown to anyone."""

from __future__ import annotations

from decisioning.tagging import limits
from decisioning.tagging.definitions import Definitions
from decisioning.tagging.numbers import Number, plus
from decisioning.tagging.state import UserState
from decisioning.tagging.windows import Window, added


def tally(draft: UserState, sums: dict[str, Number], key: str, value: Number, definitions: Definitions) -> None:
    """Add to a sum, in place."""
    held = sums.get(key)
    if held is not None:
        sums[key] = plus(held, value)
    elif limits.has_room(sums, limits.TALLIES, definitions.tallies):
        sums[key] = value
    else:
        ignore(draft, "totals")


def count(draft: UserState, key: str, window: Window, at: float, value: Number, definitions: Definitions) -> None:
    """Add to a window."""
    held = draft.windows.get(key, {})
    buckets = held.get(window.seconds)
    if buckets is None and sum(map(len, draft.windows.values())) >= limits.WINDOWS:
        draft.windows = {name: lengths for name, lengths in draft.windows.items() if name in definitions.tallies}
        if sum(map(len, draft.windows.values())) >= limits.WINDOWS:
            ignore(draft, "windows")
            return
    draft.windows = {**draft.windows, key: {**held, window.seconds: added(buckets, window, at, value)}}


def ignore(draft: UserState, kind: str, times: int = 1) -> None:
    """Count what a limit turned away."""
    draft.ignored = {**draft.ignored, kind: draft.ignored.get(kind, 0) + times}
