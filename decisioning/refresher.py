"""Keeps each process current: a thread that hears of releases and keys over Redis and looks in PostgreSQL each second."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection, transaction
from redis.client import PubSub
from redis.exceptions import RedisError

from decisioning.access import keys
from decisioning.populations import start_following
from decisioning.redis import worker_client
from decisioning.rulesets import restore, rulesets, save
from rules import bundles

logger = logging.getLogger(__name__)
CHANNEL = "signpost:changes"
INTERVAL = 1.0
"""Seconds between looks when nothing is heard: a lost announcement delays a release or a revoked key by no more than this."""
PATIENCE = 3.0
"""Seconds a process that has just started waits for PostgreSQL before it serves what it kept on disk."""


class Refresher(threading.Thread):
    """One a process. `fetch` is one look and `start_from_disk` the other way to begin; both are whole before `loaded` is set."""

    def __init__(self) -> None:
        super().__init__(name="refresher", daemon=True)
        self.loaded = threading.Event()
        self.looked_at: float | None = None
        """When PostgreSQL last answered."""
        self.database_ok = False
        self._folder = settings.DATA_DIR / "bundles"
        self._looking = threading.Lock()
        self._unsaved: list[Callable[[], None]] = []
        self._pubsub: PubSub | None = None

    def run(self) -> None:
        threading.Thread(target=self._lose_patience, name="refresher from disk", daemon=True).start()
        while True:
            try:
                if not self.fetch(now=time.time()) and not self.loaded.is_set():
                    self.start_from_disk()
            except Exception:  # a thread that dies silently would leave revoked keys good and releases unseen
                logger.exception("the look for releases and keys failed; the next is in %s s", INTERVAL)
            self._wait()

    def look_again(self) -> bool:
        """For a reader that met a workspace nobody here knows: it may be newer than the last look. Looks at most five times a second."""
        now = time.time()
        return (self.looked_at is None or now - self.looked_at > INTERVAL / 5) and self.fetch(now=now)

    def fetch(self, *, now: float) -> bool:
        """Takes over whatever PostgreSQL has that is new. Says whether PostgreSQL answered."""
        with self._looking:
            return self._fetch(now)

    def _fetch(self, now: float) -> bool:
        started = time.perf_counter()
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL statement_timeout = '3s'")
                records = bundles.api_keys()
                fresh = bundles.live_bundles(now, rulesets.known())
        except DatabaseError as error:
            if self.database_ok:
                logger.warning("releases and keys can't be refreshed, PostgreSQL does not answer: %s", error)
            self.database_ok = False
            connection.close()
            return False
        if keys.replace(records):
            self._unsaved.append(lambda: keys.save(settings.DATA_DIR / "keys.json"))
        for bundle in fresh:
            if rulesets.swap(bundle, source="database", now=now + time.perf_counter() - started):
                self._unsaved.append(lambda bundle=bundle: save(self._folder, bundle))
            elif rulesets.get(bundle.workspace) is None:
                self._last_good(bundle.workspace)
        self.database_ok, self.looked_at = True, now
        self.loaded.set()
        self._save()
        return True

    def start_from_disk(self) -> None:
        """The keys and the last good releases that an earlier process kept. What PostgreSQL already gave is newer and stays."""
        if keys.empty:
            keys.restore(settings.DATA_DIR / "keys.json")
        for bundle in restore(self._folder):
            if rulesets.get(bundle.workspace) is None:
                rulesets.swap(bundle, source="disk", now=time.time())
        if rulesets.all():
            self.loaded.set()

    def _last_good(self, workspace: str) -> None:
        """For a process that starts where the database's bundle is bad. What was wrong with that stays told."""
        for bundle in restore(self._folder, workspace):
            rulesets.swap(bundle, source="disk", now=time.time())

    def _lose_patience(self) -> None:
        """A PostgreSQL that hangs raises no error, so the first look may never end."""
        if not self.loaded.wait(PATIENCE):
            self.start_from_disk()

    def _save(self) -> None:
        """What could not be written is tried again at the next look."""
        waiting, self._unsaved = self._unsaved, []
        for write in waiting:
            try:
                write()
            except OSError as error:  # a full disk must not keep a release from going live
                logger.warning("what is live can't be kept on disk: %s", error)
                self._unsaved.append(write)

    def _wait(self) -> None:
        """Until something is announced, at most INTERVAL. Without Redis it is a plain pause."""
        started = time.monotonic()
        try:
            if self._pubsub is None:
                pubsub = worker_client().pubsub(ignore_subscribe_messages=True)
                pubsub.subscribe(CHANNEL)
                self._pubsub = pubsub
            while (left := INTERVAL - (time.monotonic() - started)) > 0:
                if self._pubsub.get_message(timeout=left) is not None:
                    return
        except Exception as error:  # hearing early is a comfort; the pause below is what looking again rests on
            if not isinstance(error, RedisError):
                logger.exception("announcements can't be heard")
            self._pubsub = None
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
        if _refresher is None:
            _refresher = Refresher()
            _refresher.start()
            start_following()
        return _refresher


def running() -> Refresher | None:
    return _refresher
