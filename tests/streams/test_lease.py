"""Leases: fair shares, hand-over, and what happens to those of the dead."""

from __future__ import annotations

import time

import pytest
from django.conf import settings

from decisioning import keys
from decisioning.streams.lease import Leases, share
from tests.streams.conftest import eventually

ALL = settings.PARTITIONS


@pytest.fixture
def leases(client):
    return lambda name, lease_ms=5000: Leases(client, name, ALL, lease_ms=lease_ms)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 16, 20])
def test_shares_add_up_and_differ_by_at_most_one(count):
    workers = [f"w{number:02}" for number in range(count)]
    shares = [share(worker, dict.fromkeys(workers), 16) for worker in workers]

    assert sum(shares) == 16
    assert max(shares) - min(shares) <= 1


@pytest.mark.parametrize(
    ("limits", "shares"),
    [
        ({"a": 0, "b": None}, [0, 16]),
        ({"a": 3, "b": None, "c": None}, [3, 7, 6]),
        ({"a": 1, "b": 6, "c": None, "d": None}, [1, 5, 5, 5]),
        ({"a": 1, "b": 4, "c": None, "d": None}, [1, 4, 6, 5]),
        ({"a": 40, "b": None}, [8, 8]),
        ({"a": 2, "b": 3}, [2, 3]),
    ],
)
def test_nobody_gets_more_than_its_limit_and_the_others_share_the_rest(limits, shares):
    assert [share(worker, limits, 16) for worker in limits] == shares


def test_a_limit_moves_partitions_to_the_other_workers_and_back(leases):
    one, two = leases("one"), leases("two")
    one.limit = 2
    for worker in (one, two, one, two):
        worker.tick()
    assert (len(one.held), len(two.held)) == (2, ALL - 2)

    one.limit = None
    for worker in (one, two, one, two):
        worker.tick()
    assert len(one.held) == len(two.held) == ALL // 2


def test_a_dead_workers_limit_is_forgotten(leases, client):
    one, two = leases("one", lease_ms=50), leases("two")
    one.limit = 2
    one.tick()
    time.sleep(0.1)
    two.tick()

    assert client.hkeys(keys.LIMITS) == [b"two"]


def test_a_worker_alone_takes_every_partition(leases):
    one = leases("one")
    one.tick()

    assert sorted(one.held) == list(range(ALL))


def test_a_second_worker_gets_half(leases):
    one, two = leases("one"), leases("two")
    for worker in (one, two, one, two):
        worker.tick()

    assert len(one.held) == len(two.held) == ALL // 2
    assert sorted([*one.held, *two.held]) == list(range(ALL))


def test_no_partition_ever_has_two_owners_while_workers_come(leases):
    workers = [leases(f"w{number}") for number in range(5)]
    for count in (1, 2, 3, 5, 5):
        for worker in workers[:count]:
            worker.tick()
            held = [partition for each in workers for partition in each.held]
            assert len(held) == len(set(held))

    assert len(held) == ALL


def test_a_stopped_workers_partitions_are_free_at_once(leases):
    one, two = leases("one"), leases("two")
    one.tick()
    one.release_all()
    two.tick()

    assert len(two.held) == ALL


def test_a_dead_workers_partitions_are_taken_over_when_its_leases_end(leases):
    dead, two = leases("dead", lease_ms=200), leases("two", lease_ms=200)
    dead.tick()
    two.tick()
    assert two.held == {}

    def taken():
        two.tick()
        return len(two.held) == ALL

    eventually(taken, seconds=2)


def test_a_lease_lives_as_long_as_it_is_renewed(leases, client):
    one = leases("one", lease_ms=300)
    for _ in range(4):
        one.tick()
        time.sleep(0.15)

    assert client.get(keys.lease_key(0)) == b"one"


def test_who_takes_over_has_a_higher_fence_and_the_stored_offset(leases, client):
    one, two = leases("one"), leases("two")
    one.tick()
    one_fence = one.held[0].fence
    client.set(keys.offset_key(0), "7-1")
    client.xadd(keys.events_key(0), {"e": b""}, id="7-1")
    one.release_all()
    two.tick()

    assert (one_fence, two.held[0].fence) == (1, 2)
    assert two.held[0].offset == "7-1"


def test_a_worker_that_was_away_gives_up_what_another_has_taken(leases, client):
    away, other = leases("away"), leases("other")
    away.tick()
    client.delete(*(keys.lease_key(p) for p in range(ALL)), keys.WORKERS)
    other.tick()
    away.tick()

    assert away.held == {}


def test_a_worker_whose_fence_was_lost_takes_the_partition_anew(leases, client):
    one = leases("one")
    one.tick()
    client.delete(keys.fence_key(5))
    one.tick()

    assert one.held[5].fence == 1
    assert client.get(keys.fence_key(5)) == b"1"


def test_a_lease_of_its_own_that_a_worker_forgot_is_taken_back_at_once(leases):
    one = leases("one")
    one.tick()
    one.held.clear()
    one.tick()

    assert len(one.held) == ALL
    assert one.held[0].fence == 2
