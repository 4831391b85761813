"""What every event log must keep, in Redis Streams and in Kafka: order, one effect of each event, one owner of each partition."""

from __future__ import annotations

import signal
import threading
import time
from types import SimpleNamespace

import pytest
from django.conf import settings

from decisioning import keys
from decisioning.redis import UnsuitableServer
from decisioning.streams import functions, log
from decisioning.streams.bootstep import stream_stats
from decisioning.streams.port import CannotLimit
from decisioning.tagging import decode_state
from decisioning.tagging.event import decode_event
from tests import kafka
from tests.streams import shop
from tests.streams.conftest import KAFKAS, eventually
from tests.streams.test_consumer import states

ALICE = keys.partition_of(shop.WORKSPACE, "u:alice")
STATE = keys.state_key(shop.WORKSPACE, "u:alice")
EVENTS, KILLS = 4_000, 3


def caught_up(client):
    return not any(row["events"] for row in log.lag(client))


def drain(client, consumer):
    eventually(lambda: consumer.step(block_ms=20) == 0 and caught_up(client), seconds=90)


def revision(client):
    data = client.get(STATE)
    return 0 if data is None else decode_state(data).revision


def owners(client):
    return {p: owner.decode() for p in range(settings.PARTITIONS) if (owner := client.get(keys.lease_key(p)))}


def test_a_users_events_are_read_in_the_order_they_were_appended(client, backend):
    events = [shop.event("alice", number) for number in range(20)]
    log.append(client, events[:15])
    log.append(client, events[15:])

    found = log.event_log(client).entries(ALICE, "0-0", None, 100)
    assert [decode_event(data) for _, data in found] == events
    assert log.event_log(client).entries(keys.partition_of(shop.WORKSPACE, "u:nobody"), "0-0", None, 100) == []


def test_a_range_begins_after_an_entry_ends_with_another_and_is_no_longer_than_asked(client, backend):
    log.append(client, [shop.event("alice", number) for number in range(20)])
    entries = log.event_log(client).entries
    everything = entries(ALICE, "0-0", None, 100)
    ids = [entry_id for entry_id, _ in everything]

    assert entries(ALICE, ids[4], ids[9], 100) == everything[5:10]
    assert entries(ALICE, ids[4], None, 3) == everything[5:8]
    assert entries(ALICE, ids[-1], None, 100) == []


def test_states_are_those_of_a_plain_fold(client, backend, new_consumer):
    events = shop.traffic(2_000, users=50, repeated=0.05)
    for start in range(0, len(events), 100):
        log.append(client, events[start : start + 100])
    drain(client, new_consumer())

    assert states(client) == shop.folded(events)
    assert log.stats(client)["applied"] + log.stats(client)["duplicate"] == len(events)


def test_the_same_log_read_once_more_changes_nothing(client, backend, new_consumer):
    events = [shop.event("alice", number) for number in range(30)]
    log.append(client, events)
    first = new_consumer()
    drain(client, first)
    first.stop()
    before = states(client)
    client.delete(*(keys.offset_key(p) for p in range(settings.PARTITIONS)))
    drain(client, new_consumer())

    assert states(client) == before
    assert log.stats(client)["duplicate"] == 30


def test_a_commit_whose_answer_was_lost_is_not_repeated(client, backend, new_consumer):
    consumer = new_consumer()
    log.append(client, [shop.event("alice", 1)])
    drain(client, consumer)
    consumer._reader.held[ALICE].offset = "0-0"
    log.append(client, [shop.event("alice", 2)])
    drain(client, consumer)

    assert revision(client) == 2
    assert log.stats(client)["duplicate"] == 0


def test_a_stale_owner_writes_nothing_and_lets_go(client, backend, new_consumer):
    stale = new_consumer()
    eventually(lambda: stale.step(block_ms=20) == 0 and ALICE in stale.stats()["owned"])
    functions.call(client, "take", [keys.lease_key(ALICE), *keys.progress_keys(ALICE)], ["another", 0, "forced"])
    log.append(client, [shop.event("alice", 1)])
    eventually(lambda: stale.step(block_ms=20) or ALICE not in stale.stats()["owned"])

    assert ALICE not in stale.stats()["owned"]
    assert states(client) == {}
    assert client.get(keys.lease_key(ALICE)) == b"another"


def test_workers_share_the_partitions_and_one_that_stops_gives_its_own_back(client, backend, new_consumer):
    first, second = new_consumer(), new_consumer()
    first.start()
    eventually(lambda: len(first.stats()["owned"]) == settings.PARTITIONS, seconds=30)
    second.start()
    eventually(lambda: len(first.stats()["owned"]) == len(second.stats()["owned"]) == settings.PARTITIONS // 2, seconds=30)
    assert set(owners(client).values()) == {first.stats()["worker"], second.stats()["worker"]}

    log.append(client, [shop.event(f"user{number}", 1) for number in range(40)])
    eventually(lambda: first.counts["applied"] + second.counts["applied"] == 40)
    first.stop()
    assert first.stats()["owned"] == {}
    eventually(lambda: len(second.stats()["owned"]) == settings.PARTITIONS, seconds=30)
    second.stop()
    assert owners(client) == {}


@pytest.mark.parametrize("backend", KAFKAS, indirect=True)  # test_exactly_once.py has this for Redis
def test_killed_workers_lose_nothing_and_count_nothing_twice(client, backend, new_worker):
    events = shop.traffic(EVENTS, users=200, repeated=0.05)
    killed = threading.Event()

    def send():
        for start in range(0, len(events), 20):
            log.append(client, events[start : start + 20])
            if not killed.is_set():
                time.sleep(0.15)

    workers = [new_worker(), new_worker()]
    sender = threading.Thread(target=send)
    sender.start()
    for _ in range(KILLS):
        victim = workers.pop(0)
        seen = log.stats(client)["applied"]
        mine = f":{victim.pid}:"
        eventually(lambda mine=mine, seen=seen: any(mine in o for o in owners(client).values()) and log.stats(client)["applied"] > seen, 30)
        victim.send_signal(signal.SIGKILL)
        workers.append(new_worker())
    assert sender.is_alive(), "the workers were to be killed while events flow"
    killed.set()
    sender.join()
    eventually(lambda: caught_up(client), seconds=60)

    assert states(client) == shop.folded(events)
    stats = log.stats(client)
    assert stats["applied"] + stats["duplicate"] == len(events)


def test_lag_counts_what_is_not_applied_and_how_long_the_first_of_it_has_waited(client, backend, new_consumer):
    assert log.lag(client)[ALICE] == {"partition": ALICE, "events": 0, "seconds": 0.0}
    consumer = new_consumer()
    log.append(client, [shop.event("alice", number) for number in range(7)])
    drain(client, consumer)
    time.sleep(0.3)
    log.append(client, [shop.event("alice", number) for number in range(7, 10)])
    time.sleep(0.1)

    behind = log.lag(client)[ALICE]
    assert behind["events"] == 3
    assert 0.1 <= behind["seconds"] < 5
    drain(client, consumer)
    assert log.lag(client)[ALICE] == {"partition": ALICE, "events": 0, "seconds": 0.0}


def test_who_has_applied_everything_is_caught_up_and_who_has_not_is_not(client, backend, new_consumer):
    consumer = new_consumer()
    reader = consumer._reader
    log.append(client, [shop.event("alice", 1)])
    drain(client, consumer)
    assert reader.caught_up([ALICE]) == {ALICE}
    time.sleep(0.4)
    log.append(client, [shop.event("alice", 2)])
    eventually(lambda: ALICE in reader.read(50))

    assert reader.caught_up([ALICE]) == set(), "read and not applied"
    assert reader.caught_up([]) == set()


def test_who_keeps_up_with_events_that_never_end_is_caught_up(client, backend, new_consumer):
    """Else no timer would fire in a busy partition."""
    consumer = new_consumer()
    log.append(client, [shop.event("alice", 0)])
    drain(client, consumer)
    numbers = iter(range(1, 100_000))

    def caught_up():
        consumer.step(block_ms=20)
        log.append(client, [shop.event("alice", next(numbers))])
        time.sleep(0.01)
        return consumer._reader.caught_up([ALICE])

    eventually(lambda: sum(bool(caught_up()) for _ in range(10)) > 1)


def test_a_paused_reader_keeps_its_partitions_and_reads_nothing(client, backend, new_consumer):
    consumer = new_consumer()
    log.append(client, [shop.event("alice", 1)])
    drain(client, consumer)
    consumer.pause(range(settings.PARTITIONS))
    log.append(client, [shop.event("alice", 2)])
    assert [consumer.step(block_ms=50) for _ in range(6)] == [0] * 6
    assert ALICE in consumer.stats()["owned"]

    consumer.resume(range(settings.PARTITIONS))
    drain(client, consumer)
    assert revision(client) == 2


def test_a_log_that_is_not_the_one_of_the_offsets_is_refused(client, backend, new_consumer, monkeypatch):
    log.check(client)
    log.check(client)
    monkeypatch.setattr(settings, "KAFKA_TOPIC", "another")
    monkeypatch.setattr(settings, "EVENT_LOG", "redis" if backend != "redis" else "kafka")

    with pytest.raises(UnsuitableServer, match="of another event log"):
        log.check(client)


def test_a_worker_tells_its_partitions_offsets_and_lag(client, backend, new_consumer):
    consumer = new_consumer()
    log.append(client, [shop.event("alice", 1)])
    drain(client, consumer)
    told = stream_stats(SimpleNamespace(consumer=SimpleNamespace(controller=SimpleNamespace(streams=consumer))))

    assert told["applied"] == 1
    assert len(told["partitions"]) == settings.PARTITIONS
    offset = client.get(keys.offset_key(ALICE)).decode()
    assert told["partitions"][str(ALICE)] == {"offset": offset, "events_behind": 0, "seconds_behind": 0.0}


@pytest.mark.skipif(kafka.REAL is None, reason=kafka.NOT_PROVED)
def test_all_of_this_was_tried_on_real_brokers():
    assert "real_kafka" in KAFKAS


def test_one_partition_can_be_paused_while_the_others_go_on(backend, client, new_consumer):
    paused, other = shop.event("alice", 1), shop.event("bob", 2)
    held = keys.partition_of(paused.workspace, paused.user)
    assert held != keys.partition_of(other.workspace, other.user)
    consumer = new_consumer()
    consumer.pause([held])
    consumer.start()
    log.append(client, [paused, other])
    eventually(lambda: client.exists(keys.state_key(other.workspace, other.user)))
    assert not client.exists(keys.state_key(paused.workspace, paused.user))

    consumer.resume([held])
    eventually(lambda: client.exists(keys.state_key(paused.workspace, paused.user)))


def test_kafkas_group_and_nobody_else_says_how_many_partitions_a_worker_takes(in_kafka, new_consumer):
    with pytest.raises(CannotLimit, match="start or stop workers"):
        new_consumer().limit(2)
