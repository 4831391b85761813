"""Reads the topic as a member of a group: the group says whose a partition is, Redis where to read on and whose writes count."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Iterable, Mapping

from confluent_kafka import OFFSET_END, Consumer, KafkaException, Message, TopicPartition
from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

from decisioning import keys
from decisioning.streams import functions
from decisioning.streams.functions import Call
from decisioning.streams.kafka.clients import entry_id, number, options, stored
from decisioning.streams.kafka.ranges import ranges
from decisioning.streams.lease import worker_name
from decisioning.streams.port import CannotLimit, Entries, Held

logger = logging.getLogger(__name__)

SESSION_MS = 6_000
"""How long a partition waits for a worker that died. Brokers take no less than 6 s unless told otherwise."""
COUNT = 2_000
"""Records taken in one round, of all partitions."""
LEFT_SECONDS = 30.0
"""How long a partition that this worker is too old for is not read. Whom the group gives it to then is not for one member to say."""
TOLD_SECONDS = 1.0
"""How often the group is told how far it is. It reads nothing off that; tools that show Kafka's lag do."""
STALLED_SECONDS = 5.0
"""How long nothing comes of a partition before the reader asks whether there is something."""
END_SECONDS = 0.3
"""How long ago an end may have been seen to say that a partition is read to its end."""
OVERLAP_MS = 60_000
"""Where a log was made anew it is read from so long before the last commit: better twice, for message ids tell, than not at all."""


class KafkaReader:
    def __init__(self, client: Redis, *, session_ms: int) -> None:
        self._client, self._session_ms = client, session_ms
        self.worker = worker_name()
        self.held: dict[int, Held] = {}
        self._assigned: set[int] = set()
        self._left: dict[int, float] = {}
        self._at: dict[int, int] = {}
        """The offset of the record that librdkafka will give out next."""
        self._sought: dict[int, int] = {}
        self._ends: dict[int, tuple[float, int]] = {}
        """When a partition was asked for its end (monotonic), and where that was."""
        self._told: dict[int, str] = {}
        self._next_tell = 0.0
        self._stood: dict[int, tuple[str, float]] = {}
        """Where a partition's offset was seen, and since when (monotonic)."""
        self.paused: frozenset[int] = frozenset()
        self._silent: set[int] = set()
        self._consumer: Consumer | None = None

    def keep(self) -> None:
        self._join()
        now = time.monotonic()
        free = sorted(p for p in self._assigned - self.held.keys() if self._left.get(p, now) <= now)
        if free:
            self._take(free)
        if now >= self._next_tell:
            self._tell()
            self._wake(now)
            self._next_tell = now + TOLD_SECONDS

    def read(self, block_ms: int) -> dict[int, Entries]:
        consumer = self._join()
        self._hush(consumer)
        for held in list(self.held.values()):
            # What was read and not applied comes again; where the states are is what counts.
            if self._at.get(held.partition) != number(held.offset) and not self._seek(held):
                self.held.pop(held.partition)
        # consume() alone would wait until it has as many as it was asked for.
        first = consumer.poll(block_ms / 1000)
        messages = [] if first is None else [first, *consumer.consume(COUNT - 1, 0)]
        found: dict[int, list[Message]] = {}
        for message in messages:
            if message.error() is None:
                found.setdefault(message.partition(), []).append(message)
            else:
                logger.warning("Kafka says of partition %s: %s", message.partition(), message.error())
        return {p: entries for p, records in found.items() if (entries := self._following(p, records))}

    def caught_up(self, partitions: Collection[int]) -> set[int]:
        asked = {p: number(self.held[p].offset) for p in partitions if p in self.held and p not in self.paused}
        ends, now = ranges().ends(asked), time.monotonic()
        caught_up = set()
        for partition, offset in asked.items():
            # While events flow the end of now is always ahead; where the end was a moment ago can be reached.
            seen, at = self._ends.get(partition, (0.0, 0))
            end = ends[partition][1]
            recent = now - seen <= END_SECONDS
            if offset >= end or (recent and offset >= at):
                caught_up.add(partition)
            if not recent or offset >= at:
                self._ends[partition] = (now, end)
        return caught_up

    def limit(self, partitions: int | None) -> None:
        if partitions is not None:
            raise CannotLimit("Kafka's group shares out the partitions: start or stop workers instead")

    def drop(self, partition: int) -> None:
        """The group is about to say so too. A member that has not heard yet must not take its partition back from the new owner."""
        self._let_go(partition, self._session_ms / 1000)

    def leave(self, partition: int) -> None:
        self._let_go(partition, LEFT_SECONDS)

    def restart(self) -> None:
        self.held.clear()

    def close(self) -> None:
        if self._consumer is not None:
            try:
                self._tell()
                self._consumer.close()
            except KafkaException as error:
                logger.warning("the group can't be left, it will notice by itself: %s", error)
            self._consumer = None
            self._release(self._assigned)
            self._assigned.clear()
            self.held.clear()

    def _join(self) -> Consumer:
        """Only when there is work to be done: a member that does not read would hold up its partitions."""
        if self._consumer is None:
            self._consumer = Consumer(
                options(
                    **{
                        "group.id": settings.KAFKA_TOPIC,
                        "partition.assignment.strategy": "cooperative-sticky",
                        "session.timeout.ms": self._session_ms,
                        "heartbeat.interval.ms": self._session_ms // 5,
                        "enable.auto.commit": False,
                        # Seen by the records that come then (_following). "error" would stop the partition in a way that no seek mends.
                        "auto.offset.reset": "earliest",
                        "fetch.wait.max.ms": 100,
                    }
                )
            )
            self._consumer.subscribe([settings.KAFKA_TOPIC], on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_revoke)
        return self._consumer

    def _on_assign(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """At the stored offsets. Where Redis is away, the next `keep` finds them: its error would be lost in here."""
        ours = [each.partition for each in partitions]
        self._assigned.update(ours)
        try:
            places = stored(self._client, ours)
        except RedisError:
            places = [OFFSET_END] * len(ours)
        self._assign(consumer, dict(zip(ours, places, strict=True)))

    def _assign(self, consumer: Consumer, offsets: Mapping[int, int]) -> None:
        """By offset, not by a seek later on: librdkafka loses one now and then while it still asks where the end is."""
        consumer.incremental_assign([TopicPartition(settings.KAFKA_TOPIC, p, offset) for p, offset in offsets.items()])
        self._at |= offsets

    def _on_revoke(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        gone = {each.partition for each in partitions}
        self._assigned -= gone
        self._silent -= gone
        for partition in gone:
            self.held.pop(partition, None)
            self._left.pop(partition, None)
            self._told.pop(partition, None)
            self._stood.pop(partition, None)
            self._ends.pop(partition, None)
        consumer.incremental_unassign(partitions)
        self._release(gone)

    def _take(self, partitions: list[int]) -> None:
        """The group's word is enough: the fence goes up whoever held it, and an old owner's commits are void."""
        calls = [Call("take", [keys.lease_key(p), *keys.progress_keys(p)], [self.worker, 0, "forced"]) for p in partitions]
        taken = functions.checked(functions.call_many(self._client, calls))
        ends = ranges().ends(partitions)
        for partition, (fence, offset, position) in zip(partitions, taken, strict=True):
            held = Held(partition, fence, offset.decode(), position)
            self._mend(held, *ends[partition])
            if self._at.get(partition) == number(held.offset) or self._seek(held):
                self.held[partition] = held

    def _mend(self, held: Held, low: int, high: int) -> None:
        """Where the log does not have the place to read on at: goes on at the nearest that it has, says so and counts it."""
        at = number(held.offset)
        if at < low:
            self._jump(held, low, "lost", low - at, "records expired before they were read")
        elif at > high:
            last = int(self._client.hget(keys.stats_key(held.partition), "last_applied_ms") or 0)
            since = ranges().since(held.partition, last - OVERLAP_MS)
            self._jump(held, high if since is None else since, "rewound", 1, f"the log ends at {high}, maybe it was made anew")

    def _jump(self, held: Held, to: int, counter: str, count: int, why: str) -> None:
        logger.error(
            "partition %s: read up to %s, going on at %s: %s (%s %s)", held.partition, number(held.offset), to, why, counter, count
        )
        arguments = [held.fence, held.offset, entry_id(to), counter, count]
        if functions.call(self._client, "jump", keys.progress_keys(held.partition), arguments):
            held.offset = entry_id(to)

    def _seek(self, held: Held) -> bool:
        """False where librdkafka is not ready for it yet: the next round tries again."""
        place = TopicPartition(settings.KAFKA_TOPIC, held.partition, number(held.offset))
        consumer = self._join()
        try:
            if held.partition in self._silent and held.partition not in self.paused:
                consumer.resume([place])
                self._silent.discard(held.partition)
            consumer.seek(place)
            self._at[held.partition] = place.offset
        except KafkaException as error:
            logger.info("partition %s is read later: %s", held.partition, error)
            return False
        return True

    def _following(self, partition: int, records: list[Message]) -> Entries:
        """The records that come next, without a gap. Where Kafka has no such offset it gives out its earliest ones, which tell."""
        held = self.held.get(partition)
        if held is None:
            return []
        self._at[partition] = records[-1].offset() + 1
        at = number(held.offset)
        if records[0].offset() < at:
            self.held.pop(partition)  # taken anew, and mended, at the next `keep`
            return []
        if records[0].offset() > at:
            if self._sought.get(partition) != at:
                self._sought[partition] = at
                del self._at[partition]
                return []
            self._jump(held, records[0].offset(), "lost", records[0].offset() - at, "nothing is there in between")
            at = number(held.offset)
        unbroken = [record for expected, record in enumerate(records, at) if record.offset() == expected]
        return [(entry_id(record.offset() + 1), record.value() or b"") for record in unbroken]

    def _hush(self, consumer: Consumer) -> None:
        """Fetches nothing for partitions that are not to be read now."""
        silent = (self._assigned & self.paused) | {p for p in self._assigned - self.held.keys() if p in self._left}
        if new := silent - self._silent:
            consumer.pause([TopicPartition(settings.KAFKA_TOPIC, p) for p in new])
        self._silent |= silent
        for partition in self._silent - silent:
            self._at.pop(partition, None)  # the seek to come wakes it

    def _wake(self, now: float) -> None:
        """Reads those anew that give nothing although there is something: librdkafka has been seen to forget a place to read from."""
        for partition, held in self.held.items():
            if partition in self.paused or self._stood.get(partition, ("", 0.0))[0] != held.offset:
                self._stood[partition] = (held.offset, now)
        quiet = [p for p in self.held if now - self._stood[p][1] >= STALLED_SECONDS]
        for partition, (_, end) in ranges().ends(quiet).items():
            at = number(self.held[partition].offset)
            self._stood[partition] = (self.held[partition].offset, now)
            if end > at:
                logger.warning("partition %s stands at %s of %s: reading it anew", partition, at, end)
                self._join().incremental_unassign([TopicPartition(settings.KAFKA_TOPIC, partition)])
                self._assign(self._join(), {partition: at})

    def _let_go(self, partition: int, seconds: float) -> None:
        self.held.pop(partition, None)
        self._left[partition] = time.monotonic() + seconds
        self._release([partition])

    def _release(self, partitions: Iterable[int]) -> None:
        """What the leases say of owners is for people here, so Redis may be away."""
        try:
            functions.call_many(self._client, [Call("release", [keys.lease_key(p)], [self.worker]) for p in partitions])
        except RedisError as error:
            logger.warning("leases can't be taken down: %s", error)

    def _tell(self) -> None:
        news = {p: held.offset for p, held in self.held.items() if self._told.get(p) != held.offset}
        if not news or self._consumer is None:
            return
        try:
            offsets = [TopicPartition(settings.KAFKA_TOPIC, p, number(offset)) for p, offset in news.items()]
            self._consumer.commit(offsets=offsets, asynchronous=True)
            self._told |= news
        except KafkaException as error:
            logger.info("the group is told later how far it is: %s", error)
