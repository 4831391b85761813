"""The raw archive keeps every applied entry, once however often it is written, and the log keeps what it lacks."""

from __future__ import annotations

import gzip
import json
import time

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decisioning import keys
from decisioning.raw import lines, writer
from decisioning.raw.reader import Damaged, entries
from decisioning.raw.store import Store, hour_of
from decisioning.streams import log
from decisioning.tagging.event import Event, decode_event, encode_event
from tests.streams import shop

ALICE = keys.partition_of(shop.WORKSPACE, "u:alice")


def of_log(client, partition=ALICE):
    return log.entries(client, partition, "0-0", None, 100_000)


def files(store, partition=ALICE):
    return store.parts(partition)


def test_what_is_archived_is_what_the_log_had(store, client, archived):
    archived(shop.traffic(500, users=40, repeated=0.05))

    for partition in range(16):
        assert list(entries(store, partition)) == of_log(client, partition)


def test_a_line_is_json_that_any_tool_reads(store, client, archived):
    event = shop.event("alice", 3)
    archived([event])
    (part,) = files(store)

    (line,) = gzip.decompress(store.open(part).read()).splitlines()

    assert json.loads(line) == {"id": part.first, "event": msgspec.structs.asdict(event)}


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.integers(0, 9), inner, max_size=3),
    max_leaves=8,
)


@given(properties=st.dictionaries(st.text(), values, max_size=4), at=st.floats(0, 1e10))
def test_whatever_an_event_holds_comes_back_byte_for_byte(properties, at):
    data = encode_event(Event("w", "u:a", "m", "track", "n", at, at, properties=properties))

    assert lines.read(lines.write("1-1", data)) == ("1-1", data)


@given(data=st.binary())
def test_an_entry_that_is_no_event_comes_back_too(data):
    assert lines.read(lines.write("1-1", data)) == ("1-1", data)


def test_writing_again_after_a_crash_adds_nothing(store, client, archived):
    archived(shop.event("alice", number) for number in range(5))
    client.delete(keys.archived_key(ALICE))

    assert writer.archive(store, client) == 5

    assert len(files(store)) == 1
    assert list(entries(store, ALICE)) == of_log(client)


def test_entries_in_two_files_are_read_once(store, client, archived):
    archived([shop.event("alice", 1)])
    client.delete(keys.archived_key(ALICE))
    archived([shop.event("alice", 2)])

    assert len(files(store)) == 2
    assert list(entries(store, ALICE)) == of_log(client)


def test_two_archivers_of_one_partition_do_not_meet(store, client, flow):
    flow([shop.event("alice", 1)])
    client.set(keys.archiver_key(ALICE), "another")

    assert writer.archive(store, client) == 0

    client.delete(keys.archiver_key(ALICE))
    assert writer.archive(store, client) == 1
    assert client.get(keys.archiver_key(ALICE)) is None


def test_what_is_not_applied_is_not_archived_yet(store, client):
    log.append(client, [shop.event("alice", 1)])

    assert writer.archive(store, client) == 0


def test_an_hour_that_is_over_becomes_one_file(store, client, archived):
    for number in range(4):
        archived([shop.event("alice", number)])
    (hour,) = {part.hour for part in files(store)}
    assert len(files(store)) == 4

    assert writer.compact(store, client, now=hour.timestamp() + 3600) == 0
    assert writer.compact(store, client, now=hour.timestamp() + 2 * 3600) == 4

    assert len(files(store)) == 1
    assert list(entries(store, ALICE)) == of_log(client)


def test_a_merging_that_was_cut_short_is_no_harm(store, client, archived, monkeypatch):
    for number in range(3):
        archived([shop.event("alice", number)])
    monkeypatch.setattr(Store, "remove", lambda self, part: None)
    writer.compact(store, client, now=hour_of(time.time()).timestamp() + 2 * 3600)
    assert len(files(store)) == 4

    assert list(entries(store, ALICE)) == of_log(client)


def test_files_that_are_merged_while_they_are_read_are_found_again(store, client, archived):
    for number in range(4):
        archived([shop.event("alice", number)])
    reading = entries(store, ALICE)
    found = [next(reading)]
    writer.compact(store, client, now=hour_of(time.time()).timestamp() + 2 * 3600)

    found.extend(reading)

    assert found == of_log(client)


def test_a_damaged_file_is_named(store, client, archived, tmp_path):
    archived([shop.event("alice", 1)])
    (part,) = files(store)
    path = tmp_path / "raw" / part.name
    path.write_bytes(path.read_bytes()[:-6])

    with pytest.raises(Damaged, match=part.first):
        list(entries(store, ALICE))


def test_a_file_that_was_not_written_to_its_end_is_not_read(store, client, archived, tmp_path):
    archived([shop.event("alice", 1)])
    (part,) = files(store)
    (tmp_path / "raw" / part.name).with_name(".0123.part").write_bytes(b"half")

    assert files(store) == [part]


def test_an_object_store_is_written_and_read_alike(client, flow):
    store = Store("memory://raw-of-a-test/events")
    flow(shop.event("alice", number) for number in range(3))

    assert writer.archive(store, client) == 3
    assert list(entries(store, ALICE)) == of_log(client)
    client.delete(keys.archived_key(ALICE))
    flow([shop.event("alice", 3)])
    writer.archive(store, client)
    assert writer.compact(store, client, now=hour_of(time.time()).timestamp() + 2 * 3600) == 1
    assert list(entries(store, ALICE)) == of_log(client)


def test_the_log_keeps_what_is_not_archived(store, client, new_consumer):
    log.append(client, [shop.event("alice", number) for number in range(500)])
    consumer = new_consumer()
    while consumer.step(block_ms=20):
        pass

    consumer._reader.trim(now=time.time() + 2 * 3600)
    assert len(of_log(client)) == 500

    writer.archive(store, client)
    consumer._reader.trim(now=time.time() + 2 * 3600)
    assert 0 < len(of_log(client)) < 500


def test_ids_are_numbered_one_by_one(client):
    for start in range(0, 30, 10):
        log.append(client, [shop.event("alice", number) for number in range(start, start + 10)])

    assert [int(entry_id.split("-")[1]) for entry_id, _ in of_log(client)] == list(range(1, 31))
    assert [decode_event(data).message_id for _, data in of_log(client)] == [f"alice-{number}" for number in range(30)]
    assert client.hget(keys.received_key(ALICE), "total") == b"30"


def test_numbers_go_on_when_the_clock_goes_back(client):
    ahead = int(time.time() * 1000) + 60_000
    client.xadd(keys.events_key(ALICE), {"e": b""}, id=f"{ahead}-7")

    log.append(client, [shop.event("alice", 1), shop.event("alice", 2)])

    assert [entry_id for entry_id, _ in of_log(client)] == [f"{ahead}-7", f"{ahead}-8", f"{ahead}-9"]


def test_a_file_that_is_listed_and_can_not_be_opened_is_an_error(store, client, archived, monkeypatch):
    archived([shop.event("alice", 1)])

    def gone(self, part):
        raise FileNotFoundError(part.name)

    monkeypatch.setattr(Store, "open", gone)

    with pytest.raises(FileNotFoundError):
        list(entries(store, ALICE))
