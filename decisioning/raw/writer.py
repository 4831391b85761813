"""Use case: move what was applied from the log to the raw archive, and keep its files few."""

from __future__ import annotations

import gzip
import itertools
import logging
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

import msgspec
from django.conf import settings
from redis import Redis

from decisioning import keys
from decisioning.raw import lines
from decisioning.raw.lawful import lawful
from decisioning.raw.reader import merged
from decisioning.raw.store import Part, Store, hour_of
from decisioning.streams import functions, ids
from decisioning.streams.log import entries
from decisioning.tagging.event import decode_event

logger = logging.getLogger(__name__)

BATCH = 1000
"""Entries read and written at a time."""
LOCK_MS = 120_000
"""How long a partition waits for an archiver that died. Two at once would write the same files, which is waste and no harm."""
MANY = 60
"""Files of the running hour that are merged before it is over."""
SETTLED = timedelta(minutes=10)
"""After its end an hour may still get entries: of a log that is behind."""


def archive(store: Store, client: Redis) -> int:
    """Archives all that is applied now; says how many entries. A partition's trouble does not stop the others, it is raised at the end."""
    moved, failure = 0, None
    for partition in range(settings.PARTITIONS):
        try:
            with alone(client, partition) as own:
                moved += archive_partition(store, client, partition) if own else 0
        except Exception as error:
            logger.exception("partition %s can't be archived now", partition)
            failure = error
    if failure is not None:
        raise failure
    return moved


def archive_partition(store: Store, client: Redis, partition: int) -> int:
    position, until = _text(client, keys.archived_key(partition)), _text(client, keys.offset_key(partition))
    moved = 0
    while ids.parts(position) < ids.parts(until):
        found = entries(client, partition, position, until, BATCH)
        for hour, own in itertools.groupby(lawful(client, found), key=_hour):
            _write(store, partition, hour, list(own))
        # Only now: who dies before this writes the same entries again, under the same names or beside them.
        position = found[-1][0] if found else until
        if ids.parts(position) > ids.parts(_text(client, keys.archived_key(partition))):
            client.set(keys.archived_key(partition), position)
        moved += len(found)
    return moved


def _write(store: Store, partition: int, hour: datetime, found: Sequence[tuple[str, bytes]]) -> None:
    part = Part(partition, hour, found[0][0], found[-1][0])
    store.write(part, packed(lines.write(entry_id, data) for entry_id, data in found))


def packed(texts: Iterable[bytes]) -> bytes:
    """The same lines are the same bytes: no time of day in the file."""
    return gzip.compress(b"".join(texts), compresslevel=6, mtime=0)


def _hour(entry: tuple[str, bytes]) -> datetime:
    """By the log's time; by that of receipt where the log's ids tell none (Kafka)."""
    milliseconds, _ = ids.parts(entry[0])
    if milliseconds:
        return hour_of(milliseconds / 1000)
    try:
        return hour_of(decode_event(entry[1]).received)
    except (msgspec.DecodeError, UnicodeError, ValueError, OverflowError, OSError):
        return hour_of(0)


def compact(store: Store, client: Redis, *, now: float) -> int:
    """Makes one file of each hour that is over, of today and yesterday; says how many files are gone.

    The new one is written first. Whoever reads meanwhile meets entries twice, which reading takes for once.
    """
    gone = 0
    today = hour_of(now)
    for partition in range(settings.PARTITIONS):
        with alone(client, partition) as free:
            parts = store.parts(partition, (today - timedelta(days=1), today)) if free else []
            for hour, own in itertools.groupby(sorted(parts, key=lambda part: part.hour), key=lambda part: part.hour):
                several = list(own)
                over = hour + timedelta(hours=1) + SETTLED <= datetime.fromtimestamp(now, hour.tzinfo)
                if len(several) >= (2 if over else MANY):
                    gone += _merge(store, several)
    return gone


def _merge(store: Store, several: list[Part]) -> int:
    found = list(merged(store, several))
    whole = several[0]._replace(first=found[0][0], last=found[-1][0])
    store.write(whole, packed(line for _, line in found))
    old = [part for part in several if part != whole]
    for part in old:
        store.remove(part)
    return len(old)


@contextmanager
def alone(client: Redis, partition: int) -> Iterator[bool]:
    """Whether nobody else is at this partition's files."""
    key, token = keys.archiver_key(partition), secrets.token_hex(8)
    free = bool(client.set(key, token, nx=True, px=LOCK_MS))
    try:
        yield free
    finally:
        if free:
            functions.call(client, "release", [key], [token])


def _text(client: Redis, key: str) -> str:
    return (client.get(key) or ids.NEVER.encode()).decode()
