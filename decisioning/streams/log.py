"""The event log: appending to it, and how far behind its readers are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from django.conf import settings
from redis import Redis
from redis.exceptions import BusyLoadingError, OutOfMemoryError, RedisError

from decisioning import keys
from decisioning.breaker import CircuitOpen
from decisioning.redis import breaker
from decisioning.streams import functions
from decisioning.tagging.event import Event, encode_event

FIELD = b"e"
"""The one field of an entry: the event in msgpack."""
RETRY_SECONDS, RETRY_SECONDS_FULL = 1, 5


class LogUnavailable(Exception):
    """The log did not take the events, or did not say that it has. Sending all of them again is safe: their message ids are the same."""

    def __init__(self, reason: str, retry_after: int) -> None:
        self.reason, self.retry_after = reason, retry_after
        super().__init__(f"the event log does not take events now ({reason}); try again in {retry_after} s")


class Lag(TypedDict):
    """How far a partition's owner is behind: events not applied yet, and how long the oldest of them has waited."""

    partition: int
    events: int
    seconds: float


def append(client: Redis, events: Sequence[Event]) -> None:
    """Appends each event to its user's partition, in the order given, in one trip. Returns once the log has all of them."""
    # Not one transaction: partitions live in different slots. Half a batch is harmless, its repetition is caught by message id.
    found: dict[int, list[bytes]] = {}
    for event in events:
        found.setdefault(keys.partition_of(event.workspace, event.user), []).append(encode_event(event))
    calls = [functions.Call("append", [keys.events_key(p), keys.received_key(p)], entries) for p, entries in found.items()]
    try:
        with breaker.guard():
            functions.checked(functions.call_many(client, calls))
    except CircuitOpen as error:
        raise LogUnavailable("Redis did not answer a moment ago", RETRY_SECONDS) from error
    except OutOfMemoryError as error:
        raise LogUnavailable("Redis is full", RETRY_SECONDS_FULL) from error
    except BusyLoadingError as error:
        raise LogUnavailable("Redis is loading its data", RETRY_SECONDS) from error
    except RedisError as error:
        raise LogUnavailable(f"Redis: {error}", RETRY_SECONDS) from error


def entries(client: Redis, partition: int, after: str, until: str | None, count: int) -> list[tuple[str, bytes]]:
    """The first `count` entries after the id `after`, up to and including `until`: ids and bytes."""
    found = client.xrange(keys.events_key(partition), f"({after}", until or "+", count=count)
    return [(entry_id.decode(), fields.get(FIELD, b"")) for entry_id, fields in found]


def lag(client: Redis) -> list[Lag]:
    """Of every partition. Read off the stream's last id and the stored offset, so it holds after losses and trims too."""
    partitions = range(settings.PARTITIONS)
    calls = [functions.Call("lag", [keys.events_key(p), keys.offset_key(p), keys.stats_key(p)]) for p in partitions]
    replies = functions.checked(functions.call_many(client, calls))
    return [Lag(partition=p, events=events, seconds=waited / 1000) for p, (events, waited, *_) in zip(partitions, replies, strict=True)]


def stats(client: Redis) -> dict[str, int]:
    """What became of all events read off the log so far, over all partitions."""
    names = ("applied", "duplicate", "dead")
    pipeline = client.pipeline(transaction=False)
    for partition in range(settings.PARTITIONS):
        pipeline.hmget(keys.stats_key(partition), names)
    rows = pipeline.execute()
    return {name: sum(int(row[column] or 0) for row in rows) for column, name in enumerate(names)}
