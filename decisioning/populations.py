"""What adaptive thresholds have come to, in this process: every few seconds read from all partitions, aside from any decision."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

from decisioning import keys
from decisioning.redis import worker_client
from decisioning.rulesets import Live, rulesets
from decisioning.tagging.population import merge, thresholds

logger = logging.getLogger(__name__)
INTERVAL = 3.0
"""Seconds between looks. Until the first one, and for as long after a release that brings a new threshold, fallbacks hold."""


class Populations:
    """By workspace, the numbers of its adaptive thresholds. Where Redis does not answer, the last ones stay."""

    def __init__(self) -> None:
        self._numbers: dict[str, Mapping[str, float]] = {}

    def of(self, workspace: str) -> Mapping[str, float]:
        """What the last look found; nothing for a threshold that was not yet there."""
        return self._numbers.get(workspace, {})

    def look(self, client: Redis, live: Mapping[str, Live], now: float) -> None:
        """Reads what the partitions have of each workspace that follows somebody. Raises RedisError; then nothing has changed."""
        following = {key: one for key, one in live.items() if one.definitions.watches}
        found = {}
        for key, one in following.items():
            pipeline = client.pipeline(transaction=False)
            for partition in range(settings.PARTITIONS):
                pipeline.get(keys.population_key(partition, key))
            found[key] = thresholds(one.definitions.thresholds, merge(pipeline.execute()), now)
        self._numbers = found

    def follow(self, wait: Callable[[float], object] = time.sleep) -> None:
        """Looks for ever. For a thread of its own: a Redis that is slow must not hold up releases."""
        while True:
            try:
                self.look(worker_client(), rulesets.all(), time.time())
            except RedisError as error:
                logger.warning("adaptive thresholds stay as they were, Redis does not answer: %s", error)
            except Exception:  # a thread that dies silently would leave thresholds as they are for good
                logger.exception("adaptive thresholds can't be looked at; the next look is in %s s", INTERVAL)
            wait(INTERVAL)


populations = Populations()


def start_following() -> threading.Thread:
    """Once a process, after a fork."""
    thread = threading.Thread(target=populations.follow, name="adaptive thresholds", daemon=True)
    thread.start()
    return thread
