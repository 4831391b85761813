"""What happens to a user by the mere passing of time: each timer fires once, as of the moment it was due, however late it is looked at."""

from __future__ import annotations

from copy import copy

from decisioning.tagging.changes import Change
from decisioning.tagging.definitions import Definitions
from decisioning.tagging.event import Event
from decisioning.tagging.folded import Folded
from decisioning.tagging.state import UserState


def due(state: UserState) -> float | None:
    """When this user must be looked at next, in seconds since the epoch; None when nothing waits."""
    return min(state.timers.values(), default=None)


def advance(definitions: Definitions, state: UserState, now: float) -> Folded:
    """The state once everything due by `now` has happened, in the order of the times; the very same state where nothing was due."""
    first = due(state)
    if first is None or first > now:
        return Folded(state, "duplicate")
    draft = copy(state)
    changes: list[Change] = []
    messages: list[Event] = []
    while (first := due(draft)) is not None and first <= now:
        name = min(name for name, at in draft.timers.items() if at == first)
        draft.timers = {key: at for key, at in draft.timers.items() if key != name}
    return Folded(draft, "applied", changes, messages)
