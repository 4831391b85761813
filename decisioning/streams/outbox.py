"""Messages for other users, on their way from the partition that made them to the log of the partitions they are for."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from redis import Redis

from decisioning import keys
from decisioning.redis import reachable
from decisioning.streams.batch import Entry, SetAside, read
from decisioning.streams.log import FIELD, LogUnavailable
from decisioning.streams.port import Held
from decisioning.tagging.event import Event

logger = logging.getLogger(__name__)

COUNT = 500
"""Messages taken of one partition at a time."""

Append = Callable[[Sequence[Event]], None]
"""Appends events to the log, or raises LogUnavailable."""


class Outbox:
    """Relays for the partitions one worker owns. Used by one thread.

    A message leaves the outbox only after the log has it. Who dies between the two leaves it to be sent again, and the state it is for
    knows its message id.
    """

    def __init__(self, client: Redis, append: Append) -> None:
        self._client, self._append = client, append
        self._emptied: dict[int, int] = {}
        """Partitions seen empty, by the fence under which: only the owner adds messages, so one with that fence need not look again."""
        self._wait_until = 0.0

    def added(self, partition: int) -> None:
        """A batch with messages was written."""
        self._emptied.pop(partition, None)

    def relay(self, owned: Iterable[Held]) -> int:
        """Sends what waits, unless the log has just refused. Returns how many messages the log has taken."""
        held = [each for each in owned if self._emptied.get(each.partition) != each.fence]
        if not held or time.monotonic() < self._wait_until:
            return 0
        found = self._waiting([each.partition for each in held])
        waiting = {partition: [each for each in entries if self._can_go(each)] for partition, entries in found.items()}
        events = [entry.event for entries in waiting.values() for entry in entries if isinstance(entry, Entry)]
        try:
            if events:
                self._append(events)
        except LogUnavailable as refused:
            logger.warning("%s messages wait in the outbox: %s", len(events), refused)
            self._wait_until = time.monotonic() + refused.retry_after
            return 0
        self._forget(waiting)
        self._emptied |= {each.partition: each.fence for each in held if len(waiting[each.partition]) == len(found[each.partition]) < COUNT}
        return len(events)

    def _waiting(self, partitions: Sequence[int]) -> dict[int, list[Entry | SetAside]]:
        pipeline = self._client.pipeline(transaction=False)
        for partition in partitions:
            pipeline.xrange(keys.outbox_key(partition), count=COUNT)
        found = zip(partitions, pipeline.execute(), strict=True)
        return {partition: [read(entry_id.decode(), fields.get(FIELD, b"")) for entry_id, fields in rows] for partition, rows in found}

    def _can_go(self, entry: Entry | SetAside) -> bool:
        """False for one to a partition whose node is away. Sent with the others it would have all of them sent again and again."""
        if isinstance(entry, SetAside):
            return True
        return reachable(self._client, keys.events_key(keys.partition_of(entry.event.workspace, entry.event.user)))

    def _forget(self, sent: Mapping[int, Sequence[Entry | SetAside]]) -> None:
        """What is no message at all is kept with the dead: it must not stand in the way of the others."""
        pipeline = self._client.pipeline(transaction=False)
        for partition, entries in sent.items():
            for each in entries:
                if isinstance(each, SetAside):
                    pipeline.xadd(keys.dead_key(partition), {"id": each.id, "e": each.data, "reason": f"message: {each.reason}"})
            if entries:
                pipeline.xdel(keys.outbox_key(partition), *(each.id for each in entries))
        pipeline.execute()
