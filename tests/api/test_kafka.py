"""The API before an event log in Kafka: accepted only when Kafka has it, 503 where it does not answer, decisions all the same."""

from __future__ import annotations

import time

import pytest
from django.conf import settings

from decisioning.streams.kafka import producer
from tests import kafka
from tests.api.streams import drain

ORDER = {"type": "track", "userId": "alice", "event": "Order Completed"}


@pytest.fixture
def brokers(monkeypatch):
    brokers = kafka.MockBrokers()
    for name, value in {"EVENT_LOG": "kafka", "KAFKA_BOOTSTRAP": brokers.bootstrap, "KAFKA_TOPIC": brokers.new_topic(16)}.items():
        monkeypatch.setattr(settings, name, value)
    monkeypatch.setattr(settings, "KAFKA_TIMEOUT_MS", 2000)
    producer.breaker.succeeded()
    yield brokers
    producer.breaker.succeeded()
    producer.sender.forget()
    brokers.stop()


def test_an_event_counts_once_it_is_applied_and_one_sent_along_at_once(shop, brokers):
    assert shop.post("/v1/track", ORDER).status_code == 200
    assert shop.decide("banner")["decisions"][0]["outcome"] == "fallback", "it waits in Kafka, where a decision can't look"
    assert shop.decide("banner", user="bob", events=[{**ORDER, "userId": "bob"}])["decisions"][0]["rule"]["key"] == "loyal"

    drain()
    assert shop.decide("banner")["decisions"][0]["rule"]["key"] == "loyal"
    assert [tag["key"] for tag in shop.get("/v1/users/alice").json()["tags"]] == ["buyer"]


def test_without_kafka_events_are_refused_with_503_and_decisions_go_on(shop, brokers):
    assert shop.post("/v1/track", ORDER).status_code == 200
    drain()
    brokers.tell("down")
    refused = shop.post("/v1/track", ORDER)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")

    started = time.monotonic()
    assert shop.decide("banner", events=[ORDER])["decisions"][0]["rule"]["key"] == "loyal"
    assert time.monotonic() - started < 3
    assert b"signpost_redis_up 1" in shop.get("/metrics").content


def test_events_are_taken_again_once_kafka_is_back(shop, brokers):
    shop.post("/v1/track", ORDER)
    brokers.tell("down")
    assert shop.post("/v1/track", ORDER).status_code == 503
    brokers.tell("up")
    deadline = time.monotonic() + 20
    while shop.post("/v1/track", ORDER).status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.1)
