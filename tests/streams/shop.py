"""A small shop's events and tagging, and the plain fold that every consumer must agree with."""

from __future__ import annotations

import random
from collections.abc import Iterable

import msgspec

from decisioning import keys
from decisioning.tagging import Definitions, Folded, UserState, compile_definitions, encode_state, fold, new_state
from decisioning.tagging.event import Event
from rules.engine import parse_workspace

WORKSPACE = "shop"
START = 1_700_000_000.0
DEFINITIONS = compile_definitions(
    parse_workspace(
        {
            "schema": 1,
            "workspace": {"key": WORKSPACE},
            "signals": [
                {"key": "views", "event": "Product Viewed"},
                {"key": "dwell", "event": "Page Dwelled", "value": "properties.seconds"},
            ],
            "tags": [
                {"key": "buyer", "ttl": "7d", "assign": {"event": "Order Completed"}},
                {"key": "keen", "ttl": "1d", "assign": {"event": "Product Viewed", "count": {"at_least": 3, "within": "1h"}}},
            ],
            "scores": [
                {"key": "intent", "half_life": "10m", "terms": [{"signal": "views", "weight": 0.3}, {"signal": "dwell", "per": 60}]}
            ],
        }
    ),
    ["counts.views.1h"],
)
NAMES = ("Product Viewed", "Page Dwelled", "Order Completed")


def before_it_all() -> float:
    """A clock by which nothing is due yet: these events are of long ago, and the worker's clock would fire everything at once."""
    return 0.0


def definitions(workspace: str) -> Definitions:
    assert workspace == WORKSPACE
    return DEFINITIONS


def event(user: str = "alice", number: int = 0, *, name: str = NAMES[0], at: float | None = None) -> Event:
    when = START + number if at is None else at
    return Event(
        WORKSPACE,
        f"u:{user}",
        f"{user}-{number}",
        "track",
        name,
        when,
        when,
        properties={"seconds": number % 40},
        session=f"s-{number // 50}",
    )


def traffic(count: int, *, users: int, repeated: float, seed: int = 7) -> list[Event]:
    """Events of many users, mixed, some of them sent twice."""
    draw = random.Random(seed)
    numbers = dict.fromkeys(range(users), 0)
    sent: list[Event] = []
    while len(sent) < count:
        if sent and draw.random() < repeated:
            sent.append(draw.choice(sent[-200:]))
            continue
        user = draw.randrange(users)
        numbers[user] += 1
        sent.append(event(f"user{user}", numbers[user], name=draw.choice(NAMES)))
    return sent


TOLD = "u:the-till"
"""A user who is told of everybody's referrals."""


def telling_fold(definitions: Definitions, state: UserState, event: Event) -> Folded:
    """The fold, where a referral is also a message for another user."""
    result = fold(definitions, state, event)
    if result.outcome != "applied" or event.name != "Referred":
        return result
    message = msgspec.structs.replace(event, user=TOLD, message_id=f"{event.message_id}>till", name="$referral")
    return msgspec.structs.replace(result, messages=[message])


def folded(events: Iterable[Event]) -> dict[str, bytes]:
    """The final states by their key in Redis, from nothing but a loop."""
    states = {}
    for each in events:
        key = keys.state_key(each.workspace, each.user)
        states[key] = fold(DEFINITIONS, states.get(key) or new_state(), each).state
    return {key: encode_state(state) for key, state in states.items()}
