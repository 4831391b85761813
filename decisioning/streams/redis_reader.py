"""Reads the event log in Redis Streams: leases say whose a partition is, XREAD waits for entries, what is applied and old is trimmed."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

from decisioning import keys
from decisioning.cluster import Cluster
from decisioning.streams import functions
from decisioning.streams.functions import Call
from decisioning.streams.keep import keep_from
from decisioning.streams.lease import Leases, worker_name
from decisioning.streams.port import Entries, Held

logger = logging.getLogger(__name__)

FIELD = b"e"
"""The one field of an entry: the event in msgpack."""
ROUND, COUNT = 2_000, 500
"""Entries read at a time, about: of all partitions and of one. All of a round is seen at its end, so after a pause long rounds would
make the newest events wait for two of them."""
POLL_SECONDS = (0.001, 0.016)
"""The first and the longest pause between looks at the partitions in a cluster while nothing comes: an event waits up to 16 ms for it."""
TRIM_SECONDS = 30.0
LEFT_SECONDS = 30.0
"""How long a partition that this worker is too old for is left to others."""


class RedisReader:
    def __init__(self, client: Redis, partitions: int, *, lease_ms: int) -> None:
        self._client = client
        self._leases = Leases(client, worker_name(), partitions, lease_ms=lease_ms)
        self.worker = self._leases.worker
        self._tick_seconds = lease_ms / 5000
        self._next_tick = self._next_trim = 0.0
        self._count = COUNT
        """Entries read of one partition the next time, by how many had some the last time."""
        self._ends: dict[int, str] = {}
        """Of partitions read to their end in the last read, the id there."""
        self.paused: frozenset[int] = frozenset()

    @property
    def held(self) -> dict[int, Held]:
        return self._leases.held

    def keep(self) -> None:
        now = time.monotonic()
        if now >= self._next_tick:
            self._leases.tick()
            self._next_tick = now + self._tick_seconds
        if now >= self._next_trim:
            self.trim(now=time.time())
            self._next_trim = now + TRIM_SECONDS

    def read(self, block_ms: int) -> dict[int, Entries]:
        held = {keys.events_key(each.partition).encode(): each for each in self.held.values() if each.partition not in self.paused}
        self._ends.clear()
        if not held:
            time.sleep(block_ms / 1000)
            return {}
        count = self._count
        reply = self._read({name: each.offset for name, each in held.items()}, count, block_ms)
        self._count = min(COUNT, max(1, ROUND // max(1, len(reply))))
        # What was paused while the read waited stays where it is: whoever paused it was told so already.
        held = {name: each for name, each in held.items() if each.partition not in self.paused}
        found = {
            held[name].partition: [(entry_id.decode(), fields.get(FIELD, b"")) for entry_id, fields in entries]
            for name, entries in reply
            if name in held
        }
        for each in held.values():
            entries = found.get(each.partition, [])
            if len(entries) < count:
                self._ends[each.partition] = entries[-1][0] if entries else each.offset
        return found

    def _read(self, offsets: dict[bytes, str], count: int, block_ms: int) -> list[tuple[bytes, list[tuple[bytes, dict[bytes, bytes]]]]]:
        """One server waits for the first entry itself. In a cluster no command spans slots: each partition is asked, again and again."""
        if not isinstance(self._client, Cluster):
            return self._client.xread(offsets, count=count, block=block_ms)
        deadline, pause = time.monotonic() + block_ms / 1000, POLL_SECONDS[0]
        while True:
            pipeline = self._client.pipeline(transaction=False)
            for name, offset in offsets.items():
                pipeline.xread({name: offset}, count=count)
            found = [stream for streams in pipeline.execute() for stream in streams or ()]
            if found or time.monotonic() + pause > deadline:
                return found
            time.sleep(pause)
            pause = min(2 * pause, POLL_SECONDS[1])

    def caught_up(self, partitions: Collection[int]) -> set[int]:
        return {p for p in partitions if p in self.held and self._ends.get(p) == self.held[p].offset}

    def trim(self, *, now: float) -> None:
        """Removes entries that are applied, archived and older than LOG_KEEP_SECONDS. Never by length: that would remove unread ones."""
        held = list(self.held.values())
        keep = keep_from(self._client, [each.partition for each in held], f"{int((now - settings.LOG_KEEP_SECONDS) * 1000)}-0")
        calls = [
            Call("trim", [*keys.progress_keys(each.partition), keys.events_key(each.partition)], [each.fence, keep[each.partition]])
            for each in held
        ]
        for each, reply in zip(held, functions.checked(functions.call_many(self._client, calls)), strict=True):
            if reply is None:
                continue
            each.position, lost = reply
            if lost:
                logger.error("partition %s: %s entries were gone from the stream before they were read", each.partition, lost)

    def limit(self, partitions: int | None) -> None:
        self._leases.limit = partitions

    def drop(self, partition: int) -> None:
        self._leases.drop(partition)

    def leave(self, partition: int) -> None:
        self._leases.leave(partition, until=time.monotonic() + LEFT_SECONDS)

    def restart(self) -> None:
        self.held.clear()
        self._ends.clear()
        self._next_tick = 0.0

    def close(self) -> None:
        try:
            self._leases.release_all()
        except RedisError as error:
            logger.warning("leases can't be given back, they end by themselves: %s", error)
