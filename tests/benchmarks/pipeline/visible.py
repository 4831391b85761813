"""How soon an accepted event's tag stands in the state, while a load of other events is sent by a process of its own."""

from __future__ import annotations

import json
import multiprocessing
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import count
from multiprocessing.synchronize import Event

from decisioning.tagging import decode_state
from tests.benchmarks.pipeline import shop
from tests.benchmarks.pipeline.serving import Shop, bodies, post

BATCH = 100
PAUSE = 0.01
"""Seconds between two probes."""


def carried(there: Shop, *, seconds: float) -> float:
    """Events a second that the whole machine carries, this load included: sent as fast as they are accepted, until all are applied."""
    with _load(there, per_second=None) as sent:
        started = time.monotonic()
        time.sleep(seconds)
    there.settle()
    return sent[0] / (time.monotonic() - started)


def visible(there: Shop, *, per_second: float | None, seconds: float) -> tuple[list[float], list[float], float]:
    """Of probes sent one by one under a steady load, None for none: seconds until accepted, and from then until the tag is there.

    Also gives the rate that was reached.
    """
    from django.conf import settings

    settings.PARTITIONS = there.partitions  # by which the key of a probe's state is found
    if per_second is None:
        return *_probes(there, seconds), 0.0
    with _load(there, per_second=per_second) as sent:
        started = time.monotonic()
        accepted, shown = _probes(there, seconds)
        seconds = time.monotonic() - started
    return accepted, shown, sent[0] / seconds


@contextmanager
def _load(there: Shop, *, per_second: float | None) -> Iterator[list[int]]:
    """Another process sends while this is open. The list has how many events it sent, once it is closed."""
    spawn = multiprocessing.get_context("spawn")
    ready, stop, told = spawn.Event(), spawn.Event(), spawn.SimpleQueue()
    process = spawn.Process(target=_send, args=(there.host, there.key, per_second, ready, stop, told))
    process.start()
    sent = [0]
    try:
        if not ready.wait(30):
            raise SystemExit("the process that sends the load did not begin in 30 s")
        yield sent
    finally:
        stop.set()
        process.join()
    if process.exitcode:
        raise SystemExit("the process that sends the load failed")
    sent[0] = told.get()


def _send(host: str, key: str, per_second: float | None, ready: Event, stop: Event, told: multiprocessing.SimpleQueue[int]) -> None:
    made = bodies(50_000, BATCH, users=20_000, seed=99)
    connection = HTTPConnection(host)
    ready.set()
    started = time.monotonic()
    for number in count():
        if stop.is_set():
            break
        again, which = divmod(number, len(made))
        post(connection, key, made[which].replace(b'"99-', b'"%d-' % (100 + again)))
        ahead = (number + 1) * BATCH / per_second - (time.monotonic() - started) if per_second else 0.0
        if ahead > 0:
            time.sleep(ahead)
    told.put(number * BATCH)


def _probes(there: Shop, seconds: float) -> tuple[list[float], list[float]]:
    connection = there.connect()
    accepted, shown = [], []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        user = f"probe-{time.monotonic_ns()}"
        message = {"type": "track", "event": shop.PROBE, "userId": user, "messageId": user}
        accepted.append(there.send(connection, json.dumps({"batch": [message]}).encode()))
        shown.append(_until_tagged(there, user))
        time.sleep(PAUSE)
    return accepted, shown


def _until_tagged(there: Shop, user: str) -> float:
    from decisioning import keys  # needs settings, which the caller has set up

    key, started = keys.state_key(shop.WORKSPACE, f"u:{user}"), time.perf_counter()
    while True:
        encoded = there.redis.get(key)
        if encoded and shop.PROBE_TAG in decode_state(encoded).tags:
            return time.perf_counter() - started
        if time.perf_counter() - started > 10:
            raise SystemExit("a probe's tag was not seen in 10 s: the stream worker does not keep up with this load")
        time.sleep(0.0005)


def p50_p99(seconds: list[float]) -> tuple[float, float]:
    """In milliseconds."""
    return statistics.median(seconds) * 1e3, statistics.quantiles(seconds, n=100)[98] * 1e3
