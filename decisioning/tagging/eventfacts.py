"""What the `where` of a signal or tag reads: the event's own properties, context and time, and the user's traits."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from decisioning.tagging.event import Event
from decisioning.tagging.paths import find
from decisioning.tagging.state import UserState
from decisioning.tagging.times import happened
from decisioning.tagging.traits import legible, told
from rules.engine.clock import zone


class EventFacts:
    """`properties.<path>`, `context.<path>`, and `traits.<path>`: as this event tells it, else as the state has it (this event in it).

    `time.now` is when the event happened, `user.timezone` what its context or the user's trait `timezone` names.
    """

    __slots__ = ("_event", "_state")

    def __init__(self, event: Event, state: UserState) -> None:
        self._event = event
        self._state = state

    def get(self, name: str, default: Any = None) -> Any:
        kind, _, path = name.partition(".")
        if kind == "properties":
            value = find(self._event.properties, path)
        elif kind == "context":
            value = find(self._event.context, path)
        elif kind == "traits":
            value = legible(find(self._event.traits, path)) if self._event.traits else None
            if value is None:
                value = told(self._state.traits, path)
        elif name == "time.now":
            value = datetime.fromtimestamp(happened(self._event), UTC)
        elif name == "user.timezone":
            told_of = (find(self._event.context, "timezone"), self.get("traits.timezone"))
            value = next((one for one in told_of if isinstance(one, str) and zone(one) is not None), None)
        else:
            value = None
        return default if value is None else value
