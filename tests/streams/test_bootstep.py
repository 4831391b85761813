"""The consumer inside a real Celery worker: it starts with `--streams`, can be asked, and stops cleanly."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection

from decisioning import keys
from decisioning.celery import app
from decisioning.streams import log
from decisioning.tagging import decode_state
from tests.streams import shop
from tests.streams.conftest import eventually

CELERY = [sys.executable, "-m", "celery", "-A", "decisioning"]
NODE = "streams@under-test"
ALICE = keys.partition_of(shop.WORKSPACE, "u:alice")
STATE = keys.state_key(shop.WORKSPACE, "u:alice")


@pytest.fixture
def environment(db):
    """That of this test run, with the database that it made."""
    url = urlsplit(os.environ["DATABASE_URL"])
    return os.environ | {"DATABASE_URL": url._replace(path=f"/{connection.settings_dict['NAME']}").geturl()}


@pytest.fixture
def worker(client, environment):
    options = ["-P", "threads", "-c", "1", "-Q", "stream-control", "--streams", "-n", NODE]
    process = subprocess.Popen([*CELERY, "-q", "worker", *options], env=environment)
    yield process
    process.kill()
    process.wait()


def inspect(environment):
    """Asks the worker, again where it did not listen yet: events are applied before Celery has reached its broker."""
    command = [*CELERY, "inspect", "--json", "--timeout", "2", "--destination", NODE, "stream_stats"]
    for _ in range(10):
        answer = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        if answer.returncode == 0:
            return json.loads(answer.stdout)[NODE]
    raise AssertionError(answer.stderr)


def test_a_worker_with_streams_applies_events_can_be_asked_and_stops_cleanly(client, worker, environment):
    log.append(client, [shop.event("alice", 1)])
    eventually(lambda: client.exists(STATE), seconds=60)
    assert decode_state(client.get(STATE)).revision == 1

    stats = inspect(environment)
    assert len(stats["partitions"]) == settings.PARTITIONS
    assert stats["applied"] == 1
    mine = stats["partitions"][str(keys.partition_of(shop.WORKSPACE, "u:alice"))]
    assert mine == {
        "offset": client.get(keys.offset_key(keys.partition_of(shop.WORKSPACE, "u:alice"))).decode(),
        "events_behind": 0,
        "seconds_behind": 0.0,
    }

    worker.send_signal(signal.SIGTERM)
    assert worker.wait(30) == 0
    assert client.exists(keys.WORKERS, *(keys.lease_key(p) for p in range(settings.PARTITIONS))) == 0


def control(environment, *words):
    command = [*CELERY, "control", "--json", "--timeout", "5", "--destination", NODE, *words]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert answer.returncode == 0, answer.stderr
    [reply] = json.loads(answer.stdout)
    return reply[NODE]


def ask(command, **arguments):
    """The same without a process of its own."""
    [reply] = app.control.broadcast(command, arguments, destination=[NODE], reply=True, timeout=5, limit=1)
    return reply[NODE]


def test_a_worker_is_paused_and_resumed_and_told_how_many_partitions_to_take(client, worker, environment):
    bob = next(f"bob{n}" for n in range(99) if keys.partition_of(shop.WORKSPACE, f"u:bob{n}") != ALICE)
    inspect(environment)
    assert control(environment, "stream_pause", str(ALICE)) == {"ok": f"paused: [{ALICE}]"}
    log.append(client, [shop.event("alice", 1), shop.event(bob, 1)])
    eventually(lambda: client.exists(keys.state_key(shop.WORKSPACE, f"u:{bob}")))
    assert not client.exists(STATE)
    stats = ask("stream_stats")
    assert (stats["paused"], stats["partitions"][str(ALICE)]["events_behind"]) == ([ALICE], 1)

    assert ask("stream_resume") == {"ok": "paused: none"}
    eventually(lambda: client.exists(STATE))

    assert control(environment, "stream_scale", "2") == {"ok": "paused: none"}
    eventually(lambda: len(ask("stream_stats")["partitions"]) == 2)
    assert ask("stream_scale", partitions="all") == {"ok": "paused: none"}
    eventually(lambda: len(ask("stream_stats")["partitions"]) == settings.PARTITIONS)

    assert "99 is no partition" in ask("stream_pause", partitions=["99"])["error"]
    assert "some is not a number" in ask("stream_scale", partitions="some")["error"]


def test_a_worker_does_not_start_on_a_server_that_may_evict(client, environment):
    client.config_set("maxmemory-policy", "allkeys-lru")
    try:
        command = [*CELERY, "-q", "worker", "-P", "threads", "-c", "1", "-Q", "stream-control", "--streams", "-n", "refused@%h"]
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    finally:
        client.config_set("maxmemory-policy", "noeviction")

    assert ended.returncode != 0
    assert "Set it to noeviction" in ended.stderr
