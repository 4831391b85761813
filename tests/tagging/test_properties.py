"""What holds for any events: the same in, the same out; and, where fold.py says so, whatever the order of arrival."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decisioning.tagging import encode_state
from tests.tagging.building import defined, event, folded, seen, where

SHOP = defined(
    "counts.views.10m",
    "counts.seconds.1h",
    signals=[
        {"key": "views", "event": "View"},
        {"key": "seconds", "event": "View", "value": "properties.seconds", "where": where("properties.seconds", "less_than", 50)},
        {"key": "carts", "event": "Cart"},
    ],
    tags=[
        {"key": "looking", "ttl": "10m", "assign": {"event": "View"}},
        {"key": "cart", "assign": {"event": "Cart"}, "remove": {"event": "Order"}},
        {"key": "hot", "ttl": "1h", "assign": {"event": "Cart"}, "remove": {"event": "Order"}},
        {"key": "fan", "assign": {"event": "View", "count": {"at_least": 3, "within": "1h"}}},
    ],
    scores=[
        {"key": "faded", "half_life": "10m", "terms": [{"signal": "seconds", "take": take} for take in ("sum", "last", "max")]},
        {"key": "plain", "terms": [{"signal": "seconds", "take": take, "weight": 2} for take in ("sum", "last", "max")]},
    ],
)
INDEPENDENT = [
    "counts.views.10m", "counts.views.total", "counts.seconds.1h", "counts.seconds.total", "counts.carts.total",
    "scores.faded", "scores.plain", "traits.plan",
]  # fmt: skip

SPAN = 7_200
told = st.tuples(st.sampled_from(["View", "Cart", "Order", "Identified"]), st.integers(0, SPAN), st.integers(0, 60), st.sampled_from("abc"))


def an_event(kind: str, at: int, seconds: int, plan: str):
    """All received at the end, so that only the order in which they are folded differs."""
    traits = {"plan": plan} if kind == "Identified" else {}
    return event(kind, at, received=SPAN, properties={"seconds": seconds}, traits=traits, message_id=f"at {at}")


histories = st.lists(told, max_size=25, unique_by=lambda one: one[1]).map(lambda found: [an_event(*one) for one in found])


@given(histories)
def test_the_same_events_give_the_same_bytes(events):
    assert encode_state(folded(SHOP, events)) == encode_state(folded(SHOP, events))


@settings(max_examples=300, deadline=None)
@given(histories, st.randoms(use_true_random=False), st.integers(0, 4_000))
def test_the_order_of_arrival_does_not_matter_where_it_is_said_not_to(events, random, later):
    shuffled = list(events)
    random.shuffle(shuffled)
    one, other = folded(SHOP, events), folded(SHOP, shuffled)
    now = SPAN + later

    for name in INDEPENDENT:
        assert seen(SHOP, one, now).get(name) == pytest.approx(seen(SHOP, other, now).get(name), abs=1e-6)
    assert live(one, now) == live(other, now)


def live(state, now):
    return {key: state.tags[key].expires for key in seen(SHOP, state, now).get("tags") if key != "fan"}


@settings(deadline=None)
@given(histories, st.randoms(use_true_random=False))
def test_repeats_anywhere_change_nothing(events, random):
    repeated = list(events)
    for one in random.sample(events, len(events) // 2):
        repeated.insert(random.randint(repeated.index(one) + 1, len(repeated)), one)

    assert encode_state(folded(SHOP, repeated)) == encode_state(folded(SHOP, events))


@given(histories)
def test_every_new_event_raises_the_revision_by_one(events):
    assert folded(SHOP, events).revision == len(events)
