"""Redis dies without a word and comes back: the consumer waits and goes on, and what was acknowledged is there."""

from __future__ import annotations

import subprocess
import time

import pytest
from redis import Redis
from redis.exceptions import RedisError

from decisioning import redis as clients
from decisioning.local import valkey
from decisioning.local.ports import HOST, free_port
from decisioning.streams import log
from decisioning.streams.consumer import Consumer
from decisioning.streams.log import LogUnavailable
from tests.streams import shop
from tests.streams.conftest import eventually
from tests.streams.test_consumer import states


class Server:
    """A Valkey that writes each command to disk before it answers, so that a kill loses nothing acknowledged."""

    def __init__(self, folder):
        self.port = free_port()
        options = {"bind": HOST, "port": self.port, "dir": folder, "save": "", "appendonly": "yes", "appendfsync": "always"}
        self._command = [valkey._binary(), *(str(part) for name, value in options.items() for part in (f"--{name}", value))]
        self.client = Redis(connection_pool=clients.pool(f"redis://{HOST}:{self.port}/0", connect=0.2, answer=5, wait=5, size=8))
        self.start()

    def start(self):
        self.process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        eventually(self.answers)

    def answers(self):
        try:
            return self.client.ping()
        except RedisError:
            return False

    def kill(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path)
    yield server
    server.client.connection_pool.disconnect()
    server.kill()


def test_a_consumer_waits_for_redis_and_goes_on_where_it_was(server):
    events = shop.traffic(4_000, users=50, repeated=0.05)
    consumer = Consumer(server.client, shop.definitions)
    consumer.start()
    kept = []
    for start in range(0, len(events), 100):
        if start in (1_000, 2_500):
            server.kill()
            errors = consumer.errors
            eventually(lambda errors=errors: consumer.errors > errors)
            server.start()
        batch = events[start : start + 100]
        try:
            log.append(server.client, batch)
        except LogUnavailable as refused:
            time.sleep(refused.retry_after)
            log.append(server.client, batch)
        kept += batch
    eventually(lambda: not any(row["events"] for row in log.lag(server.client)))
    consumer.stop()

    assert states(server.client) == shop.folded(kept)


def test_a_consumer_that_starts_before_redis_waits_for_it(server):
    server.kill()
    consumer = Consumer(server.client, shop.definitions)
    consumer.start()
    eventually(lambda: consumer.errors > 1)
    server.start()
    log.append(server.client, [shop.event("alice", 1)])

    eventually(lambda: consumer.counts["applied"] == 1)
    consumer.stop()


def test_a_consumer_that_cannot_reach_redis_claims_no_partitions(server):
    consumer = Consumer(server.client, shop.definitions)
    consumer.start()
    eventually(lambda: len(consumer.stats()["owned"]) == 16)
    server.kill()

    eventually(lambda: consumer.stats()["owned"] == {})
    consumer.stop()


def test_a_consumer_stops_though_redis_is_away(server):
    consumer = Consumer(server.client, shop.definitions)
    consumer.start()
    eventually(lambda: consumer.stats()["owned"])
    server.kill()
    consumer.stop()

    assert not consumer._thread.is_alive()
