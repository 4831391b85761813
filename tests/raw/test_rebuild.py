"""States computed from the raw archive are the live ones, byte for byte; what differs is named, and put right when asked."""

from __future__ import annotations

import pytest
from django.conf import settings

from decisioning import keys
from decisioning.raw import rebuild as rebuilding
from decisioning.raw import writer
from decisioning.raw.rebuild import NOT_KEPT, NOT_LIVE, Difference, Rebuild, Report, Taken
from decisioning.raw.reconcile import reconcile
from decisioning.streams import log
from decisioning.tagging import advance, decode_state, due, encode_state, new_state
from tests.streams import shop
from tests.streams.conftest import eventually
from tests.streams.test_consumer import states
from tests.streams.test_merges import visits

ALICE = keys.partition_of(shop.WORKSPACE, "u:alice")
STATE = keys.state_key(shop.WORKSPACE, "u:alice")
NOW = shop.START + 10_000


@pytest.fixture
def rebuild(store, client):
    def act(**options) -> Report:
        report = Report()
        work = Rebuild(store, client, shop.definitions, clock=lambda: NOW, **options)
        for partition in range(settings.PARTITIONS):
            work.partition(partition, report)
        assert not list(client.scan_iter("*:shadow-*"))
        assert not list(client.scan_iter("*:lease")) or not options.get("apply")
        return report

    return act


def let_go(client):
    for name in client.scan_iter("*:lease"):
        client.delete(name)


def test_states_from_the_archive_are_the_live_ones_byte_for_byte(client, archived, rebuild):
    events = shop.traffic(2_000, users=100, repeated=0.05)
    archived(events)
    live = states(client)
    for name in live:
        client.delete(name)
    let_go(client)

    report = rebuild(apply=True)

    assert live == shop.folded(events) == states(client)
    assert (report.users, report.different, report.written, report.gaps) == (len(live), len(live), len(live), [])
    assert all(each.fields == (NOT_LIVE,) for each in report.first)


def test_live_states_equal_what_the_archive_and_the_log_say_together(client, archived, flow, rebuild):
    traffic = shop.traffic(400, users=30, repeated=0.05)
    archived(traffic[:300])
    client_trimmed = client.xtrim(keys.events_key(ALICE), minid=client.get(keys.archived_key(ALICE)).decode(), approximate=False)
    flow(traffic[300:])

    report = rebuild()

    assert client_trimmed > 0
    assert (report.different, report.gaps) == (0, [])
    assert report.equal == report.users == len(shop.folded(traffic))


def test_merges_of_users_come_out_of_the_archive_as_they_went_in_and_every_message_has_a_number(client, store, archived, rebuild):
    events = list(visits())
    archived(events[:1_000])
    archived(events[1_000:])  # some of them under ids that are merged by now
    live = states(client)
    for name in live:
        client.delete(name)
    let_go(client)

    report = rebuild(apply=True)

    assert live == states(client)
    assert report.gaps == []
    assert any(decode_state(state).merged_into for state in live.values())
    found = reconcile(store, client, partitions=settings.PARTITIONS)
    assert found.whole
    assert found.total("forwarded") > 0


def test_a_state_that_differs_is_named_with_its_fields_and_replaced_when_asked(client, archived, rebuild):
    archived(shop.event("alice", number) for number in range(5))
    right = client.get(STATE)
    wrong = decode_state(right)
    wrong.revision, wrong.totals = 99, {}
    client.set(STATE, encode_state(wrong))
    let_go(client)

    assert rebuild().first == [Difference(STATE, ("revision", "totals"))]
    assert client.get(STATE) == encode_state(wrong)

    assert rebuild(apply=True).written == 1
    assert client.get(STATE) == right
    assert rebuild().different == 0


def test_only_the_workspace_asked_for_is_computed(client, archived, rebuild):
    archived([shop.event("alice", 1)])

    assert rebuild(workspace="shop").users == 1
    assert rebuild(workspace="other").users == 0


def test_a_user_the_archive_does_not_know_is_told_and_left(client, archived, rebuild):
    archived([shop.event("alice", 1)])
    kept = keys.state_key(shop.WORKSPACE, "u:from-before")
    client.set(kept, b"whatever")
    let_go(client)

    report = rebuild(apply=True)

    assert report.first == [Difference(kept, (NOT_KEPT,))]
    assert client.get(kept) == b"whatever"


def test_a_partition_that_lacks_entries_is_left_as_it_is(client, store, archived, rebuild):
    archived([shop.event("alice", 1)])
    client.xdel(keys.events_key(ALICE), *(entry_id for entry_id, _ in log.entries(client, ALICE, "0-0", None, 9)))
    for part in store.parts(ALICE):
        store.remove(part)
    archived([shop.event("alice", 2)])
    live = client.get(STATE)
    let_go(client)

    report = rebuild(apply=True)
    assert (report.withheld, report.written) == ([ALICE], 0)
    assert [gap.count for gap in report.gaps] == [1]
    assert client.get(STATE) == live

    assert rebuild(apply=True, force=True).written == 1
    assert decode_state(client.get(STATE)).revision == 1


def test_no_worker_writes_while_its_partition_is_rebuilt(client, store, new_consumer, monkeypatch):
    """The owner's next batch is refused, and is applied once the rebuild has given the partition back."""
    events = [shop.event("alice", 1), shop.event("alice", 2)]
    log.append(client, events[:1])
    consumer = new_consumer()
    eventually(lambda: consumer.step(block_ms=20))
    writer.archive(store, client)
    client.delete(STATE)
    between = []

    def write(*args):
        log.append(client, events[1:])
        consumer.step(block_ms=20)
        between.append(client.get(STATE))
        real(*args)

    real = rebuilding._write
    monkeypatch.setattr(rebuilding, "_write", write)
    Rebuild(store, client, shop.definitions, apply=True, clock=lambda: NOW).partition(ALICE, Report())

    assert between == [None]
    eventually(lambda: consumer.step(block_ms=20))
    assert client.get(STATE) == shop.folded(events)[STATE]


def test_a_rebuild_that_lost_the_partition_writes_no_more(client, store, archived, monkeypatch):
    archived([shop.event("alice", 1)])
    client.delete(STATE)
    real = rebuilding._write
    monkeypatch.setattr(rebuilding, "_write", lambda *args: (client.incr(keys.fence_key(ALICE)), real(*args)))

    with pytest.raises(Taken):
        Rebuild(store, client, shop.definitions, apply=True, clock=lambda: NOW).partition(ALICE, Report())

    assert client.get(STATE) is None
    assert not list(client.scan_iter("*:shadow-*"))


def test_what_a_worker_applied_meanwhile_is_in_the_comparison(client, store, archived, flow, monkeypatch):
    archived([shop.event("alice", 1)])
    real = rebuilding.Rebuild._live
    monkeypatch.setattr(rebuilding.Rebuild, "_live", lambda self, partition: (flow([shop.event("alice", 2)]), real(self, partition))[1])
    report = Report()

    Rebuild(store, client, shop.definitions, clock=lambda: NOW).partition(ALICE, report)

    assert (report.equal, report.different) == (1, 0)


def test_archiving_goes_on_after_a_rebuild(client, store, archived, rebuild):
    archived([shop.event("alice", 1)])
    let_go(client)
    rebuild(apply=True)

    archived([shop.event("alice", 2)])

    assert writer.archive(store, client) == 0
    assert rebuild().different == 0


def test_timers_that_a_worker_has_fired_make_no_difference(store, client):
    state = new_state()
    state.timers = {"a": 100.0, "b": 300.0}
    fired = advance(shop.DEFINITIONS, state, 200.0).state
    assert due(fired) == 300.0
    old, new = encode_state(fired), encode_state(state)
    rebuild = Rebuild(store, client, shop.definitions)

    assert rebuild._fields(STATE, old, new, 200.0) == rebuild._fields(STATE, old, new, 400.0) == ()
    # What the live state has not fired yet is left for the worker, with its messages.
    assert due(rebuild._as_fired(STATE, old, new, 200.0)) == due(rebuild._as_fired(STATE, old, new, 400.0)) == 300.0


def test_what_is_put_back_is_due_when_it_is_due(client, store, archived, monkeypatch):
    archived([shop.event("alice", 1)])
    let_go(client)
    client.zadd(keys.timers_key(ALICE), {STATE: 5.0})
    wrong = decode_state(client.get(STATE))
    wrong.revision = 7
    client.set(STATE, encode_state(wrong))
    rebuild = Rebuild(store, client, shop.definitions, apply=True, clock=lambda: NOW)

    rebuild.partition(ALICE, Report())
    assert client.zscore(keys.timers_key(ALICE), STATE) is None

    client.set(STATE, encode_state(wrong))
    monkeypatch.setattr(rebuilding, "due", lambda state: NOW + 60)
    rebuild.partition(ALICE, Report())
    assert client.zscore(keys.timers_key(ALICE), STATE) == NOW + 60
