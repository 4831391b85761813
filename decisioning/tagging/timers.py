"""What happens to a user by the mere passing of time: each timer fires once, as of the moment it was due, however late it is looked at."""

from __future__ import annotations

from copy import copy

from decisioning.tagging import tags
from decisioning.tagging.changes import Change
from decisioning.tagging.definitions import Definitions
from decisioning.tagging.folded import Folded
from decisioning.tagging.permitted import shown
from decisioning.tagging.state import UserState


def due(state: UserState) -> float | None:
    """When this user must be looked at next, in seconds since the epoch; None when nothing waits."""
    return min(state.timers.values()) if state.timers else None


def advance(definitions: Definitions, state: UserState, now: float) -> Folded:
    """The state once everything due by `now` has happened, in the order of the times; the very same state where nothing was due.

    A timer that no live definition knows does nothing.
    """
    first = due(state)
    if first is None or first > now:
        return Folded(state, "duplicate")
    definitions, state = shown(definitions, state)
    draft = copy(state)
    changes: list[Change] = []
    while (first := due(draft)) is not None and first <= now:
        name = min(name for name, at in draft.timers.items() if at == first)
        _fire(draft, name, first, definitions, changes)
    return Folded(draft, "applied", changes)


def catch_up(draft: UserState, at: float, definitions: Definitions, changes: list[Change]) -> None:
    """Fires, in the order of their times, the timers that a late event set for a time already over, once an event of a later time comes."""
    while draft.overdue and (first := min(draft.overdue.values())) <= at:
        _fire(draft, min(name for name, over in draft.overdue.items() if over == first), first, definitions, changes)


def _fire(draft: UserState, name: str, at: float, definitions: Definitions, changes: list[Change]) -> None:
    draft.timers = {key: due for key, due in draft.timers.items() if key != name}
    if name in draft.overdue:
        draft.overdue = {key: over for key, over in draft.overdue.items() if key != name}
    plan = definitions.sequences.get(name)
    if plan is not None:
        tags.time_passed(draft, plan, at, definitions, changes)
