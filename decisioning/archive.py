"""Use case: move the decisions from the log in Redis to the archive in PostgreSQL, keyed by decision id so that twice is once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from django.conf import settings
from django.db import connection, transaction

from decisioning import keys
from decisioning.models import DecisionRecord
from decisioning.redis import worker_client

BATCH = 1000
LOCK = 0x5167_A2C4
"""The advisory lock's number: one archiver at a time, so that trimming never races with another's reading."""


def drain(*, now: float) -> int:
    """Archives all that is in the log now, in batches. An entry leaves the log only after the archive has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
    try:
        _make_partitions(datetime.fromtimestamp(now, UTC))
        return sum(_drain_partition(keys.decisions_key(partition)) for partition in range(settings.PARTITIONS))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _drain_partition(stream: str) -> int:
    client, moved = worker_client(), 0
    while entries := client.xrange(stream, count=BATCH):
        records = [_row(msgspec.msgpack.decode(fields[b"d"])) for _, fields in entries]
        with transaction.atomic():
            DecisionRecord.objects.bulk_create(records, ignore_conflicts=True)
        client.xdel(stream, *(entry_id for entry_id, _ in entries))
        moved += len(entries)
    return moved


def _row(record: dict[str, Any]) -> DecisionRecord:
    rule, template = record["rule"] or {}, record["template"] or {}
    return DecisionRecord(
        decision_id=record["decision_id"],
        at=datetime.fromtimestamp(record["at"], UTC),
        evaluated_at=datetime.fromtimestamp(record["evaluated_at"], UTC),
        workspace=record["workspace"],
        user=record["user"],
        session=record["session"],
        placement=record["placement"],
        release=record["release"],
        outcome=record["outcome"],
        reason=record["reason"],
        rule=rule.get("key", ""),
        rule_version=rule.get("version"),
        template=template.get("key", ""),
        template_version=template.get("version"),
        path=record["path"],
        content=record["content"],
        facts=record["facts"],
        degraded=record["degraded"],
    )


def _make_partitions(today: datetime) -> None:
    """A table for yesterday, today and tomorrow. Other days' rows go to the default one, so a late row is never refused."""
    for offset in (-1, 0, 1):
        start = (today + timedelta(days=offset)).date()
        name = f"decisioning_decision_{start:%Y%m%d}"
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass(%s)", [name])
            if cursor.fetchone()[0] is None:
                cursor.execute(
                    f"CREATE TABLE {name} PARTITION OF decisioning_decision FOR VALUES FROM (%s) TO (%s)",
                    [start.isoformat(), (start + timedelta(days=1)).isoformat()],
                )
