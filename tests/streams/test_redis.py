"""The clients: what server they accept, and how long they wait for one that hangs."""

from __future__ import annotations

import time

import pytest
from redis.exceptions import TimeoutError as RedisTimeoutError

from decisioning.redis import UnsuitableServer, check_partitions, check_server, decision_client
from tests.streams.conftest import eventually


def test_the_server_of_the_tests_is_suitable(client):
    check_server(client)


@pytest.mark.parametrize("policy", ["allkeys-lru", "volatile-ttl"])
def test_a_server_that_may_evict_is_refused(client, policy):
    client.config_set("maxmemory-policy", policy)
    try:
        with pytest.raises(UnsuitableServer, match=f"maxmemory-policy {policy}"):
            check_server(client)
    finally:
        client.config_set("maxmemory-policy", "noeviction")


def answered(ask):
    """The answer in the end: on a busy machine 30 ms may pass without anything being wrong."""
    answers = []

    def tried():
        try:
            answers.append(ask())
        except RedisTimeoutError:
            return False
        return True

    eventually(tried)
    return answers[0]


def test_a_decision_waits_for_a_hanging_server_no_longer_than_its_limit(client):
    hasty = decision_client()
    answered(hasty.ping)
    client.client_pause(1000, all=True)
    started = time.perf_counter()
    with pytest.raises(RedisTimeoutError):
        hasty.get("anything")
    waited = time.perf_counter() - started
    client.ping()

    assert 0.025 < waited < 0.9
    assert answered(lambda: hasty.get("anything")) is None


def test_a_decision_reads_no_answer_that_was_meant_for_an_earlier_question(client):
    client.set("first", "1")
    client.set("second", "2")
    hasty = decision_client()
    answered(hasty.ping)
    client.client_pause(150, all=True)
    with pytest.raises(RedisTimeoutError):
        hasty.get("first")
    client.ping()

    assert answered(lambda: hasty.get("second")) == b"2"


def test_another_number_of_partitions_than_the_data_was_made_with_is_refused(client):
    check_partitions(client, 16)
    check_partitions(client, 16)

    with pytest.raises(UnsuitableServer, match="PARTITIONS=16"):
        check_partitions(client, 8)
