"""The functions inside Redis: what they refuse, what they write as one step, and how they come back when lost."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter

import pytest
from redis import Redis
from redis.exceptions import RedisError

from decisioning import keys
from decisioning import redis as clients
from decisioning.local.ports import HOST, free_port
from decisioning.streams import commit, functions
from decisioning.streams.batch import Batch, SetAside
from decisioning.streams.functions import Call
from decisioning.streams.lease import Held
from tests.streams.conftest import eventually

P = 3


@pytest.fixture(params=["valkey", "redis 7"])
def client(request, client):
    """The functions are for both: each test of them runs on the Valkey of the test run, and on a Redis 7 where one is installed."""
    return client if request.param == "valkey" else request.getfixturevalue("redis7")


@pytest.fixture(scope="module")
def redis7_server():
    binary = shutil.which("redis-server")
    if binary is None:
        pytest.skip("NOT RUN ON REDIS 7: no redis-server on the path (Debian and Ubuntu: apt-get install redis-server)")
    port = free_port()
    process = subprocess.Popen([binary, "--bind", HOST, "--port", str(port), "--save", ""], stdout=subprocess.DEVNULL)
    with Redis(connection_pool=clients.pool(f"redis://{HOST}:{port}/0", connect=1, answer=5, wait=5, size=8)) as client:
        eventually(lambda: answers(client))
        yield client
        client.connection_pool.disconnect()
    process.kill()
    process.wait()


@pytest.fixture
def redis7(redis7_server):
    redis7_server.flushall()
    return redis7_server


def answers(client):
    try:
        return client.ping()
    except RedisError:
        return False


@pytest.fixture
def fence(client):
    """The fence of a partition just taken."""
    return take(client, "one")[0]


def take(client, worker):
    return functions.call(client, "take", [keys.lease_key(P), *keys.progress_keys(P), keys.events_key(P)], [worker, 5000])


def held(fence, offset="0-0"):
    return Held(P, fence, offset, 0)


A, B = "{p3}:state:shop:u:a", "{p3}:state:shop:u:b"


def apply(client, fence, batch=None, *, read_from="0-0", to="5-1"):
    batch = batch or Batch(states={A: b"state"}, counts=Counter(applied=1, duplicate=1))
    return ask(client, commit.apply(held(fence, read_from), batch, last=to, consumed=2))


def settle(client, fence, batch, *, at="5-1"):
    return ask(client, commit.settle(held(fence, at), batch))


def ask(client, call):
    written, failure = commit.send(client, {P: call})
    assert failure is None
    return tuple(written[P])


def test_applying_writes_states_stats_and_offset(client, fence):
    assert apply(client, fence, Batch(states={A: b"A", B: b"B"}, counts=Counter(applied=1, whatever=3))) == ("ok", "5-1")

    assert client.mget(A, B) == [b"A", b"B"]
    assert client.get(keys.offset_key(P)) == b"5-1"
    stats = client.hgetall(keys.stats_key(P))
    assert int(stats.pop(b"last_applied_ms")) > 0
    assert stats == {b"applied": b"1", b"whatever": b"3", b"position": b"2"}


@pytest.mark.parametrize(("kind", "name"), [("set_aside", keys.dead_key), ("late", keys.late_key)])
def test_applying_keeps_what_is_set_aside_or_late_with_its_reason(client, fence, kind, name):
    apply(client, fence, Batch(**{kind: [SetAside("4-0", b"\xff", "not an event")]}))

    [(_, entry)] = client.xrange(name(P))
    assert entry == {b"id": b"4-0", b"e": b"\xff", b"reason": b"not an event"}


def test_applying_appends_messages_to_the_outbox_in_their_order(client, fence):
    apply(client, fence, Batch(messages=[b"one", b"two"]))

    assert [fields for _, fields in client.xrange(keys.outbox_key(P))] == [{b"e": b"one"}, {b"e": b"two"}]


def test_applying_moves_a_timer_only_to_an_earlier_time(client, fence):
    apply(client, fence, Batch(timers={A: 20.5, B: 20.5}), to="5-1")
    apply(client, fence, Batch(timers={A: 10.25, B: 30.0}), read_from="5-1", to="6-1")

    assert timers(client) == {A: 10.25, B: 20.5}


def test_a_state_of_no_bytes_is_removed_and_its_timer_with_it(client, fence):
    apply(client, fence, Batch(states={A: b"A", B: b"B"}, timers={A: 1.0, B: 2.0}), to="5-1")
    apply(client, fence, Batch(states={A: b""}), read_from="5-1", to="6-1")

    assert client.mget(A, B) == [None, b"B"]
    assert timers(client) == {B: 2.0}


def test_settling_sets_timers_exactly_and_leaves_the_offset(client, fence):
    apply(client, fence, Batch(states={A: b"A", B: b"B"}, timers={A: 1.0, B: 2.0}), to="5-1")
    settled = Batch(states={A: b"fired"}, timers={A: 30.0, B: None}, messages=[b"one"], counts=Counter(timers=1))

    assert settle(client, fence, settled) == ("ok", "5-1")
    assert client.mget(A, B) == [b"fired", b"B"]
    assert timers(client) == {A: 30.0}
    assert client.xlen(keys.outbox_key(P)) == 1
    assert client.hmget(keys.stats_key(P), "timers", "position") == [b"1", b"2"]
    assert client.get(keys.offset_key(P)) == b"5-1"


def test_settling_refuses_a_stale_fence_and_writes_nothing(client, fence):
    apply(client, fence, to="5-1")
    client.delete(keys.lease_key(P))
    take(client, "two")

    assert settle(client, fence, Batch(states={A: b"stale"}, timers={A: 1.0})) == ("fence", "5-1")
    assert client.get(A) == b"state"
    assert timers(client) == {}


def test_settling_refuses_where_events_were_applied_since_and_writes_nothing(client, fence):
    apply(client, fence, to="5-1")
    apply(client, fence, read_from="5-1", to="6-1")

    assert settle(client, fence, Batch(states={A: b"old"}, timers={A: 1.0}), at="5-1") == ("offset", "6-1")
    assert client.get(A) == b"state"
    assert timers(client) == {}


def timers(client):
    return {name.decode(): due for name, due in client.zrange(keys.timers_key(P), 0, -1, withscores=True)}


def test_applying_refuses_a_stale_fence_and_writes_nothing(client, fence):
    client.delete(keys.lease_key(P))
    newer = take(client, "two")[0]

    assert newer == fence + 1
    assert apply(client, fence) == ("fence", "0-0")
    assert client.exists(A, keys.offset_key(P), keys.stats_key(P)) == 0


def test_a_partition_that_has_an_owner_is_not_given_to_another(client, fence):
    assert take(client, "two") is None
    assert client.get(keys.lease_key(P)) == b"one"


def test_applying_refuses_where_the_fence_was_lost(client, fence):
    client.delete(keys.fence_key(P))

    assert apply(client, fence)[0] == "fence"


def test_applying_refuses_a_replayed_offset_and_says_how_far_it_is(client, fence):
    apply(client, fence, to="5-1")

    assert apply(client, fence, to="5-1", batch=Batch(states={A: b"again"})) == ("offset", "5-1")
    assert client.get(A) == b"state"


def test_applying_refuses_a_batch_that_leaves_a_gap(client, fence):
    apply(client, fence, to="5-1")

    assert apply(client, fence, read_from="7-0", to="9-0") == ("offset", "5-1")


@pytest.mark.parametrize(("stored", "to"), [("5-9", "5-10"), ("999-0", "1000-0"), ("1700000000000-7", "1700000000001-0")])
def test_offsets_are_compared_as_numbers(client, fence, stored, to):
    apply(client, fence, to=stored)

    assert apply(client, fence, read_from=stored, to=to) == ("ok", to)
    assert apply(client, fence, read_from=to, to=stored) == ("offset", to)


def test_functions_are_loaded_again_after_the_server_lost_them(client, fence):
    client.function_flush("SYNC")

    assert apply(client, fence)[0] == "ok"


def test_functions_lost_before_many_calls_are_loaded_again_and_each_call_is_made_once(client, fence):
    client.function_flush("SYNC")
    calls = [Call("beat", [keys.WORKERS, keys.LIMITS], [name, 5000, ""]) for name in ("b", "a")]

    assert functions.call_many(client, calls) == [[b"b", b""], [b"a", b"", b"b", b""]]


def test_one_refused_call_leaves_the_others_their_answers(client):
    client.set("wrong type", "text")
    replies = functions.call_many(client, [Call("beat", [name, keys.LIMITS], ["a", 5000, ""]) for name in ("wrong type", keys.WORKERS)])

    assert "WRONGTYPE" in str(replies[0])
    assert replies[1] == [b"a", b""]


def test_every_function_is_named_for_the_text_it_was_loaded_from(client):
    functions.load(client)

    (library,) = client.function_list(library=f"signpost_{functions.VERSION}")
    names = [name.decode() for name in _function_names(library)]
    assert len(names) == functions.SOURCE.count("redis.register_function")
    assert all(name.endswith(f"_{functions.VERSION}") for name in names)


def _function_names(library):
    described = dict(zip(library[::2], library[1::2], strict=True))
    return [dict(zip(function[::2], function[1::2], strict=True))[b"name"] for function in described[b"functions"]]
