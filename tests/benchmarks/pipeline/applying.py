"""What it costs to apply an event: read off the log, folded, written with the offset.

The floor reads the same entries and writes as many states' bytes: what no consumer can do without.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.conf import settings
from redis import Redis

from decisioning import keys
from decisioning.api.tracking import parse_message
from decisioning.redis import worker_client
from decisioning.streams import log
from decisioning.streams.consumer import Consumer
from decisioning.tagging import Definitions, compile_definitions
from decisioning.tagging.event import Event
from rules.engine import parse_workspace
from tests.benchmarks.pipeline import shop

BLOCK = 500
"""Events appended at a time."""


@dataclass
class Applied:
    """Microseconds of this process's CPU an event, a number for each round; and of Valkey's own core."""

    worker: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)
    valkey: list[float] = field(default_factory=list)
    state_bytes: float = 0.0
    """Of the median user."""
    memory: float = 0.0
    """What Valkey says that user's key takes, its name and all."""


def definitions(document: dict[str, Any]) -> Definitions:
    return compile_definitions(parse_workspace(document), shop.WINDOWS)


def moment(number: int) -> float:
    """When an event happens and is received: a tenth of a second after the one before it."""
    return shop.STARTED + number / 10


def events(count: int, *, users: int, seed: int, first: int) -> list[Event]:
    return [
        parse_message(message, workspace=shop.WORKSPACE, received=moment(first + number))
        for number, message in enumerate(shop.messages(count, users=users, seed=seed, first=first))
    ]


def measure(document: dict[str, Any], *, users: int, count: int, rounds: int, partitions: int, known: bool = False) -> Applied:
    """Rounds of `count` events of `users` users. `known`: each has a state already, as in a service that has run for long."""
    settings.PARTITIONS = partitions
    client, compiled, found, first = worker_client(), definitions(document), Applied(), 0
    client.flushall()
    consumer = Consumer(client, lambda _: compiled, clock=lambda: moment(first))
    consumer.step(block_ms=1)
    if known:
        for start in range(0, users, 50_000):
            first = _append(client, _one_each(range(start, min(users, start + 50_000)), first), first)
            _consume(consumer, first - start)
    for number in range(rounds + 1):  # the first one warms up
        last = _append(client, events(count, users=users, seed=number, first=first), first)
        floor = _floor(client, last - first)
        before = _valkey_cpu(client)
        worker = _timed(lambda: _consume(consumer, count)) / count * 1e6
        if number:
            found.worker.append(worker)
            found.valkey.append((_valkey_cpu(client) - before) / count * 1e6)
            found.floor.append(floor)
        first = last
    found.state_bytes, found.memory = _median_user(client)
    consumer.stop()
    return found


def _one_each(numbers: range, first: int) -> list[Event]:
    known = events(len(numbers), users=1, seed=-1, first=first)
    return [
        Event(**{name: getattr(event, name) for name in event.__struct_fields__} | {"user": f"u:user-{number}"})
        for number, event in zip(numbers, known, strict=True)
    ]


def _append(client: Redis, made: list[Event], first: int) -> int:
    for start in range(0, len(made), BLOCK):
        log.append(client, made[start : start + BLOCK])
    return first + len(made)


def _consume(consumer: Consumer, count: int) -> None:
    while count > 0:
        count -= consumer.step(block_ms=1)


def _floor(client: Redis, count: int) -> float:
    streams = [keys.events_key(p) for p in range(settings.PARTITIONS)]
    starts = {name: (client.get(keys.offset_key(p)) or b"0-0") for p, name in enumerate(streams)}

    def work() -> None:
        left = count
        while left > 0:
            pipeline = client.pipeline(transaction=False)
            for name, entries in client.xread(starts, count=BLOCK) or []:
                key = name.decode()
                starts[key] = entries[-1][0]
                left -= len(entries)
                for entry, _ in entries:
                    pipeline.set(f"floor:{entry.decode()}", b"x" * 900, px=1)
            pipeline.execute()

    return _timed(work) / count * 1e6


def _timed(work: Callable[[], None]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _valkey_cpu(client: Redis) -> float:
    info = client.info("cpu")
    return float(info["used_cpu_user"] + info["used_cpu_sys"])


def _median_user(client: Redis) -> tuple[float, float]:
    some = list(islice(client.scan_iter("*:state:*", count=1000), 2000))
    pipeline = client.pipeline(transaction=False)
    for key in some:
        pipeline.strlen(key)
        pipeline.memory_usage(key)
    replies = pipeline.execute()
    return statistics.median(replies[::2]), statistics.median(replies[1::2])
