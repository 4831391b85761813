"""Reads stretches of the topic apart from any group, and asks where its partitions begin and end."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from functools import cache
from threading import Lock

from confluent_kafka import OFFSET_INVALID, Consumer, KafkaError, KafkaException, Message, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec
from django.conf import settings

from decisioning.streams.kafka.clients import ASK_SECONDS, options, unavailable
from decisioning.streams.port import LogUnavailable


class Ranges:
    """One a process, made by `ranges`. Callers wait for each other."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.admin = AdminClient(options())
        # A consumer must name a group; this one never joins it.
        alone = {"group.id": "signpost-ranges", "enable.auto.commit": False, "auto.offset.reset": "earliest", "enable.partition.eof": True}
        self._consumer = Consumer(options(**alone, **{"fetch.wait.max.ms": 50, "queued.min.messages": 1000}))

    def ends(self, partitions: Iterable[int]) -> dict[int, tuple[int, int]]:
        """Of each partition the first offset there is, and the one that the next record will have. Raises LogUnavailable."""
        asked = list(partitions)
        first, last = self._offsets(asked, OffsetSpec.earliest()), self._offsets(asked, OffsetSpec.latest())
        return {partition: (first[partition], last[partition]) for partition in asked}

    def since(self, partition: int, milliseconds: int) -> int | None:
        """The offset of the first record of that time or later, None where there is none."""
        found = self._offsets([partition], OffsetSpec.for_timestamp(milliseconds))[partition]
        return None if found < 0 else found

    def _offsets(self, partitions: list[int], which: OffsetSpec) -> dict[int, int]:
        if not partitions:
            return {}
        try:
            wanted = {TopicPartition(settings.KAFKA_TOPIC, partition): which for partition in partitions}
            replies = self.admin.list_offsets(wanted, request_timeout=ASK_SECONDS)
            found = {each.partition: reply.result().offset for each, reply in replies.items()}
        except KafkaException as error:
            raise unavailable(error) from error
        if OFFSET_INVALID in found.values():  # How librdkafka answers, without an error, where the brokers did not in time.
            raise LogUnavailable(f"Kafka did not answer within {ASK_SECONDS:.0f} s")
        return found

    def read(self, wanted: Mapping[int, tuple[int, int]]) -> dict[int, list[Message]]:
        """Per partition the records from the first offset up to, and without, the second. Raises LogUnavailable."""
        found: dict[int, list[Message]] = {partition: [] for partition in wanted}
        left = {partition for partition, (start, end) in wanted.items() if start < end}
        deadline = time.monotonic() + ASK_SECONDS
        with self._lock:
            try:
                self._consumer.assign([TopicPartition(settings.KAFKA_TOPIC, partition, wanted[partition][0]) for partition in left])
                while left:
                    message = self._consumer.poll(max(0.0, deadline - time.monotonic()))
                    if message is None:
                        raise LogUnavailable(f"Kafka did not answer within {ASK_SECONDS:.0f} s")
                    self._sort_in(message, wanted, found, left)
            except KafkaException as error:
                raise unavailable(error) from error
            finally:
                self._consumer.unassign()
        return found

    @staticmethod
    def _sort_in(message: Message, wanted: Mapping[int, tuple[int, int]], found: dict[int, list[Message]], left: set[int]) -> None:
        partition, error = message.partition(), message.error()
        if error is not None:
            if error.code() != KafkaError._PARTITION_EOF:  # noqa: SLF001 - public, librdkafka's way to name its own codes
                raise KafkaException(error)
            left.discard(partition)
        elif partition in left:
            end = wanted[partition][1]
            if message.offset() < end:
                found[partition].append(message)
            if message.offset() >= end - 1:
                left.discard(partition)


def ranges() -> Ranges:
    return _ranges(os.getpid(), settings.KAFKA_BOOTSTRAP)


@cache
def _ranges(pid: int, bootstrap: str) -> Ranges:
    """Per process, since librdkafka does not survive a fork."""
    return Ranges()
