"""The functions inside Redis: what they refuse, what they write as one step, and how they come back when lost."""

from __future__ import annotations

import pytest

from decisioning import keys
from decisioning.streams import functions
from decisioning.streams.functions import Call

P = 3


@pytest.fixture
def fence(client):
    """The fence of a partition just taken."""
    return take(client, "one")[0]


def take(client, worker):
    return functions.call(client, "take", [keys.lease_key(P), *keys.progress_keys(P), keys.events_key(P)], [worker, 5000])


def apply(client, fence, *, read_from="0-0", to="5-1", states=None, dead=()):
    states = states or {"{p3}:state:shop:u:a": b"state"}
    names = [*keys.progress_keys(P), keys.dead_key(P), *states]
    return functions.call(client, "apply", names, [fence, read_from, to, 2, 1, 1, len(states), *states.values(), *dead])


def test_applying_writes_states_stats_and_offset(client, fence):
    assert apply(client, fence, states={"{p3}:state:shop:u:a": b"A", "{p3}:state:shop:u:b": b"B"}) == [b"ok", b"5-1"]

    assert client.mget("{p3}:state:shop:u:a", "{p3}:state:shop:u:b") == [b"A", b"B"]
    assert client.get(keys.offset_key(P)) == b"5-1"
    stats = client.hgetall(keys.stats_key(P))
    assert int(stats.pop(b"last_applied_ms")) > 0
    assert stats == {b"applied": b"1", b"duplicate": b"1", b"position": b"2"}


def test_applying_keeps_what_is_set_aside_with_its_reason(client, fence):
    apply(client, fence, dead=["4-0", b"\xff", "not an event"])

    [(_, entry)] = client.xrange(keys.dead_key(P))
    assert entry == {b"id": b"4-0", b"e": b"\xff", b"reason": b"not an event"}
    assert client.hget(keys.stats_key(P), "dead") == b"1"


def test_applying_refuses_a_stale_fence_and_writes_nothing(client, fence):
    client.delete(keys.lease_key(P))
    newer = take(client, "two")[0]

    assert newer == fence + 1
    assert apply(client, fence) == [b"fence", b"0-0"]
    assert client.exists("{p3}:state:shop:u:a", keys.offset_key(P), keys.stats_key(P)) == 0


def test_a_partition_that_has_an_owner_is_not_given_to_another(client, fence):
    assert take(client, "two") is None
    assert client.get(keys.lease_key(P)) == b"one"


def test_applying_refuses_where_the_fence_was_lost(client, fence):
    client.delete(keys.fence_key(P))

    assert apply(client, fence)[0] == b"fence"


def test_applying_refuses_a_replayed_offset_and_says_how_far_it_is(client, fence):
    apply(client, fence, to="5-1")

    assert apply(client, fence, to="5-1", states={"{p3}:state:shop:u:a": b"again"}) == [b"offset", b"5-1"]
    assert client.get("{p3}:state:shop:u:a") == b"state"


def test_applying_refuses_a_batch_that_leaves_a_gap(client, fence):
    apply(client, fence, to="5-1")

    assert apply(client, fence, read_from="7-0", to="9-0") == [b"offset", b"5-1"]


@pytest.mark.parametrize(("stored", "to"), [("5-9", "5-10"), ("999-0", "1000-0"), ("1700000000000-7", "1700000000001-0")])
def test_offsets_are_compared_as_numbers(client, fence, stored, to):
    apply(client, fence, to=stored)

    assert apply(client, fence, read_from=stored, to=to) == [b"ok", to.encode()]
    assert apply(client, fence, read_from=to, to=stored) == [b"offset", to.encode()]


def test_functions_are_loaded_again_after_the_server_lost_them(client, fence):
    client.function_flush("SYNC")

    assert apply(client, fence)[0] == b"ok"


def test_functions_lost_before_many_calls_are_loaded_again_and_each_call_is_made_once(client, fence):
    client.function_flush("SYNC")
    calls = [Call("beat", [keys.WORKERS], [name, 5000]) for name in ("b", "a")]

    assert functions.call_many(client, calls) == [[b"b"], [b"a", b"b"]]


def test_one_refused_call_leaves_the_others_their_answers(client):
    client.set("wrong type", "text")
    replies = functions.call_many(client, [Call("beat", ["wrong type"], ["a", 5000]), Call("beat", [keys.WORKERS], ["a", 5000])])

    assert "WRONGTYPE" in str(replies[0])
    assert replies[1] == [b"a"]


def test_every_function_is_named_for_the_text_it_was_loaded_from(client):
    functions.load(client)

    (library,) = client.function_list(library=f"signpost_{functions.VERSION}")
    names = [name.decode() for name in _function_names(library)]
    assert len(names) == functions.SOURCE.count("redis.register_function")
    assert all(name.endswith(f"_{functions.VERSION}") for name in names)


def _function_names(library):
    described = dict(zip(library[::2], library[1::2], strict=True))
    return [dict(zip(function[::2], function[1::2], strict=True))[b"name"] for function in described[b"functions"]]
