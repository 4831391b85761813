"""The event log in Redis Streams, one a partition."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from redis import Redis
from redis.exceptions import BusyLoadingError, OutOfMemoryError, RedisError

from decisioning import codec, keys
from decisioning.breaker import CircuitOpen
from decisioning.redis import breaker
from decisioning.streams import functions
from decisioning.streams.lease import LEASE_MS
from decisioning.streams.port import RETRY_SECONDS_FULL, Entries, Lag, LogUnavailable
from decisioning.streams.redis_reader import FIELD, RedisReader
from decisioning.tagging.event import Event


class RedisLog:
    """The log behind one client, with that client's patience."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    def append(self, events: Sequence[Event], within: float | None = None) -> None:
        """In one trip, within the client's own limit: it is the one of whoever waits."""
        # Not one transaction: partitions live in different slots.
        found: dict[int, list[bytes]] = {}
        for event in events:
            found.setdefault(keys.partition_of(event.workspace, event.user), []).append(codec.encode_event(event))
        calls = [functions.Call("append", [keys.events_key(p), keys.received_key(p)], entries) for p, entries in found.items()]
        try:
            with breaker.guard():
                functions.checked(functions.call_many(self._client, calls))
        except CircuitOpen as error:
            raise LogUnavailable("Redis did not answer a moment ago") from error
        except OutOfMemoryError as error:
            raise LogUnavailable("Redis is full", RETRY_SECONDS_FULL) from error
        except BusyLoadingError as error:
            raise LogUnavailable("Redis is loading its data") from error
        except RedisError as error:
            raise LogUnavailable(f"Redis: {error}") from error

    def lag(self) -> list[Lag]:
        """Read off the stream's last id and the stored offset, so it holds after losses and trims too."""
        partitions = range(settings.PARTITIONS)
        calls = [functions.Call("lag", [keys.events_key(p), keys.offset_key(p), keys.stats_key(p)]) for p in partitions]
        replies = functions.checked(functions.call_many(self._client, calls))
        return [Lag(partition=p, events=events, seconds=waited / 1000) for p, (events, waited, *_) in zip(partitions, replies, strict=True)]

    def entries(self, partition: int, after: str, until: str | None, count: int) -> Entries:
        found = self._client.xrange(keys.events_key(partition), f"({after}", until or "+", count=count)
        return [(entry_id.decode(), fields.get(FIELD, b"")) for entry_id, fields in found]

    def check(self) -> None:
        """Whoever reads the offsets has asked the same server whether it is fit for state; the log asks for no more."""

    def reader(self, lease_ms: int | None = None) -> RedisReader:
        return RedisReader(self._client, settings.PARTITIONS, lease_ms=lease_ms or LEASE_MS)
