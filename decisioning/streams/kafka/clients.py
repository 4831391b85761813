"""What every Kafka client here has in common: where the brokers are, how long one waits, what the topic must be like."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from confluent_kafka import KafkaException
from django.conf import settings
from redis import Redis

from decisioning import keys
from decisioning.redis import UnsuitableServer
from decisioning.streams.port import NEVER, LogUnavailable

ASK_SECONDS = 5.0
"""The limit of a question to the brokers by whoever may wait. Appending has its own: KAFKA_TIMEOUT_MS."""
logger = logging.getLogger(__name__)


def options(**more: Any) -> dict[str, Any]:
    """Options for a client; librdkafka's own messages go to our log. What the person says in KAFKA_OPTIONS stands."""
    common = {
        "bootstrap.servers": settings.KAFKA_BOOTSTRAP,
        "client.id": "signpost",
        # The default of 10 s would let a worker sleep on after the brokers are back.
        "reconnect.backoff.max.ms": 1000,
        "allow.auto.create.topics": False,
        "logger": logger,
    }
    return common | more | settings.KAFKA_OPTIONS


def check_topic(client: Any, seconds: float) -> None:
    """Refuses a topic with another number of partitions: users would be looked for where they are not. `client`: any Kafka client."""
    topic = settings.KAFKA_TOPIC
    try:
        described = client.list_topics(topic, timeout=seconds).topics[topic]
    except KafkaException as error:
        raise unavailable(error) from error
    found = 0 if described.error else len(described.partitions)
    if found != settings.PARTITIONS:
        raise UnsuitableServer(
            f"Kafka's topic {topic} has {found or 'no'} partitions and PARTITIONS is {settings.PARTITIONS}. "
            f"Make one that has: `kafka-topics.sh --create --topic {topic} --partitions {settings.PARTITIONS}`, or set KAFKA_TOPIC."
        )


def unavailable(error: KafkaException) -> LogUnavailable:
    return LogUnavailable(f"Kafka: {error.args[0].str()}")


def stored(client: Redis, partitions: Iterable[int]) -> list[int]:
    """The places in Kafka's partitions up to which everything is applied, as Redis has them."""
    pipeline = client.pipeline(transaction=False)
    for partition in partitions:
        pipeline.get(keys.offset_key(partition))
    return [number((found or NEVER.encode()).decode()) for found in pipeline.execute()]


def number(entry_id: str) -> int:
    """The place in Kafka's partition that comes after an entry; 0 for a partition of which nothing was read."""
    return int(entry_id.partition("-")[2])


def entry_id(after: int) -> str:
    """The other way round. The record with Kafka's offset 0 has the id 0-1, since 0-0 means that nothing was read."""
    return f"0-{after}"
