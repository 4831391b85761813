"""Use case: move the decisions from the log in Redis to the archive in PostgreSQL and count them; by decision id, so that twice is once."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import DataError, IntegrityError, ProgrammingError, connection, transaction

from decisioning import inputs, keys, results
from decisioning.models import DecisionRecord
from decisioning.redis import reachable, worker_client

logger = logging.getLogger(__name__)
BATCH = 1000
LOCK = 0x5167
"""Our class of PostgreSQL advisory locks for this work; the partition is the second number."""

Entry = tuple[bytes, dict[bytes, bytes]]
UNFIT = (DataError, IntegrityError, ProgrammingError, ValueError, KeyError, TypeError, AttributeError)
"""What a record raises that the archive can't take, however often it is tried. Anything else is trouble of the database."""


def drain(*, now: float) -> int:
    """Archives all that is in the log now; says how many. An entry leaves the log only after the archive has it."""
    _make_partitions(datetime.fromtimestamp(now, UTC))
    there = (partition for partition in range(settings.PARTITIONS) if reachable(worker_client(), keys.decisions_key(partition)))
    return sum(_drain_partition(partition) for partition in there)


def _drain_partition(partition: int) -> int:
    stream, moved = keys.decisions_key(partition), 0
    while entries := worker_client().xrange(stream, count=BATCH):
        with transaction.atomic():
            if not _alone(partition):
                return moved
            unfit = _archive(entries)
        for entry_id, fields in unfit:
            logger.error("decision %s of partition %s can't be archived and is set aside", entry_id.decode(), partition)
            worker_client().xadd(keys.dead_key(partition), {**fields, b"id": entry_id, b"reason": b"decision can't be archived"})
        worker_client().xdel(stream, *(entry_id for entry_id, _ in entries))
        moved += len(entries) - len(unfit)
    return moved


def _alone(partition: int) -> bool:
    """Whether nobody else archives this partition, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCK, partition])
        return bool(cursor.fetchone()[0])


def _archive(entries: list[Entry]) -> list[Entry]:
    """Writes them together or, where one of them does not fit, one by one. Returns those that can't be archived."""
    if _written(entries):
        return []
    return [entry for entry in entries if not _written([entry])]


def _written(entries: list[Entry]) -> bool:
    try:
        with transaction.atomic():
            _write([msgspec.msgpack.decode(fields[b"d"]) for _, fields in entries])
    except UNFIT as error:
        logger.warning("%s decisions can't be archived together: %s", len(entries), error)
        return False
    return True


def _write(records: list[dict[str, Any]]) -> None:
    """Those that the archive does not have yet, with what they add to the results. Who holds the partition is alone with its decisions."""
    rows = {UUID(one.decision_id): one for one in map(row, records)}
    times = [one.at for one in rows.values()]
    there = DecisionRecord.objects.filter(decision_id__in=rows, at__gte=min(times), at__lte=max(times))
    known = set(there.values_list("decision_id", flat=True))
    new = [one for decision_id, one in rows.items() if decision_id not in known]
    DecisionRecord.objects.bulk_create(new, ignore_conflicts=True)
    capped = {record["decision_id"]: record.get("inputs", {}).get("capped", ()) for record in records}
    results.add(results.of_decisions(new, capped))


def row(record: dict[str, Any]) -> DecisionRecord:
    """A record of the log as the archive has it."""
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
        inputs=inputs.packed(record["inputs"], record["facts"]) if "inputs" in record else None,
    )


def _make_partitions(today: datetime) -> None:
    """A table for yesterday, today and tomorrow. Other days' rows go to the default one, so no row is refused for its day."""
    for offset in (-1, 0, 1):
        start = (today + timedelta(days=offset)).date()
        name = f"decisioning_decision_{start:%Y%m%d}"
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass(%s)", [name])
            if cursor.fetchone()[0] is None:
                _make_partition(start)


def _make_partition(start: date) -> None:
    """By a function of the tables' owner: the application's role may make none."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT decisioning_make_partition(%s)", [start])
    except (IntegrityError, ProgrammingError) as error:
        # A row of that day came before its table did, from a clock that is ahead: the day stays in the default table.
        logger.warning("no table of its own for decisions from %s: %s", start, error)
