"""The event log: taken in order or refused aloud, and how far its readers are behind."""

from __future__ import annotations

import time

import msgspec
import pytest
from django.conf import settings
from redis import Redis

from decisioning import keys
from decisioning import redis as clients
from decisioning.local.ports import free_port
from decisioning.streams import log
from decisioning.streams.log import LogUnavailable
from decisioning.tagging.event import Event
from tests.streams import shop

ALICE = keys.partition_of(shop.WORKSPACE, "u:alice")


def test_events_of_a_user_are_in_one_partition_in_the_order_given(client):
    events = [shop.event("alice", number) for number in range(20)]
    log.append(client, events)

    stored = [msgspec.msgpack.decode(fields[b"e"], type=Event) for _, fields in client.xrange(keys.events_key(ALICE))]
    assert stored == events


def test_events_are_refused_when_redis_is_full(client):
    used = client.info("memory")["used_memory"]
    client.config_set("maxmemory", used // 2)
    try:
        with pytest.raises(LogUnavailable) as refused:
            log.append(client, [shop.event()])
    finally:
        client.config_set("maxmemory", 0)

    assert refused.value.retry_after == 5
    assert clients.breaker.state == "closed"


def test_events_are_refused_by_a_replica(client):
    client.execute_command("REPLICAOF", "127.0.0.1", free_port())
    try:
        with pytest.raises(LogUnavailable, match="read only"):
            log.append(client, [shop.event()])
    finally:
        client.execute_command("REPLICAOF", "NO", "ONE")


def test_events_are_refused_when_redis_is_away_and_then_without_trying():
    away = Redis(connection_pool=clients.pool(f"redis://127.0.0.1:{free_port()}/0", connect=0.1, answer=0.1, wait=0.1, size=2))
    for _ in range(5):
        with pytest.raises(LogUnavailable, match="Connection refused"):
            log.append(away, [shop.event()])

    with pytest.raises(LogUnavailable, match="did not answer a moment ago"):
        log.append(away, [shop.event()])


def test_lag_of_an_empty_log_is_nothing(client):
    assert log.lag(client) == [{"partition": p, "events": 0, "seconds": 0.0} for p in range(settings.PARTITIONS)]


def test_lag_counts_what_is_not_applied_and_how_long_the_first_of_it_has_waited(client, new_consumer):
    consumer = new_consumer()
    log.append(client, [shop.event("alice", number) for number in range(7)])
    consumer.step()
    for number in range(7, 10):
        log.append(client, [shop.event("alice", number)])
        time.sleep(0.05)

    behind = log.lag(client)[ALICE]
    assert behind["events"] == 3
    assert 0.15 <= behind["seconds"] < 5
    consumer.step()
    assert log.lag(client)[ALICE] == {"partition": ALICE, "events": 0, "seconds": 0.0}


def test_lag_of_a_quiet_log_starts_with_the_new_event_not_with_the_last_one_applied(client, new_consumer):
    consumer = new_consumer()
    log.append(client, [shop.event("alice", 0)])
    consumer.step()
    time.sleep(1.0)
    log.append(client, [shop.event("alice", 1)])

    assert log.lag(client)[ALICE]["seconds"] < 0.8


def test_lag_is_right_after_the_stream_was_lost(client, new_consumer):
    consumer = new_consumer()
    log.append(client, [shop.event("alice", number) for number in range(10)])
    consumer.step()
    client.delete(keys.events_key(ALICE))
    log.append(client, [shop.event("alice", number) for number in range(10, 14)])

    assert log.lag(client)[ALICE]["events"] == 4


def test_lag_is_right_again_after_entries_were_deleted_unread(client, new_consumer):
    consumer = new_consumer()
    log.append(client, [shop.event("alice", number) for number in range(10)])
    client.xtrim(keys.events_key(ALICE), maxlen=8, approximate=False)
    consumer.step()
    consumer._reader.trim(now=time.time())
    log.append(client, [shop.event("alice", number) for number in range(10, 12)])

    assert log.lag(client)[ALICE]["events"] == 2
    assert client.hget(keys.stats_key(ALICE), "lost") == b"2"


def test_stats_add_up_over_the_partitions(client, new_consumer):
    log.append(client, [shop.event(f"user{number}") for number in range(30)] + [shop.event("user1")])
    new_consumer().step()

    assert log.stats(client) == {"applied": 30, "duplicate": 1, "late": 0, "dead": 0}
