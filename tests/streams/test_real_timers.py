"""States with real timers, of sequences and inactivity, equal a plain fold whenever workers look."""

from __future__ import annotations

import random

import pytest

from decisioning import keys
from decisioning.streams import log
from decisioning.tagging import advance, compile_definitions, encode_state, fold, new_state
from rules.engine import parse_workspace
from tests.streams import shop
from tests.streams.test_consumer import states

CARTS = compile_definitions(
    parse_workspace(
        {
            "schema": 1,
            "workspace": {"key": "shop"},
            "tags": [
                {
                    "key": "abandoned",
                    "ttl": "1h",
                    "assign": {"steps": [{"event": "Cart"}, {"event": "Order", "not": True}], "within": "30s"},
                },
                {"key": "gone", "ttl": "1h", "assign": {"event": "*", "inactive": "45s"}},
            ],
        }
    )
)


@pytest.mark.parametrize("seed", range(8))
def test_states_equal_a_plain_fold_whenever_workers_look(client, new_consumer, seed):
    draw = random.Random(seed)
    users = [f"user{number}" for number in range(12)]
    plain = {}
    consumer, now = new_consumer(definitions=lambda _: CARTS), shop.START
    for number in range(1, 250):
        now += draw.uniform(0, 5)
        if draw.random() < 0.6:
            event = shop.event(draw.choice(users), number, at=now, name=draw.choice(["Cart", "Order", "View"]))
            log.append(client, [event])
            key = keys.state_key(event.workspace, event.user)
            plain[key] = fold(CARTS, plain.get(key) or new_state(), event).state
        if draw.random() < 0.3:
            consumer.step(1, now=now)
    consumer.step(1, now=now + 1)
    consumer.step(1, now=now + 2)
    want = {key: encode_state(advance(CARTS, state, now + 1).state) for key, state in plain.items()}
    got = states(client)
    assert got == want
