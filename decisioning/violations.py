"""What the door for events refuses or warns of: counted in this process, told to Redis each second, and read from there by pages."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from typing import NamedTuple

import msgspec
from redis import Redis
from redis.exceptions import RedisError

from decisioning import keys
from decisioning.redis import worker_client

logger = logging.getLogger(__name__)

KEPT = 300
"""Kinds of violations of a workspace and day, the most frequent ones: what clients send must not fill Redis."""
DAYS = 7
WAITING = 2_000
"""Kinds of counts that wait in this process. What is new beyond them is not counted until they are told."""
INTERVAL = 1.0
DAY = 86_400


class Kind(NamedTuple):
    """Where in the properties of an event (`/items/*/price`) which keyword of its schema does not hold, and what came of it."""

    event: str
    path: str
    keyword: str
    mode: str


class Row(NamedTuple):
    kind: Kind
    count: int
    last_seen: float | None


class Tally:
    """Counts of one process. Nothing on a request's way waits for Redis: a thread takes them there."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._violations: Counter[tuple[str, Kind]] = Counter()
        self._rejected: Counter[int] = Counter()
        self._thread: threading.Thread | None = None

    def violation(self, workspace: str, kind: Kind) -> None:
        with self._lock:
            if (workspace, kind) in self._violations or len(self._violations) < WAITING:
                self._violations[workspace, kind] += 1
            self._begin()

    def rejected(self, count: int, now: float) -> None:
        with self._lock:
            self._rejected[int(now // 3600)] += count
            self._begin()

    def flush(self, client: Redis, *, now: float) -> None:
        """Tells Redis. What it did not take is told the next time."""
        with self._lock:
            violations, self._violations = self._violations, Counter()
            rejected, self._rejected = self._rejected, Counter()
        try:
            _tell(client, violations, rejected, now)
        except RedisError as error:
            logger.warning("violations can't be counted in Redis now: %s", error)
            with self._lock:
                self._violations.update(dict(violations.most_common(WAITING)))
                self._rejected.update(rejected)

    def _begin(self) -> None:
        """Not before there is something to tell: threads do not survive the fork that makes a worker."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="violations", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            time.sleep(INTERVAL)
            if self._violations or self._rejected:
                self.flush(worker_client(), now=time.time())


def _tell(client: Redis, violations: Counter[tuple[str, Kind]], rejected: Counter[int], now: float) -> None:
    pipeline = client.pipeline(transaction=False)
    touched = set()
    for (workspace, kind), count in violations.items():
        counts, seen = names = keys.violations_keys(workspace, int(now // DAY))
        pipeline.zincrby(counts, count, msgspec.json.encode(kind))
        pipeline.zadd(seen, {msgspec.json.encode(kind): now}, gt=True)
        touched.add(names)
    for counts, seen in touched:
        pipeline.zremrangebyrank(counts, 0, -KEPT - 1)
        pipeline.zremrangebyrank(seen, 0, -2 * KEPT - 1)
        pipeline.expire(counts, (DAYS + 1) * DAY)
        pipeline.expire(seen, (DAYS + 1) * DAY)
    for hour, count in rejected.items():
        pipeline.hincrby(keys.REJECTED, hour, count)
    pipeline.execute()


def most(client: Redis, workspace: str, *, now: float, count: int) -> list[Row]:
    """The most frequent kinds of the last DAYS days. Raises an error of Redis."""
    today = int(now // DAY)
    pipeline = client.pipeline(transaction=False)
    for day in range(today - DAYS + 1, today + 1):
        for name in keys.violations_keys(workspace, day):
            pipeline.zrange(name, 0, -1, withscores=True)
    replies = pipeline.execute()
    counts: Counter[bytes] = Counter()
    for reply in replies[::2]:
        counts.update({member: int(score) for member, score in reply})
    seen = {member: score for reply in replies[1::2] for member, score in reply}
    return [
        Row(msgspec.json.decode(member, type=Kind), times, seen.get(member))
        for member, times in sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:count]
    ]


def rejections(client: Redis, since_hour: int = 0) -> int:
    """Messages that were refused at the door, since an hour since the epoch."""
    return sum(int(count) for hour, count in client.hgetall(keys.REJECTED).items() if int(hour) >= since_hour)


tally = Tally()
