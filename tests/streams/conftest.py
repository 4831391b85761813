"""A client with the patience of a worker on the test run's empty Valkey, consumers that are stopped, worker processes that are ended."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from redis import Redis

from decisioning import keys
from decisioning import redis as clients
from decisioning.streams import log
from decisioning.streams.consumer import Consumer
from decisioning.streams.kafka import producer
from tests import kafka
from tests.streams import shop

LEASE_MS = 1_000
"""Short, so that a dead worker's partitions are free soon."""
SESSION_MS = 3_000
"""The same of a member of Kafka's group, whose brokers here are one process among many: a second was too short for it on a busy machine."""


KAFKAS = ["kafka", "real_kafka"] if kafka.REAL else ["kafka"]
"""Without real brokers test_event_log.py says aloud what was not proved."""


def lease_ms() -> int:
    if settings.EVENT_LOG != "kafka":
        return LEASE_MS
    return 6_000 if settings.KAFKA_BOOTSTRAP == kafka.REAL else SESSION_MS


@pytest.fixture(autouse=True)
def breaker_closed() -> Iterator[None]:
    """One test's dead server is not another's."""
    clients.breaker.succeeded()
    producer.breaker.succeeded()
    yield
    clients.breaker.succeeded()
    producer.breaker.succeeded()


@pytest.fixture(scope="session")
def mock_brokers() -> Iterator[kafka.MockBrokers]:
    brokers = kafka.MockBrokers()
    yield brokers
    producer.sender.forget()
    brokers.stop()


@pytest.fixture(scope="session")
def real_brokers() -> Iterator[kafka.RealBrokers]:
    assert kafka.REAL is not None
    brokers = kafka.RealBrokers(kafka.REAL)
    yield brokers
    brokers.stop()


@pytest.fixture
def in_kafka(mock_brokers: kafka.MockBrokers, monkeypatch: pytest.MonkeyPatch) -> kafka.MockBrokers:
    """The event log is a new topic of the mock brokers, for this process and those that it starts."""
    _use(mock_brokers, monkeypatch)
    return mock_brokers


@pytest.fixture(params=["redis", *KAFKAS])
def backend(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The same test on every event log there is."""
    if request.param != "redis":
        _use(request.getfixturevalue({"kafka": "mock_brokers", "real_kafka": "real_brokers"}[request.param]), monkeypatch)
    return request.param


def _use(brokers: kafka.MockBrokers | kafka.RealBrokers, monkeypatch: pytest.MonkeyPatch) -> None:
    topic = brokers.new_topic(settings.PARTITIONS)
    if brokers.bootstrap != settings.KAFKA_BOOTSTRAP:
        producer.sender.forget()
    for name, value in {"EVENT_LOG": "kafka", "KAFKA_BOOTSTRAP": brokers.bootstrap, "KAFKA_TOPIC": topic, "KAFKA_TIMEOUT_MS": 5000}.items():
        monkeypatch.setattr(settings, name, value)
        monkeypatch.setenv(name, str(value))


@pytest.fixture
def client(valkey: Redis) -> Iterator[Redis]:
    with Redis(connection_pool=clients.pool(settings.REDIS_URL, connect=1, answer=5, wait=5, size=64)) as client:
        yield client
        client.connection_pool.disconnect()


@pytest.fixture
def new_consumer(client: Redis) -> Iterator[Callable[..., Consumer]]:
    made: list[Consumer] = []

    def make(**options: object) -> Consumer:
        options = {"definitions": shop.definitions, "lease_ms": lease_ms(), "clock": shop.before_it_all} | options
        made.append(Consumer(client, **options))  # type: ignore[arg-type]  # each test gives what its consumer needs
        return made[-1]

    yield make
    for consumer in made:
        consumer.stop()


@pytest.fixture
def new_worker(valkey: Redis) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Stream workers as processes, which may kill themselves at some point; `now` is their timers' clock. They end with the test."""
    made: list[subprocess.Popen[str]] = []

    def start(dies: str = "never", *, now: float = 0.0) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.streams.worker", str(lease_ms()), dies, str(now)]
        made.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        return made[-1]

    yield start
    for process in made:
        process.kill()
        process.communicate()


def eventually(true: Callable[[], object], seconds: float = 20.0) -> None:
    """Waits until something is so. A test that waits in vain fails here."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


def quiet(client: Redis) -> bool:
    """Whether every event is applied and no message between users waits or is on its way from outbox to log.

    Nothing may have moved from before the outboxes were looked at until after: a batch applied in between has just filled them.
    """
    before = _stand(client)
    waiting = sum(client.xlen(keys.outbox_key(partition)) for partition in range(settings.PARTITIONS))
    return not waiting and not any(events for events, _ in before) and _stand(client) == before


def _stand(client: Redis) -> list[tuple[int, bytes | None]]:
    """Of each partition the events that are not applied, and the offset."""
    return [(row["events"], client.get(keys.offset_key(row["partition"]))) for row in log.lag(client)]
