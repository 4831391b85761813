"""Use case: the log of consent, in PostgreSQL. Words come from the request that says them, or from the event log; the same word is one."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.conf import settings
from django.db import connection, transaction

from decisioning import keys
from decisioning.archive import UNFIT, Entry
from decisioning.models import ConsentRecord
from decisioning.redis import worker_client
from decisioning.tagging.consent import Word

logger = logging.getLogger(__name__)
BATCH = 1000
LOCK = 0x5168
"""Our class of PostgreSQL advisory locks for this work; the partition is the second number."""


def record(workspace: str, user: str, words: list[Word]) -> None:
    """Writes words that a request said. Raises what the database does."""
    _write([{"workspace": workspace, "user": user, **msgspec.structs.asdict(word)} for word in words])


def of_user(workspace: str, users: list[str]) -> Iterator[dict[str, Any]]:
    """Every word, the first received first."""
    rows = ConsentRecord.objects.filter(workspace=workspace, user__in=users).order_by("received", "id")
    for row in rows.iterator(chunk_size=BATCH):
        yield {
            "user": row.user,
            "purpose": row.purpose,
            "granted": row.granted,
            "at": _written(row.at),
            "received": _written(row.received),
            "source": row.source,
        }


def drain() -> int:
    """Writes all that came through the event log; says how many words. An entry leaves Redis only after PostgreSQL has it."""
    return sum(drain_partition(partition) for partition in range(settings.PARTITIONS))


def drain_partition(partition: int) -> int:
    stream, moved = keys.consents_key(partition), 0
    while entries := worker_client().xrange(stream, count=BATCH):
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, partition])
            unfit = [] if _written_all(entries) else [entry for entry in entries if not _written_all([entry])]
        for entry_id, fields in unfit:
            logger.error("a word of consent of partition %s can't be kept and is set aside", partition)
            worker_client().xadd(keys.dead_key(partition), {**fields, b"id": entry_id, b"reason": b"word of consent can't be kept"})
        worker_client().xdel(stream, *(entry_id for entry_id, _ in entries))
        moved += len(entries) - len(unfit)
    return moved


def _written_all(entries: list[Entry]) -> bool:
    try:
        with transaction.atomic():
            _write([msgspec.msgpack.decode(fields[b"w"]) for _, fields in entries])
    except (*UNFIT, msgspec.DecodeError) as error:
        logger.warning("%s words of consent can't be kept together: %s", len(entries), error)
        return False
    return True


def _write(words: list[dict[str, Any]]) -> None:
    ConsentRecord.objects.bulk_create([_row(word) for word in words], ignore_conflicts=True)


def _row(word: dict[str, Any]) -> ConsentRecord:
    return ConsentRecord(
        workspace=word["workspace"],
        user=word["user"],
        purpose=word["purpose"],
        granted=word["granted"],
        at=datetime.fromtimestamp(word["at"], UTC),
        received=datetime.fromtimestamp(word["received"], UTC),
        source=word["source"],
        message_id=word["message_id"],
    )


def _written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
