"""The event log of this installation, in Redis Streams or in Kafka, whichever EVENT_LOG says; and what became of its events."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from redis import Redis

from decisioning import keys
from decisioning.redis import UnsuitableServer
from decisioning.streams.port import Entries, EventLog, Lag, LogUnavailable
from decisioning.streams.redis_log import RedisLog
from decisioning.streams.redis_reader import FIELD
from decisioning.tagging.event import Event

__all__ = ["FIELD", "Lag", "LogUnavailable", "append", "check", "entries", "event_log", "lag", "stats"]

OUTCOMES = ("applied", "duplicate", "late", "dead")
"""Always told, also where none has been counted yet."""
PROGRESS = frozenset({b"position", b"last_applied_ms"})
"""What stands beside the counters and is none."""


def event_log(client: Redis) -> EventLog:
    """`client`: for the offsets, which are in Redis whatever the log is; and for the log itself where that is Redis."""
    if settings.EVENT_LOG == "kafka":
        # Imported here: whoever keeps the log in Redis need not load librdkafka.
        from decisioning.streams.kafka.log import KafkaLog

        return KafkaLog(client)
    return RedisLog(client)


def check(client: Redis) -> None:
    """Refuses a log that is unfit, or another one than the offsets in Redis are of. See EventLog.check for what it raises."""
    name = f"kafka {settings.KAFKA_TOPIC}" if settings.EVENT_LOG == "kafka" else "redis"
    # Offsets without a name are from before there was a choice.
    if any(client.exists(keys.offset_key(partition)) for partition in range(settings.PARTITIONS)):
        client.set(keys.LOG, "redis", nx=True)
    client.set(keys.LOG, name, nx=True)
    of = (client.get(keys.LOG) or name.encode()).decode()
    if of != name:
        raise UnsuitableServer(
            f"The offsets in Redis are of another event log ({of}) than the one set ({name}). Set EVENT_LOG and KAFKA_TOPIC back; "
            "how to change over without losing events: docs/decisions/0014-kafka.md."
        )
    event_log(client).check()


def append(client: Redis, events: Sequence[Event], within: float | None = None) -> None:
    """See EventLog.append."""
    event_log(client).append(events, within)


def entries(client: Redis, partition: int, after: str, until: str | None, count: int) -> Entries:
    """See EventLog.entries."""
    return event_log(client).entries(partition, after, until, count)


def lag(client: Redis) -> list[Lag]:
    """See EventLog.lag."""
    return event_log(client).lag()


def stats(client: Redis) -> dict[str, int]:
    """What became of all events read off the log so far, over all partitions: whatever the consumers count, by name."""
    pipeline = client.pipeline(transaction=False)
    for partition in range(settings.PARTITIONS):
        pipeline.hgetall(keys.stats_key(partition))
    totals = dict.fromkeys(OUTCOMES, 0)
    for row in pipeline.execute():
        for name, count in row.items():
            if name not in PROGRESS:
                totals[name.decode()] = totals.get(name.decode(), 0) + int(count)
    return totals
