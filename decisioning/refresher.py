"""Keeps each process current: a thread that hears of releases and keys over Redis and looks in PostgreSQL each second."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import suppress

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from redis.exceptions import RedisError

from decisioning.access import keys
from decisioning.redis import worker_client
from decisioning.rulesets import restore, rulesets, save
from rules import bundles

logger = logging.getLogger(__name__)
CHANNEL = "signpost:changes"
INTERVAL = 1.0
"""Seconds between looks when nothing is heard: a lost announcement delays a release or a revoked key by no more than this."""


class Refresher(threading.Thread):
    """One a process. `fetch` is one look; tests call it directly."""

    def __init__(self) -> None:
        super().__init__(name="refresher", daemon=True)
        self.database_ok = False
        self._folder = settings.DATA_DIR / "bundles"

    def run(self) -> None:
        if not self.fetch(now=time.time()):
            self.start_from_disk()
        while True:
            self._wait()
            self.fetch(now=time.time())

    def fetch(self, *, now: float) -> bool:
        """Takes over whatever PostgreSQL has that is new. Says whether PostgreSQL answered."""
        try:
            records = bundles.api_keys()
            fresh = bundles.live_bundles(now, rulesets.known())
        except DatabaseError as error:
            if self.database_ok:
                logger.warning("releases and keys can't be refreshed, PostgreSQL does not answer: %s", error)
            self.database_ok = False
            connection.close()
            return False
        self.database_ok = True
        if keys.replace(records):
            self._keep(lambda: keys.save(settings.DATA_DIR / "keys.json"))
        for bundle in fresh:
            if rulesets.swap(bundle, source="database", now=now):
                self._keep(lambda bundle=bundle: save(self._folder, bundle))
        return True

    def _keep(self, write) -> None:
        try:
            write()
        except OSError as error:  # a full disk must not keep a release from going live
            logger.error("the last good bundle can't be kept on disk: %s", error)

    def start_from_disk(self) -> None:
        keys.restore(settings.DATA_DIR / "keys.json")
        for bundle in restore(self._folder):
            rulesets.swap(bundle, source="disk", now=time.time())

    def _wait(self) -> None:
        """Until something is announced, at most INTERVAL. Without Redis it is a plain pause."""
        started = time.monotonic()
        try:
            if not hasattr(self, "_pubsub"):
                self._pubsub = worker_client().pubsub(ignore_subscribe_messages=True)
                self._pubsub.subscribe(CHANNEL)
            while (left := INTERVAL - (time.monotonic() - started)) > 0:
                if self._pubsub.get_message(timeout=left) is not None:
                    return
        except RedisError:
            with suppress(AttributeError):
                del self._pubsub
            time.sleep(max(0.0, INTERVAL - (time.monotonic() - started)))


def announce(**_: object) -> None:
    """Receiver of rules.signals: tells every process to look now. If Redis is away they look within INTERVAL anyway."""
    try:
        worker_client().publish(CHANNEL, b"changed")
    except RedisError as error:
        logger.warning("the change can't be announced, processes will find it within %s s: %s", INTERVAL, error)


_lock = threading.Lock()
_refresher: Refresher | None = None


def start_refresher() -> Refresher:
    """Starts the thread once a process. Call it after a fork, never before."""
    global _refresher
    with _lock:
        if _refresher is None or not _refresher.is_alive():
            _refresher = Refresher()
            _refresher.start()
        return _refresher
