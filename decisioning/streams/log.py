"""The event log of this installation, in Redis Streams or in Kafka, whichever EVENT_LOG says; and what became of its events."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from redis import Redis

from decisioning import keys
from decisioning.streams.port import EventLog, Lag, LogUnavailable
from decisioning.streams.redis_log import RedisLog
from decisioning.streams.redis_reader import FIELD
from decisioning.tagging.event import Event

__all__ = ["FIELD", "Lag", "LogUnavailable", "append", "event_log", "lag", "stats"]


def event_log(client: Redis) -> EventLog:
    """`client`: for the offsets, which are in Redis whatever the log is; and for the log itself where that is Redis."""
    return RedisLog(client)


def append(client: Redis, events: Sequence[Event], within: float | None = None) -> None:
    """See EventLog.append."""
    event_log(client).append(events, within)


def lag(client: Redis) -> list[Lag]:
    """See EventLog.lag."""
    return event_log(client).lag()


def stats(client: Redis) -> dict[str, int]:
    """What became of all events read off the log so far, over all partitions."""
    names = ("applied", "duplicate", "dead")
    pipeline = client.pipeline(transaction=False)
    for partition in range(settings.PARTITIONS):
        pipeline.hmget(keys.stats_key(partition), names)
    rows = pipeline.execute()
    return {name: sum(int(row[column] or 0) for row in rows) for column, name in enumerate(names)}
