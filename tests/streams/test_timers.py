"""Timers: fired once, as a plain fold would, after the events from before them, whoever is killed meanwhile."""

from __future__ import annotations

import random
import signal

import pytest
from django.conf import settings

from decisioning import keys
from decisioning.streams import log, timers
from decisioning.tagging import advance, decode_state, due, encode_state, fold, new_state
from tests.streams import shop
from tests.streams.conftest import eventually
from tests.streams.test_consumer import states

ALICE = keys.partition_of(shop.WORKSPACE, "u:alice")
STATE = keys.state_key(shop.WORKSPACE, "u:alice")
DUE = shop.START + 60


def waits(client, user="alice", *, timer=DUE, looked_at=None):
    """A user with a timer, as the atomic step leaves one. Returns the key of the state."""
    key = keys.state_key(shop.WORKSPACE, f"u:{user}")
    state = fold(shop.DEFINITIONS, new_state(), shop.event(user, 0)).state
    state.timers = {"away": timer}
    client.set(key, encode_state(state))
    client.zadd(keys.timers_key(keys.partition_of(shop.WORKSPACE, f"u:{user}")), {key: looked_at or timer})
    return key


def neighbours(count):
    """So many users of alice's partition."""
    return [name for name in map(str, range(count * 40)) if keys.partition_of(shop.WORKSPACE, f"u:{name}") == ALICE][:count]


def waiting(client, key=STATE):
    return decode_state(client.get(key)).timers


def score(client, key=STATE):
    return client.zscore(keys.timers_key(ALICE), key)


def fired(client):
    return log.stats(client).get("timers", 0)


def test_a_timer_fires_a_second_after_it_is_due_and_not_before(client, new_consumer):
    waits(client)
    consumer = new_consumer()
    consumer.step(1, now=DUE + timers.GRACE - 0.25)
    assert (fired(client), waiting(client)) == (0, {"away": DUE})

    consumer.step(1, now=DUE + timers.GRACE)
    assert (fired(client), waiting(client), score(client)) == (1, {}, None)
    assert consumer.stats()["timers"] == 1


def test_what_has_fired_equals_a_plain_advance_and_keeps_the_timers_that_are_not_due(client, new_consumer):
    waits(client)
    state = decode_state(client.get(STATE))
    state.timers = {"away": DUE, "later": DUE + 100.5}
    client.set(STATE, encode_state(state))
    new_consumer().step(1, now=DUE + 10)

    assert client.get(STATE) == encode_state(advance(shop.DEFINITIONS, state, DUE + 10 - timers.GRACE).state)
    assert score(client) == DUE + 100.5


def test_events_from_before_a_timer_are_folded_first_however_far_the_worker_is_behind(client, new_consumer):
    waits(client)
    log.append(client, [shop.event("alice", 1 + number / 100) for number in range(501)])
    consumer = new_consumer()
    consumer.step(1, now=DUE + 3600)
    assert (fired(client), waiting(client)) == (0, {"away": DUE})

    consumer.step(1, now=DUE + 3601)
    assert (decode_state(client.get(STATE)).revision, waiting(client), fired(client)) == (502, {}, 1)


def test_an_event_from_after_a_timer_has_fired_it_already(client, new_consumer):
    waits(client)
    log.append(client, [shop.event("alice", 61)])
    new_consumer().step(1, now=DUE + 3600)

    assert (waiting(client), fired(client), score(client)) == ({}, 0, None)


def test_a_timer_that_moved_on_is_armed_anew_when_it_is_looked_at(client, new_consumer):
    waits(client, timer=DUE + 100, looked_at=DUE)
    before = client.get(STATE)
    new_consumer().step(1, now=DUE + 10)

    assert (client.get(STATE), score(client), fired(client)) == (before, DUE + 100, 0)


def test_the_timer_of_a_user_who_is_gone_is_removed(client, new_consumer):
    waits(client)
    client.delete(STATE)
    new_consumer().step(1, now=DUE + 10)

    assert (client.exists(STATE), score(client)) == (0, None)


def test_a_state_that_cannot_be_read_hinders_no_other_timer_and_is_tried_again(client, new_consumer):
    (other,) = neighbours(1)
    waits(client)
    key = waits(client, other)
    client.set(STATE, b"broken")
    new_consumer().step(1, now=DUE + 10)

    assert (waiting(client, key), client.get(STATE)) == ({}, b"broken")
    assert score(client) == DUE + 10 - timers.GRACE + timers.BROKEN_SECONDS
    assert log.stats(client)["timer_errors"] == 1


def test_timers_wait_for_a_newer_worker_where_the_state_is_of_a_newer_schema(client, new_consumer):
    waits(client)
    newer = new_state()
    newer.schema = 99
    client.set(STATE, encode_state(newer))
    consumer = new_consumer()
    consumer.step(1, now=DUE + 10)

    assert score(client) == DUE
    assert ALICE not in consumer.stats()["owned"]


def test_a_round_fires_no_more_than_events_can_wait_for(client, new_consumer):
    users = neighbours(timers.COUNT + 50)
    for user in users:
        waits(client, user)
    consumer = new_consumer()
    consumer.step(1, now=DUE + 10)
    assert fired(client) == timers.COUNT
    log.append(client, [shop.event("alice", 1)])
    consumer.step(60_000, now=DUE + 10)

    assert (fired(client), client.exists(STATE)) == (len(users), 1)


def test_an_owner_that_lost_its_partition_fires_nothing(client, new_consumer):
    old, new = new_consumer(), new_consumer()
    old.step(1, now=0)
    client.delete(keys.WORKERS, *(keys.lease_key(p) for p in range(settings.PARTITIONS)))
    new.step(1, now=0)
    waits(client)
    old.step(1, now=DUE + 10)
    assert (fired(client), waiting(client)) == (0, {"away": DUE})

    new.step(1, now=DUE + 10)
    assert (fired(client), waiting(client)) == (1, {})


@pytest.mark.parametrize("dies", ["before settle", "amid settle", "after settle"])
def test_timers_fire_once_though_their_owner_is_killed(client, new_worker, dies):
    found = {waits(client, f"user{number}"): number for number in range(200)}
    expected = {key: encode_state(advance(shop.DEFINITIONS, decode_state(state), DUE).state) for key, state in states(client).items()}
    victim = new_worker(dies, now=DUE + 10)
    assert victim.wait(20) == -signal.SIGKILL
    assert fired(client) == {"before settle": 0, "after settle": len(found)}.get(dies, fired(client))
    new_worker(now=DUE + 10)

    eventually(lambda: not any(client.zcard(keys.timers_key(p)) for p in range(settings.PARTITIONS)), seconds=20)
    assert fired(client) == len(found)
    assert states(client) == expected


@pytest.mark.parametrize("seed", range(5))
def test_states_equal_a_plain_fold_whenever_workers_look(client, new_consumer, seed):
    """Events, users with timers, lagging and looking workers in random order: no timer is lost, doubled, or before its time."""
    draw = random.Random(seed)
    users = [f"user{number}" for number in range(12)]
    plain = {}
    for user in users:
        key = waits(client, user)
        state = decode_state(client.get(key))
        state.timers = {f"t{number}": shop.START + draw.uniform(1, 300) for number in range(5)}
        client.set(key, encode_state(state))
        client.zadd(keys.timers_key(keys.partition_of(shop.WORKSPACE, f"u:{user}")), {key: due(state)})
        plain[key] = state
    consumer, now = new_consumer(), shop.START
    for number in range(1, 120):
        now += draw.uniform(0, 5)
        if draw.random() < 0.6:
            event = shop.event(draw.choice(users), number, at=now)
            log.append(client, [event])
            key = keys.state_key(event.workspace, event.user)
            plain[key] = fold(shop.DEFINITIONS, plain[key], event).state
        if draw.random() < 0.3:
            consumer.step(1, now=now)
        for key, state in plain.items():
            stored = decode_state(client.get(key))
            looked_at = client.zscore(keys.timers_key(int(key[2 : key.index("}")])), key)
            assert due(stored) is None or looked_at <= due(stored)
            assert set(stored.timers) >= {name for name, at in state.timers.items() if at > now - timers.GRACE}
    consumer.step(1, now=now + 1)
    consumer.step(1, now=now + 2)

    assert states(client) == {key: encode_state(advance(shop.DEFINITIONS, state, now + 1).state) for key, state in plain.items()}
