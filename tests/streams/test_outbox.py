"""Messages for other users: written with the state they come from, brought to their partition, and counted once there."""

from __future__ import annotations

import signal
import time

import pytest
from django.conf import settings

from decisioning import keys
from decisioning.streams import batch, commit, log, outbox
from decisioning.streams.batch import Batch
from decisioning.streams.lease import Leases
from decisioning.streams.log import LogUnavailable
from decisioning.streams.outbox import Outbox
from decisioning.tagging import Folded, decode_state, encode_state, new_state
from decisioning.tagging.event import encode_event
from tests.streams import shop
from tests.streams.conftest import eventually, quiet

TILL = keys.state_key(shop.WORKSPACE, shop.TOLD)
EVERY = range(settings.PARTITIONS)


def referral(number):
    return shop.event(f"user{number % 40}", number, name="Referred")


def message(number):
    return shop.event(shop.TOLD.removeprefix("u:"), number, name="$referral")


def left(client):
    return sum(client.xlen(keys.outbox_key(p)) for p in EVERY)


def told(client):
    stored = client.get(TILL)
    return decode_state(stored).revision if stored else 0


@pytest.fixture
def held(client):
    """Partitions of a worker that the test plays."""
    leases = Leases(client, "one", settings.PARTITIONS)
    leases.tick()
    return leases.held


def left_behind(client, held, numbers):
    """Messages that an owner wrote together with a state and had no time to pass on."""
    for number in numbers:
        each = held[number % settings.PARTITIONS]
        calls = {each.partition: commit.apply(each, Batch(messages=[encode_event(message(number))]), last=f"{number + 1}-0", consumed=0)}
        written, failure = commit.send(client, calls)
        assert (failure, written[each.partition].outcome) == (None, "ok")
        each.offset = f"{number + 1}-0"


def test_a_message_of_a_fold_reaches_its_user(client, new_consumer, monkeypatch):
    monkeypatch.setattr(batch, "fold", shop.telling_fold)
    log.append(client, [referral(number) for number in range(60)])
    consumer = new_consumer()
    consumer.step()
    consumer.step()

    assert (told(client), left(client)) == (60, 0)


def test_a_message_is_written_only_if_its_users_state_is(client, new_consumer, monkeypatch):
    """A fold that gives messages and then a state that can't be written."""

    def telling(definitions, state, event):
        result = shop.telling_fold(definitions, state, event)
        result.state.page = object()
        return result

    monkeypatch.setattr(batch, "fold", telling)
    log.append(client, [referral(1)])
    consumer = new_consumer()
    consumer.step()
    consumer.step(1)

    assert (told(client), log.stats(client)["dead"], log.stats(client)["applied"]) == (0, 1, 0)


def test_replaying_the_same_log_changes_nothing(client, new_consumer, monkeypatch):
    monkeypatch.setattr(batch, "fold", shop.telling_fold)
    events = [referral(number) for number in range(30)] + shop.traffic(300, users=20, repeated=0.05)
    log.append(client, events)
    consumer = new_consumer()
    while not quiet(client):
        consumer.step(1)
    before = {key: client.get(key) for key in client.scan_iter("*:state:*")}
    log.append(client, events)
    client.delete(*(keys.offset_key(p) for p in EVERY))
    again = new_consumer()
    consumer.stop()
    client.delete(keys.WORKERS, *(keys.lease_key(p) for p in EVERY))
    while not quiet(client):
        again.step(1)

    assert {key: client.get(key) for key in client.scan_iter("*:state:*")} == before
    assert told(client) == 30


def test_who_takes_a_partition_over_passes_on_what_was_left(client, held, new_consumer):
    left_behind(client, held, range(100))
    client.delete(keys.WORKERS, *(keys.lease_key(p) for p in EVERY))
    consumer = new_consumer()
    consumer.step(1)
    consumer.step()

    assert (told(client), left(client)) == (100, 0)


def test_messages_wait_while_the_log_refuses_and_it_is_not_asked_again_before_its_time(client, held):
    left_behind(client, held, [0, 1])
    asked, refusals = [], [LogUnavailable("full", 60), LogUnavailable("full", 0)]

    def append(events):
        asked.append(len(events))
        if refusals:
            raise refusals.pop(0)

    patient = Outbox(client, append)
    assert (patient.relay(held.values()), patient.relay(held.values()), asked, left(client)) == (0, 0, [2], 2)

    willing = Outbox(client, append)
    assert (willing.relay(held.values()), willing.relay(held.values()), asked, left(client)) == (0, 2, [2, 2, 2], 0)


def test_an_outbox_seen_empty_is_not_looked_at_again_before_something_is_added(client, held):
    asked = []
    relaying = Outbox(client, asked.extend)
    relaying.relay(held.values())
    left_behind(client, held, [3])
    assert relaying.relay(held.values()) == 0

    relaying.added(3)
    assert relaying.relay(held.values()) == 1
    assert asked == [message(3)]


def test_more_messages_than_one_trip_takes_are_sent_in_several(client, held):
    each = held[0]
    many = Batch(messages=[encode_event(message(number)) for number in range(outbox.COUNT + 20)])
    commit.send(client, {0: commit.apply(each, many, last="1-0", consumed=0)})
    asked = []
    relaying = Outbox(client, asked.extend)

    assert [relaying.relay([each]) for _ in range(3)] == [outbox.COUNT, 20, 0]
    assert asked == [message(number) for number in range(outbox.COUNT + 20)]


def test_what_is_no_message_is_set_aside_and_the_others_go_on(client, held):
    client.xadd(keys.outbox_key(0), {"e": b"\xc1 not msgpack"})
    left_behind(client, held, [0])
    asked = []

    assert Outbox(client, asked.extend).relay(held.values()) == 1
    assert (asked, left(client)) == ([message(0)], 0)
    [(_, fields)] = client.xrange(keys.dead_key(0))
    assert fields[b"e"] == b"\xc1 not msgpack"
    assert fields[b"reason"].startswith(b"message: DecodeError")


@pytest.mark.parametrize(("dies", "repeated"), [("before forget", 200), ("after forget", 0)])
def test_messages_count_once_though_who_passes_them_on_is_killed(client, held, new_worker, dies, repeated):
    left_behind(client, held, range(200))
    client.delete(keys.WORKERS, *(keys.lease_key(p) for p in EVERY))
    assert new_worker(dies).wait(20) == -signal.SIGKILL
    assert left(client) == repeated
    new_worker()

    eventually(lambda: quiet(client), seconds=20)
    assert told(client) == 200
    assert log.stats(client) == {"applied": 200, "duplicate": repeated, "late": 0, "dead": 0}


def test_killed_workers_lose_no_message_and_count_none_twice(client, new_worker):
    workers = [new_worker(), new_worker()]
    for number in range(1_500):
        if number in (300, 700, 1_100):
            workers.pop(0).kill()
            workers.append(new_worker())
        log.append(client, [referral(number)])
        time.sleep(0.001)
    eventually(lambda: quiet(client), seconds=20)

    assert told(client) == 1_500


def test_a_fold_that_forgets_a_user_removes_the_state_and_the_timer(client, new_consumer, monkeypatch):
    alice = keys.state_key(shop.WORKSPACE, "u:alice")
    partition = keys.partition_of(shop.WORKSPACE, "u:alice")
    state = new_state()
    state.revision, state.timers = 1, {"away": shop.START}
    client.set(alice, encode_state(state))
    client.zadd(keys.timers_key(partition), {alice: shop.START})
    monkeypatch.setattr(batch, "fold", lambda definitions, state, event: Folded(new_state(), "applied"))
    log.append(client, [shop.event("alice", 1)])
    new_consumer().step(1, now=0)

    assert (client.exists(alice), client.zcard(keys.timers_key(partition))) == (0, 0)
