"""What these tests are made of: a workspace of a few definitions, events of one user at given seconds, and folding them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import count
from typing import Any

from decisioning.tagging import Definitions, Facts, UserState, compile_definitions, facts, fold, new_state
from decisioning.tagging.event import Event
from rules.engine import parse_workspace

START = datetime(2026, 11, 21, 10, 0, tzinfo=UTC).timestamp()
MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0

_numbers = count()


def defined(*names: str, **parts: Any) -> Definitions:
    """The definitions of a workspace document with these parts, keeping the windows that `names` ask for. No event is too late for them."""
    return compile_definitions(parse_workspace({"workspace": {"key": "shop"}, **parts}), names, lateness=1e12)


def event(name: str, at: float = 0.0, /, *, properties: dict[str, Any] | None = None, **told: Any) -> Event:
    """An event `at` seconds after START, received when it happened unless `received` says how long after START."""
    received = START + told.pop("received", at)
    message_id = told.pop("message_id", None) or f"message-{next(_numbers)}"
    kind = {"Identified": "identify", "Page Viewed": "page", "Grouped": "group"}.get(name, "track")
    return Event("shop", told.pop("user", "u:alice"), message_id, kind, name, START + at, received, properties or {}, **told)


def identify(at: float = 0.0, /, **traits: Any) -> Event:
    return event("Identified", at, traits=traits)


def folded(definitions: Definitions, events: Iterable[Event], state: UserState | None = None) -> UserState:
    state = state or new_state()
    for item in events:
        state = fold(definitions, state, item).state
    return state


def seen(definitions: Definitions, state: UserState, after: float = 0.0, **told: Any) -> Facts:
    """The facts `after` seconds from START."""
    return facts(definitions, state, now=START + after, context=told.pop("context", {}), **told)


def value(definitions: Definitions, events: Iterable[Event], name: str, after: float = 0.0, **told: Any) -> Any:
    """What a condition reads under `name` once the events are folded; `missing` where there is nothing."""
    return seen(definitions, folded(definitions, events), after, **told).get(name, "missing")


def where(name: str, operator: str, operand: Any) -> dict[str, Any]:
    return {"all": [{"name": name, "operator": operator, "value": operand}]}
