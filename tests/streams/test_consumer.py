"""The consumer: every event once and in order, whatever is wrong with some of them or with Redis."""

from __future__ import annotations

import statistics
import time

import msgspec
from django.conf import settings

from decisioning import keys
from decisioning.streams import log
from decisioning.tagging import compile_definitions, decode_state, encode_state, new_state
from decisioning.tagging.event import encode_event
from rules.engine.workspace import Settings, Workspace
from tests.streams import shop
from tests.streams.conftest import eventually

ALICE = keys.partition_of(shop.WORKSPACE, "u:alice")
STATE = keys.state_key(shop.WORKSPACE, "u:alice")


def states(client):
    return {key.decode(): client.get(key) for key in client.scan_iter("*:state:*", count=1000)}


def drain(client, consumer):
    while any(row["events"] for row in log.lag(client)):
        consumer.step()


def test_events_are_applied_as_a_plain_fold_applies_them(client, new_consumer):
    events = shop.traffic(3_000, users=50, repeated=0.05)
    for start in range(0, len(events), 100):
        log.append(client, events[start : start + 100])
    drain(client, new_consumer())

    assert states(client) == shop.folded(events)


def test_an_event_sent_twice_counts_once(client, new_consumer):
    log.append(client, [shop.event("alice", 1), shop.event("alice", 1)])
    consumer = new_consumer()
    consumer.step()
    log.append(client, [shop.event("alice", 1)])
    consumer.step()

    assert decode_state(client.get(STATE)).revision == 1
    assert consumer.counts == {"applied": 1, "duplicate": 2}


def test_an_entry_that_is_no_event_is_set_aside_and_the_others_are_applied(client, new_consumer):
    log.append(client, [shop.event("alice", 1)])
    client.xadd(keys.events_key(ALICE), {"e": b"\xc1 not msgpack"})
    client.xadd(keys.events_key(ALICE), {"other": b"field"})
    log.append(client, [shop.event("alice", 2)])
    consumer = new_consumer()
    consumer.step()

    assert decode_state(client.get(STATE)).revision == 2
    entries = [fields for _, fields in client.xrange(keys.dead_key(ALICE))]
    assert [fields[b"e"] for fields in entries] == [b"\xc1 not msgpack", b""]
    assert all(b"DecodeError" in fields[b"reason"] for fields in entries)
    assert log.stats(client) == {"applied": 2, "duplicate": 0, "late": 0, "dead": 2}


def test_a_user_whose_state_is_broken_hinders_no_other(client, new_consumer):
    neighbour = next(name for name in map(str, range(1000)) if keys.partition_of(shop.WORKSPACE, f"u:{name}") == ALICE)
    client.set(STATE, b"broken")
    log.append(client, [shop.event("alice", 1), shop.event(neighbour, 1)])
    new_consumer().step()

    assert client.get(STATE) == b"broken"
    assert decode_state(client.get(keys.state_key(shop.WORKSPACE, f"u:{neighbour}"))).revision == 1
    [(_, fields)] = client.xrange(keys.dead_key(ALICE))
    assert b"BrokenState" in fields[b"reason"]


def test_events_that_the_fold_fails_on_hinder_no_others(client, new_consumer):
    other = msgspec.structs.replace(shop.event("bob", 1), workspace="broken")
    log.append(client, [other, shop.event("alice", 1)])
    new_consumer(definitions=lambda workspace: None if workspace == "broken" else shop.DEFINITIONS).step()

    assert decode_state(client.get(STATE)).revision == 1
    [(_, fields)] = client.xrange(keys.dead_key(keys.partition_of("broken", "u:bob")))
    assert fields[b"reason"].startswith(b"AttributeError")
    assert log.stats(client) == {"applied": 1, "duplicate": 0, "late": 0, "dead": 1}


def test_a_commit_whose_answer_was_lost_is_not_repeated(client, new_consumer):
    log.append(client, [shop.event("alice", 1)])
    consumer = new_consumer()
    consumer.step()
    held = consumer._reader.held[ALICE]
    applied, held.offset = held.offset, "0-0"
    consumer.step()

    assert held.offset == applied
    assert decode_state(client.get(STATE)).revision == 1
    assert log.stats(client) == {"applied": 1, "duplicate": 0, "late": 0, "dead": 0}


def test_events_wait_for_a_newer_worker_where_the_state_is_of_a_newer_schema(client, new_consumer):
    newer = new_state()
    newer.schema = 99
    client.set(STATE, encode_state(newer))
    log.append(client, [shop.event("alice", 1)])
    bob = shop.event("bob", 2)
    log.append(client, [bob])
    consumer = new_consumer()
    consumer.step()

    assert log.lag(client)[ALICE]["events"] == 1
    assert client.exists(keys.dead_key(ALICE)) == 0
    assert client.exists(keys.state_key(bob.workspace, bob.user)), "the other partitions go on"
    assert ALICE not in consumer.stats()["owned"]
    assert client.get(keys.lease_key(ALICE)) is None, "a newer worker can take it at once"


def test_a_workspace_without_release_is_folded_without_tags(client, new_consumer):
    nothing = compile_definitions(Workspace(workspace=Settings(key="unreleased")))
    log.append(client, [shop.event("alice", 1, name="Order Completed")])
    new_consumer(definitions=lambda _: nothing).step()

    state = decode_state(client.get(STATE))
    assert (state.revision, state.tags) == (1, {})


def test_nothing_is_read_before_the_releases_are_known(client, new_consumer):
    known = []
    log.append(client, [shop.event("alice", 1)])
    consumer = new_consumer(ready=lambda: bool(known))
    consumer.start()
    time.sleep(0.3)
    assert client.exists(STATE) == 0

    known.append(True)
    eventually(lambda: client.exists(STATE))


def test_an_owner_that_lost_its_partition_writes_nothing_more(client, new_consumer):
    old, new = new_consumer(), new_consumer()
    old.step(block_ms=1)
    client.delete(keys.WORKERS, *(keys.lease_key(p) for p in range(settings.PARTITIONS)))
    new.step(block_ms=1)
    log.append(client, [shop.event("alice", 1)])
    old.step()
    assert client.exists(STATE) == 0
    assert ALICE not in old.stats()["owned"]

    new.step()
    assert decode_state(client.get(STATE)).revision == 1


def test_a_lost_stream_goes_on_with_the_next_event(client, new_consumer):
    consumer = new_consumer()
    log.append(client, [shop.event("alice", 1)])
    consumer.step()
    client.delete(keys.events_key(ALICE))
    log.append(client, [shop.event("alice", 2)])
    consumer.step()

    assert decode_state(client.get(STATE)).revision == 2


def test_a_lost_stream_goes_on_even_where_the_clock_is_behind_the_offset(client, new_consumer):
    client.set(keys.offset_key(ALICE), f"{int(time.time() * 1000) + 3_600_000}-5")
    consumer = new_consumer()
    consumer.step(block_ms=1)
    log.append(client, [shop.event("alice", 1)])
    consumer.step()

    assert decode_state(client.get(STATE)).revision == 1


def test_a_running_consumer_survives_the_loss_of_its_functions(client, new_consumer):
    consumer = new_consumer()
    consumer.start()
    for number in range(20):
        client.function_flush("SYNC")
        log.append(client, [shop.event("alice", number)])
    eventually(lambda: (data := client.get(STATE)) and decode_state(data).revision == 20)


def test_a_running_consumer_survives_the_loss_of_everything(client, new_consumer):
    consumer = new_consumer()
    consumer.start()
    log.append(client, [shop.event("alice", 1)])
    eventually(lambda: client.exists(STATE))
    client.flushdb()
    log.append(client, [shop.event("alice", 2)])

    eventually(lambda: (data := client.get(STATE)) and decode_state(data).revision == 1)


def test_events_are_applied_while_redis_is_full(client, new_consumer):
    log.append(client, [shop.event("alice", 1)])
    consumer = new_consumer()
    client.config_set("maxmemory", client.info("memory")["used_memory"] // 2)
    try:
        consumer.step()
    finally:
        client.config_set("maxmemory", 0)

    assert decode_state(client.get(STATE)).revision == 1


def test_trimming_removes_what_is_applied_and_old(client, new_consumer):
    fill(client, START_MS, 1_000)
    consumer = new_consumer()
    drain(client, consumer)
    consumer._reader.trim(now=START_MS / 1000 + 3600 + 1)

    assert client.xlen(keys.events_key(ALICE)) < 200


def test_how_long_applied_entries_stay_is_a_setting(client, new_consumer, settings):
    settings.LOG_KEEP_SECONDS = 60
    fill(client, START_MS, 1_000)
    consumer = new_consumer()
    drain(client, consumer)
    consumer._reader.trim(now=START_MS / 1000 + 62)

    assert client.xlen(keys.events_key(ALICE)) < 200


def test_trimming_never_passes_the_offset(client, new_consumer):
    fill(client, START_MS, 1_000)
    consumer = new_consumer()
    consumer.step()
    applied = client.get(keys.offset_key(ALICE))
    consumer._reader.trim(now=START_MS / 1000 + 10 * 3600)

    assert len(client.xrange(keys.events_key(ALICE), f"({applied.decode()}")) == 500
    assert client.xlen(keys.events_key(ALICE)) < 700
    drain(client, consumer)
    assert decode_state(client.get(STATE)).revision == 1_000


def test_trimming_keeps_what_was_applied_within_the_hour(client, new_consumer):
    fill(client, START_MS, 1_000)
    consumer = new_consumer()
    drain(client, consumer)
    consumer._reader.trim(now=START_MS / 1000 + 3500)

    assert client.xlen(keys.events_key(ALICE)) == 1_000


START_MS = 1_700_000_000_000


def fill(client, start_ms, count):
    """Events of one second ago or long ago: entries with ids of that time."""
    pipeline = client.pipeline(transaction=False)
    for number in range(count):
        pipeline.xadd(keys.events_key(ALICE), {"e": encode_event(shop.event("alice", number))}, id=f"{start_ms + number}-0")
    pipeline.execute()


def test_events_are_applied_one_by_one_as_they_come(client, new_consumer):
    consumer = new_consumer()
    consumer.start()
    eventually(lambda: len(consumer.stats()["owned"]) == settings.PARTITIONS)
    took = []
    for number in range(200):
        started = time.perf_counter()
        log.append(client, [shop.event("alice", number)])
        while (data := client.get(STATE)) is None or decode_state(data).revision <= number:
            assert time.perf_counter() - started < 20
        took.append(time.perf_counter() - started)
        time.sleep(0.002)

    assert decode_state(client.get(STATE)).revision == 200
    print(f"append to applied: median {statistics.median(took) * 1000:.2f} ms, p99 {sorted(took)[197] * 1000:.2f} ms")


def test_a_stopped_consumer_has_given_its_partitions_back(client, new_consumer):
    consumer = new_consumer()
    consumer.start()
    eventually(lambda: client.exists(keys.lease_key(0)))
    consumer.stop()

    assert client.exists(keys.WORKERS, *(keys.lease_key(p) for p in range(settings.PARTITIONS))) == 0
