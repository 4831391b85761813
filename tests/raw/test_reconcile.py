"""Every entry that is gone is missed: from the log before it was applied, from the archive, at the end, or by losing Redis."""

from __future__ import annotations

import gzip
import json
import time
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from decisioning import keys
from decisioning.raw.gaps import Gap
from decisioning.raw.reconcile import reconcile
from decisioning.streams import log
from tests.streams import shop

ALICE = keys.partition_of(shop.WORKSPACE, "u:alice")
EVENTS = keys.events_key(ALICE)


@pytest.fixture
def report(store, client):
    return lambda **options: reconcile(store, client, partitions=settings.PARTITIONS, **options)


def all_of_alice(client):
    return [entry_id for entry_id, _ in log.entries(client, ALICE, "0-0", None, 1000)]


def ten(start=0):
    return [shop.event("alice", number) for number in range(start, start + 10)]


def rewrite(store, part, keep):
    """The archive's file with some of its lines only."""
    found = gzip.decompress(store.open(part).read()).splitlines(keepends=True)
    store.write(part, gzip.compress(b"".join(line for number, line in enumerate(found) if keep(number))))


def test_where_nothing_is_missing_all_counts_agree(client, archived, flow, report):
    archived(shop.traffic(300, users=20, repeated=0.1))
    flow(ten())
    log.append(client, ten(10))

    found = report()

    assert found.whole
    assert (found.total("received"), found.total("archived"), found.total("waiting"), found.total("unread")) == (320, 300, 20, 10)
    assert found.total("applied") + found.total("duplicate") == 310
    assert sum(counts["received"] for counts in found.hours.values()) == sum(counts["found"] for counts in found.hours.values()) == 320


def test_an_entry_deleted_from_the_log_before_it_was_applied_is_missed(client, store, flow, report):
    log.append(client, ten())
    ids = all_of_alice(client)
    client.xdel(EVENTS, ids[3], ids[4])
    flow([])

    found = report()

    assert not found.whole
    assert [gap for row in found.rows for gap in row.gaps] == [Gap(ALICE, ids[2], ids[5], 2)]
    assert found.total("unaccounted") == 0


def test_lines_deleted_from_the_archive_are_missed(client, store, archived, report):
    archived(ten())
    ids = all_of_alice(client)
    (part,) = store.parts(ALICE)
    rewrite(store, part, lambda number: number not in (0, 5, 9))

    assert [gap for row in report().rows for gap in row.gaps] == [
        Gap(ALICE, "0-0", ids[1], 1),
        Gap(ALICE, ids[4], ids[6], 1),
        Gap(ALICE, ids[8], "", 1),
    ]


def test_a_file_deleted_from_the_archive_is_missed_though_the_log_still_has_its_entries(client, store, archived, report):
    archived(ten())
    archived(ten(10))
    archived(ten(20))
    ids = all_of_alice(client)
    store.remove(store.parts(ALICE)[1])

    assert [gap for row in report().rows for gap in row.gaps] == [Gap(ALICE, ids[9], ids[20], 10)]


def test_the_end_of_the_log_is_missed(client, archived, report):
    archived(ten())
    log.append(client, ten(10))
    ids = all_of_alice(client)
    client.xdel(EVENTS, *ids[15:])

    assert [gap for row in report().rows for gap in row.gaps] == [Gap(ALICE, ids[14], "", 5)]


def test_a_damaged_file_is_told_and_what_it_lacks_is_missed(client, store, archived, tmp_path, report):
    archived(ten())
    path = tmp_path / "raw" / store.parts(ALICE)[0].name
    path.write_bytes(path.read_bytes()[:40])

    found = report()

    assert len(found.damaged) == 1
    assert found.rows[ALICE].gaps[0].count == 10


def test_a_log_that_began_anew_is_told(client, archived, report):
    archived(ten())
    client.delete(EVENTS, keys.received_key(ALICE))
    log.append(client, ten(10))

    (gap,) = report().rows[ALICE].gaps

    assert gap.count == 0


def test_entries_that_were_consumed_and_count_as_nothing_are_told(client, archived, report):
    archived(ten())
    client.hincrby(keys.stats_key(ALICE), "applied", -2)

    assert (report().rows[ALICE].unaccounted, report().whole) == (2, False)


def test_since_an_hour_only_what_came_since_is_looked_at(client, store, archived, report):
    archived(ten())
    now = time.time()

    assert report(since=now - 60).total("received") == report(since=now - 60).total("archived") == 10
    later = report(since=now + 3600)
    assert (later.total("received"), later.total("archived"), later.whole) == (0, 0, True)


def test_the_command_fails_where_something_is_missing_and_names_it(client, store, archived):
    archived(ten())
    out = StringIO()
    call_command("reconcile", stdout=out)
    assert out.getvalue().endswith("No gap.\n")
    ids = all_of_alice(client)
    rewrite(store, store.parts(ALICE)[0], lambda number: number != 5)

    out = StringIO()
    with pytest.raises(CommandError):
        call_command("reconcile", stdout=out)
    assert f"gap: partition {ALICE}: 1 entry is missing after {ids[4]}, before {ids[6]}" in out.getvalue()

    out = StringIO()
    with pytest.raises(CommandError):
        call_command("reconcile", "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert told["gaps"] == [{"partition": ALICE, "after": ids[4], "before": ids[6], "count": 1}]


def test_without_an_archive_the_log_alone_is_looked_at(client, flow):
    flow(ten())
    ids = all_of_alice(client)
    client.xdel(EVENTS, ids[4])

    found = reconcile(None, client, partitions=settings.PARTITIONS)

    assert found.rows[ALICE].gaps == [Gap(ALICE, ids[3], ids[5], 1)]
