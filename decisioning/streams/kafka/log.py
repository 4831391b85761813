"""The event log in a Kafka topic. How far it was read stands in Redis beside the states, where one step can move both on."""

from __future__ import annotations

import time
from collections.abc import Sequence

from django.conf import settings
from redis import Redis

from decisioning import codec, keys
from decisioning.streams.kafka.clients import ASK_SECONDS, check_topic, entry_id, number, stored
from decisioning.streams.kafka.producer import sender
from decisioning.streams.kafka.ranges import ranges
from decisioning.streams.kafka.reader import SESSION_MS, KafkaReader
from decisioning.streams.port import Entries, Lag
from decisioning.tagging.event import Event


class KafkaLog:
    """`client`: of the Redis where offsets and states are."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    def append(self, events: Sequence[Event], within: float | None = None) -> None:
        if events:
            sender.send([(keys.partition_of(event.workspace, event.user), codec.encode_event(event)) for event in events], within)

    def lag(self) -> list[Lag]:
        """The end of each partition less the stored offset; the time is that of the first record not applied yet."""
        offsets = stored(self._client, range(settings.PARTITIONS))
        ends = ranges().ends(range(settings.PARTITIONS))
        # Outside of what there is now, all there is counts as unread: the owner will say aloud where it goes on.
        unread = {p: (offset if low <= offset <= high else low, high) for p, offset in enumerate(offsets) for low, high in [ends[p]]}
        firsts = ranges().read({p: (start, start + 1) for p, (start, end) in unread.items() if start < end})
        now = time.time()
        waited = {p: max(0.0, now - found[0].timestamp()[1] / 1000) for p, found in firsts.items() if found}
        return [Lag(partition=p, events=end - start, seconds=waited.get(p, 0.0)) for p, (start, end) in unread.items()]

    def entries(self, partition: int, after: str, until: str | None, count: int) -> Entries:
        low, high = ranges().ends([partition])[partition]
        start = max(low, number(after))
        end = min(high, start + count, high if until is None else number(until))
        found = ranges().read({partition: (start, end)})[partition]
        return [(entry_id(message.offset() + 1), message.value() or b"") for message in found]

    def check(self) -> None:
        check_topic(ranges().admin, ASK_SECONDS)

    def reader(self, lease_ms: int | None = None) -> KafkaReader:
        return KafkaReader(self._client, session_ms=lease_ms or SESSION_MS)
