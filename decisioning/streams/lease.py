"""Who owns which partition: fenced leases, shared out fairly over the workers alive."""

from __future__ import annotations

import os
import secrets
import socket
import time
from collections.abc import Mapping

from redis import Redis

from decisioning import keys
from decisioning.redis import reachable
from decisioning.streams import functions
from decisioning.streams.functions import Call
from decisioning.streams.port import Held

LEASE_MS = 5_000
"""How long a partition waits for a worker that died, and a worker counts as alive without a sign of life."""


def worker_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


def share(worker: str, limits: Mapping[str, int | None], partitions: int) -> int:
    """How many partitions are this worker's: all shares differ by at most one and add up, but nobody gets more than its limit.

    `limits`: of every worker alive. What is past the limits of all together stays without an owner.
    """
    open_ended, left = list(limits), partitions
    while True:
        each, rest = divmod(left, len(open_ended))
        full = {name for place, name in enumerate(open_ended) if (limit := limits[name]) is not None and limit < each + (place < rest)}
        if worker in full:
            return limits[worker] or 0
        if not full:
            return each + (open_ended.index(worker) < rest)
        open_ended = [name for name in open_ended if name not in full]
        left -= sum(limits[name] or 0 for name in full)


class Leases:
    """The partitions one worker holds. Used by one thread, which calls `tick` about each second and never within a batch."""

    def __init__(self, client: Redis, worker: str, partitions: int, *, lease_ms: int = LEASE_MS) -> None:
        self._client, self._partitions, self._lease_ms = client, partitions, lease_ms
        self.worker = worker
        self.held: dict[int, Held] = {}
        self.limit: int | None = None
        """The most partitions to take, None for as many as are this worker's share."""
        self._alive: dict[str, int | None] = {worker: None}
        self._left_until: dict[int, float] = {}

    def tick(self) -> None:
        """Says that the worker lives, renews what it holds, gives back what is above its share, takes what is free below it."""
        limits = self._beat()
        self._renew()
        surplus = len(self.held) - share(self.worker, limits, self._partitions)
        if surplus > 0:
            self._release(sorted(self.held)[-surplus:])
        elif surplus < 0:
            self._take(-surplus, start=list(limits).index(self.worker) * self._partitions // len(limits))

    def _beat(self) -> dict[str, int | None]:
        """The limits of the workers alive; of those known last where the node of a cluster that knows them is away."""
        if reachable(self._client, keys.WORKERS):
            limit = "" if self.limit is None else self.limit
            told = functions.call(self._client, "beat", [keys.WORKERS, keys.LIMITS], [self.worker, self._lease_ms, limit])
            self._alive = {name.decode(): int(most) if most else None for name, most in zip(told[::2], told[1::2], strict=True)}
        return self._alive

    def drop(self, partition: int) -> None:
        """Forgets a partition another worker has taken over."""
        self.held.pop(partition, None)

    def leave(self, partition: int, *, until: float) -> None:
        """Gives a partition back and does not take it again before `until` (monotonic): it is for a worker that can do more."""
        self._left_until[partition] = until
        self._release([partition])

    def release_all(self) -> None:
        """Gives everything back at once, so that others need not wait for the leases to end."""
        self._release(list(self.held))
        self._client.zrem(keys.WORKERS, self.worker)
        self._client.hdel(keys.LIMITS, self.worker)

    def _renew(self) -> None:
        held = list(self.held.values())
        calls = [
            Call("renew", [keys.lease_key(each.partition), keys.fence_key(each.partition)], [self.worker, each.fence, self._lease_ms])
            for each in held
        ]
        for each, reply in zip(held, functions.checked(functions.call_many(self._client, calls)), strict=True):
            if not reply:
                self.drop(each.partition)

    def _release(self, partitions: list[int]) -> None:
        for partition in partitions:
            self.drop(partition)
        functions.checked(functions.call_many(self._client, [Call("release", [keys.lease_key(p)], [self.worker]) for p in partitions]))

    def _take(self, wanted: int, *, start: int) -> None:
        """Workers begin to look at different places, so that they seldom want the same partition."""
        around = ((start + step) % self._partitions for step in range(self._partitions))
        now = time.monotonic()
        order = [
            p for p in around if p not in self.held and self._left_until.get(p, now) <= now and reachable(self._client, keys.lease_key(p))
        ]
        pipeline = self._client.pipeline(transaction=False)
        for partition in order:
            pipeline.get(keys.lease_key(partition))
        # A lease in its own name that it does not know of is one whose reply was lost.
        free = [p for p, owner in zip(order, pipeline.execute(), strict=True) if owner in (None, self.worker.encode())][:wanted]
        calls = [Call("take", [keys.lease_key(p), *keys.progress_keys(p), keys.events_key(p)], [self.worker, self._lease_ms]) for p in free]
        for partition, reply in zip(free, functions.checked(functions.call_many(self._client, calls)), strict=True):
            if reply:
                fence, offset, position = reply
                self.held[partition] = Held(partition, fence, offset.decode(), position)
