"""Back-pressure: no more events are taken while the workers are too far behind, or Redis is nearly full.

Asking costs a request nothing: it goes by what was measured last, and a thread measures while requests come.
"""

from __future__ import annotations

import atexit
import logging
import threading
import time
from dataclasses import dataclass

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

from decisioning.redis import infos, worker_client
from decisioning.streams import log
from decisioning.streams.log import LogUnavailable

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
"""How often a process measures, at most. So much too late it notices that a limit is passed, or is not any more."""
STALE_SECONDS = 10.0
"""What was measured so long ago says nothing: after a quiet time, or where measuring hangs, events are taken."""
RETRY_SECONDS = 5


class BackPressure(LogUnavailable):
    """Events are not taken for now, though the log could take them. Sending all of them again is safe."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, RETRY_SECONDS)

    def __str__(self) -> str:
        return f"no event is taken for now: {self.reason}; try again in {self.retry_after} s"


@dataclass(frozen=True, slots=True)
class Measured:
    """How far the log is behind, over all partitions, and the fullest Redis server's share of its maxmemory (0 where it has none)."""

    events: int
    seconds: float
    memory: float

    def passed(self) -> dict[str, str]:
        """The limits that are passed, by name, in words."""
        words = {}
        if self.seconds > settings.MAX_LAG_SECONDS:
            words["lag_seconds"] = f"the oldest unapplied event has waited {self.seconds:.0f} s, the limit is {settings.MAX_LAG_SECONDS}"
        if self.events > settings.MAX_LAG_EVENTS:
            words["lag_events"] = f"{self.events:,} events are not applied yet, the limit is {settings.MAX_LAG_EVENTS:,}"
        if self.memory * 100 > settings.MAX_MEMORY_PERCENT:
            words["memory"] = f"Redis uses {self.memory:.0%} of its memory, the limit is {settings.MAX_MEMORY_PERCENT} %"
        return words


LIMITS = ("lag_seconds", "lag_events", "memory")


def measure(client: Redis) -> Measured:
    """Raises LogUnavailable or an error of Redis."""
    rows = log.lag(client)
    return Measured(
        sum(row["events"] for row in rows),
        max((row["seconds"] for row in rows), default=0.0),
        max(info["used_memory"] / info["maxmemory"] if info.get("maxmemory") else 0.0 for info in infos(client, "memory")),
    )


class Gauge:
    """What this process measured last. One a process, thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._looked = float("-inf")
        self._reason = ""

    def check(self) -> None:
        """Raises BackPressure where a limit was passed at the last look. Has the next one made where it is time."""
        age = time.monotonic() - self._looked
        if age >= LOOK_SECONDS:
            self._look_aside()
        if self._reason and age < STALE_SECONDS:
            raise BackPressure(self._reason)

    def look(self) -> None:
        """Measures now."""
        try:
            reason = "; ".join(measure(worker_client()).passed().values())
        except (RedisError, LogUnavailable) as error:
            # The append itself says so to whoever sends events; not knowing is no reason to refuse them here.
            logger.info("back-pressure can't be measured: %s", error)
            reason = ""
        if bool(reason) != bool(self._reason):
            logger.warning("back-pressure begins: %s" if reason else "back-pressure ends%s", reason)
        self._reason, self._looked = reason, time.monotonic()

    def _look_aside(self) -> None:
        """In a thread of its own, one at a time: no request waits for it."""
        if not self._lock.acquire(blocking=False):
            return
        try:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self.look, name="back-pressure", daemon=True)
                self._thread.start()
        finally:
            self._lock.release()

    def wait(self) -> None:
        """For the end of the process: a thread inside librdkafka while Python ends would crash it."""
        if self._thread is not None:
            self._thread.join(1)


gauge = Gauge()
check = gauge.check
atexit.register(gauge.wait)
