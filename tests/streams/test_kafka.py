"""What is Kafka's alone: brokers that are away, records that expired, a topic of the wrong shape, processes that fork."""

from __future__ import annotations

import multiprocessing
import os
import time

import pytest
from confluent_kafka import OFFSET_END, Producer, TopicPartition
from django.conf import settings

from decisioning import identities, keys, profiles
from decisioning.redis import UnsuitableServer
from decisioning.streams import log
from decisioning.streams.kafka import producer, reader
from decisioning.streams.log import LogUnavailable
from decisioning.tagging.event import encode_event
from tests import kafka_broker
from tests.streams import shop
from tests.streams.conftest import eventually
from tests.streams.test_consumer import states
from tests.streams.test_event_log import ALICE, caught_up, drain, revision

pytestmark = pytest.mark.usefixtures("in_kafka")


@pytest.fixture
def away(in_kafka, monkeypatch):
    """Brokers that can be sent away, and are back afterwards."""
    monkeypatch.setattr(settings, "KAFKA_TIMEOUT_MS", 1000)
    yield in_kafka
    in_kafka.tell("up")


def append_patiently(client, events):
    def taken():
        try:
            log.append(client, events)
        except LogUnavailable as refused:
            time.sleep(refused.retry_after / 10)
            return False
        return True

    eventually(taken, seconds=20)


def known_to_be_caught_up(client):
    """Brokers that have just come back may not answer yet."""
    try:
        return caught_up(client)
    except LogUnavailable:
        return False


def test_librdkafka_still_has_the_brokers_that_these_tests_need():
    assert all(hasattr(kafka_broker.library(), name) for name in kafka_broker.NEEDED)


def test_events_are_refused_while_the_brokers_are_away_and_then_without_waiting(client, away):
    append_patiently(client, [shop.event("alice", 1)])
    away.tell("down")
    with pytest.raises(LogUnavailable, match="Kafka"):
        log.append(client, [shop.event("alice", number) for number in range(2, 8)])
    with pytest.raises(LogUnavailable, match="did not answer a moment ago"):
        log.append(client, [shop.event("alice", 8)])


def test_who_cannot_wait_is_refused_at_once_and_opens_no_circuit(client, away):
    append_patiently(client, [shop.event("alice", 1)])
    away.tell("down")
    started = time.monotonic()
    with pytest.raises(LogUnavailable, match="within 30 ms"):
        log.append(client, [shop.event("alice", 2)], within=0.03)

    assert time.monotonic() - started < 0.9
    assert producer.breaker.state == "closed"


def test_nothing_accepted_is_lost_while_brokers_go_and_come_back(client, away, new_consumer):
    events = shop.traffic(900, users=20, repeated=0.05)
    consumer = new_consumer()
    consumer.start()
    for start in range(0, len(events), 50):
        if start in (200, 600):
            away.tell("down")
            with pytest.raises(LogUnavailable):
                log.append(client, events[start : start + 50])
            away.tell("up")
        append_patiently(client, events[start : start + 50])
    eventually(lambda: known_to_be_caught_up(client), seconds=40)
    consumer.stop()

    assert states(client) == shop.folded(events)


def test_lag_that_cannot_be_known_is_an_error_not_a_number(client, away, monkeypatch):
    log.lag(client)
    monkeypatch.setattr("decisioning.streams.kafka.ranges.ASK_SECONDS", 1.0)
    away.tell("down")

    with pytest.raises(LogUnavailable):
        log.lag(client)


def fill(client):
    """More than the mock brokers keep of a partition, which is about 5 MB."""
    filler = Producer({"bootstrap.servers": settings.KAFKA_BOOTSTRAP})
    for _ in range(60):
        filler.produce(settings.KAFKA_TOPIC, os.urandom(200_000), partition=ALICE)
        filler.flush(10)


def counted(client):
    return {name.decode(): int(count) for name, count in client.hgetall(keys.stats_key(ALICE)).items()}


def test_records_that_expired_before_their_partition_was_taken_are_counted_and_the_others_applied(client, new_consumer):
    fill(client)
    log.append(client, [shop.event("alice", 1)])
    drain(client, new_consumer())

    stats = counted(client)
    assert stats["lost"] > 0
    assert stats["lost"] + stats["dead"] == 60
    assert revision(client) == 1


def test_records_that_expired_while_their_owner_was_behind_are_counted_too(client, new_consumer):
    consumer = new_consumer()
    log.append(client, [shop.event("alice", 1)])
    drain(client, consumer)
    consumer.pause(range(settings.PARTITIONS))
    consumer.step(block_ms=1)
    fill(client)
    log.append(client, [shop.event("alice", 2)])
    consumer.resume(range(settings.PARTITIONS))
    drain(client, consumer)

    stats = counted(client)
    assert stats["lost"] > 0
    assert stats["lost"] + stats["dead"] == 60
    assert revision(client) == 2


def test_a_partition_of_which_librdkafka_gives_nothing_is_read_anew(client, new_consumer, monkeypatch, caplog):
    """It has been seen to lose the place to read from. Here it is sent to the end, behind the back of the reader."""
    monkeypatch.setattr(reader, "STALLED_SECONDS", 0.5)
    monkeypatch.setattr(reader, "TOLD_SECONDS", 0.1)
    consumer = new_consumer()
    log.append(client, [shop.event("alice", 1)])
    drain(client, consumer)
    log.append(client, [shop.event("alice", 2)])
    consumer._reader._consumer.seek(TopicPartition(settings.KAFKA_TOPIC, ALICE, OFFSET_END))
    drain(client, consumer)

    assert revision(client) == 2
    assert f"partition {ALICE} stands at" in caplog.text


@pytest.mark.parametrize("owned", [True, False])
def test_a_log_made_anew_is_read_on_and_it_is_said(client, new_consumer, caplog, owned):
    """A topic deleted and made again, or one that lost its end: offsets in Redis are beyond all that it has."""
    consumer = new_consumer()
    log.append(client, [shop.event("alice", 1)])
    drain(client, consumer)
    if not owned:
        consumer.stop()
        consumer = new_consumer()
    client.set(keys.offset_key(ALICE), "0-900")
    if owned:
        consumer._reader.held[ALICE].offset = "0-900"
        log.append(client, [shop.event("alice", 2)])
    eventually(lambda: consumer.step(block_ms=20) == 0 and counted(client).get("rewound") == 1, seconds=30)
    log.append(client, [shop.event("alice", 3)])
    drain(client, consumer)

    assert "maybe it was made anew" in caplog.text
    assert revision(client) == 2, "the mock brokers can't be asked for records by time, so the one before the mending is not found"


def test_a_record_without_a_value_is_set_aside(client, new_consumer):
    other = Producer({"bootstrap.servers": settings.KAFKA_BOOTSTRAP})
    other.produce(settings.KAFKA_TOPIC, None, partition=ALICE)
    other.flush(10)
    log.append(client, [shop.event("alice", 1)])
    drain(client, new_consumer())

    assert revision(client) == 1
    assert client.xlen(keys.dead_key(ALICE)) == 1


def test_a_topic_with_other_partitions_is_refused(client, in_kafka, monkeypatch):
    log.check(client)
    client.flushdb()
    monkeypatch.setattr(settings, "KAFKA_TOPIC", in_kafka.new_topic(3))
    producer.sender.forget()

    with pytest.raises(UnsuitableServer, match="has 3 partitions and PARTITIONS is 16"):
        log.check(client)
    with pytest.raises(LogUnavailable, match="has 3 partitions"):
        log.append(client, [shop.event("alice", 1)])


def test_a_process_that_forks_appends_from_both_sides(client):
    log.append(client, [shop.event("alice", 1)])
    child = multiprocessing.get_context("fork").Process(target=log.append, args=(client, [shop.event("alice", 2)]))
    child.start()
    child.join(20)
    log.append(client, [shop.event("alice", 3)])

    assert child.exitcode == 0
    assert len(log.event_log(client).entries(ALICE, "0-0", None, 10)) == 3


def test_a_decision_sees_what_is_applied_and_not_what_waits(client, new_consumer):
    waiting = shop.event("alice", 1, name="Order Completed")
    log.append(client, [waiting])
    assert profiles.load(client, shop.WORKSPACE, "u:alice", "s1").unread == []
    assert identities.known(client, shop.WORKSPACE, "u:alice", shop.DEFINITIONS, now=shop.START) is None

    drain(client, new_consumer())
    assert identities.known(client, shop.WORKSPACE, "u:alice", shop.DEFINITIONS, now=shop.START).state.tags.keys() == {"buyer"}


def test_a_stream_left_in_redis_is_not_taken_for_what_waits(client):
    client.xadd(keys.events_key(ALICE), {"e": encode_event(shop.event("alice", 1))})

    assert profiles.load(client, shop.WORKSPACE, "u:alice", "s1").unread == []
