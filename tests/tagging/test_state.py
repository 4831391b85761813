"""A user's state as bytes."""

from __future__ import annotations

import msgspec
import pytest

from decisioning.tagging import BrokenState, UnknownStateSchema, decode_state, encode_state, fold, new_state
from tests.tagging.building import DAY, defined, event, folded, identify, value

SHOP = defined(
    "counts.views.1h",
    "counts.seconds.7d",
    signals=[
        {"key": "views", "event": "Product Viewed"},
        {"key": "seconds", "event": "Product Viewed", "value": "properties.seconds"},
    ],
    tags=[
        {"key": "buyer", "ttl": "7d", "assign": {"event": "Order Completed"}},
        {"key": "cart", "assign": {"event": "Product Added"}, "remove": {"event": "Order Completed"}},
        {"key": "fan", "ttl": "30d", "assign": {"event": "Product Viewed", "count": {"at_least": 3, "within": "7d"}}},
        {"key": "regular", "assign": {"event": "Product Viewed", "count": {"at_least": 50}}},
        {"key": "heavy", "assign": {"event": "Product Viewed", "count": {"at_least": 50, "within": "7d"}}},
    ],
    scores=[{"key": "intent", "terms": [{"signal": "seconds"}, {"signal": "views"}], "half_life": "10m"}],
)
EVENTS = [
    identify(0, name="Ada", tags=["a", {"b": None}]),
    event("Page Viewed", 1, properties={"path": "/p/1"}, session="s-1"),
    *(event("Product Viewed", at, properties={"seconds": at / 3}) for at in range(2, 9)),
    event("Product Added", 10),
    event("Order Completed", 11),
]


def test_a_state_survives_being_bytes():
    state = folded(SHOP, EVENTS)

    assert decode_state(encode_state(state)) == state
    assert decode_state(encode_state(new_state())) == new_state()


def test_folding_on_from_bytes_is_folding_on():
    state = folded(SHOP, EVENTS[:6])

    assert folded(SHOP, EVENTS[6:], decode_state(encode_state(state))) == folded(SHOP, EVENTS[6:], state)


def test_a_typical_state_is_under_a_kilobyte():
    assert len(encode_state(folded(SHOP, EVENTS))) < 700


def test_a_state_of_another_schema_is_refused_by_name():
    for foreign in ([99], [99, "something", {"else": 1}], [2, *msgspec.to_builtins(new_state())[1:]]):
        with pytest.raises(UnknownStateSchema):
            decode_state(msgspec.msgpack.encode(foreign))


BROKEN = [b"", b"\xff", b"{}", msgspec.msgpack.encode({"schema": 1}), msgspec.msgpack.encode([1, "no number"]), b"\x93\x01\x02\x91\xa1\xff"]


@pytest.mark.parametrize("data", BROKEN)
def test_bytes_that_are_no_state_are_refused_by_name(data):
    with pytest.raises(BrokenState):
        decode_state(data)


def test_a_state_with_fields_added_later_is_read_and_one_without_them_too():
    fields = msgspec.to_builtins(folded(SHOP, EVENTS[:3]), builtin_types=[bytes])

    assert decode_state(msgspec.msgpack.encode([*fields, "new"])).revision == 3
    assert decode_state(msgspec.msgpack.encode(fields[:6])).revision == 3


def test_folding_never_changes_the_state_it_was_given():
    state = new_state()
    for item in [*EVENTS, event("Product Viewed", 20 * DAY, properties={"seconds": 1})]:
        before = encode_state(state)
        after = fold(SHOP, state, item).state
        assert encode_state(state) == before
        state = after


def test_what_ran_out_is_forgotten_when_a_session_begins():
    returned = folded(SHOP, [*EVENTS, event("Anything", 20 * DAY)])

    assert (returned.windows, returned.levels, list(returned.totals)) == ({}, {}, ["views", "seconds", "#regular"])


def test_a_level_that_is_zero_but_young_is_kept_for_it_says_what_came_last():
    score = {"key": "last", "half_life": "10m", "terms": [{"signal": "seconds", "take": "last"}]}
    definitions = defined(signals=[{"key": "seconds", "event": "Dwelled", "value": "properties.seconds"}], scores=[score])
    zero, new_session = event("Dwelled", 1, properties={"seconds": 0}), event("Anything", 2_000)
    older = event("Dwelled", 0, received=2_000, properties={"seconds": 9})

    assert value(definitions, [zero, new_session, older], "scores.last", 2_000) == 0


def test_what_has_not_run_out_is_kept_when_a_session_begins():
    returned = folded(SHOP, [*EVENTS, event("Anything", 3 * 3_600)])

    assert {signal: list(lengths) for signal, lengths in returned.windows.items()} == {"seconds": [7 * 86_400], "#heavy": [7 * 86_400]}
    assert list(returned.levels) == ["views|sum|600", "seconds|sum|600"]
