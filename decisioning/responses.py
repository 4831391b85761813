"""Use case: which decisions were answered by an event. Reads the applied event log; one decision counts an event's name once."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import connection, transaction
from redis import Redis

from decisioning import keys, replaying, results
from decisioning.archive import UNFIT
from decisioning.models import DecisionRecord, Response
from decisioning.raw.lawful import lawful
from decisioning.redis import reachable, worker_client
from decisioning.streams import ids, log
from decisioning.tagging.event import decode_event

logger = logging.getLogger(__name__)
PROPERTY = "decision_id"
"""The property by which an event names the decision that it answers."""
BATCH = 1000
LOCK = 0x5169
"""Our class of PostgreSQL advisory locks for this work; the partition is the second number."""
NAMES = 20
"""Different events that one decision counts: whoever makes up more makes up numbers."""
NAME_LENGTH = 200
NEW = timedelta(minutes=10)
"""Decisions so young may still wait for the archive, so they are looked for in the log too."""
LOOKED_FOR = 100
"""Decisions of one batch that are looked for in the log, one by one. Ids that somebody made up must not keep us from work."""


class Answered(NamedTuple):
    workspace: str
    decision_id: UUID
    name: str


def drain(*, now: float) -> int:
    """Counts all that was applied since the last time; says how many answers were new. Any number of times, or at once: one is one."""
    client = worker_client()
    there = (partition for partition in range(settings.PARTITIONS) if reachable(client, keys.responses_key(partition)))
    return sum(_drain_partition(client, partition, now) for partition in there)


def _drain_partition(client: Redis, partition: int, now: float) -> int:
    position, until = _text(client, keys.responses_key(partition)), _text(client, keys.offset_key(partition))
    found = 0
    while ids.parts(position) < ids.parts(until):
        entries = log.entries(client, partition, position, until, BATCH)
        naming = [entry for entry in entries if PROPERTY.encode() in entry[1]]
        with transaction.atomic():
            if not _alone(partition):
                return found
            found += _counted(_answered(lawful(client, naming)), now) if naming else 0
        # Only now: who dies before this counts the same entries again, and finds them counted.
        position = entries[-1][0] if entries else until
        client.set(keys.responses_key(partition), position)
    return found


def _answered(entries: Iterable[tuple[str, bytes]]) -> list[Answered]:
    """What events say of decisions, each once. An event that names none, or nothing that could be one, says nothing."""
    found: dict[Answered, None] = {}
    for _, data in entries:
        try:
            event = decode_event(data)
            if event.type == "track":
                found[Answered(event.workspace, UUID(event.properties[PROPERTY]), event.name[:NAME_LENGTH])] = None
        except (msgspec.DecodeError, UnicodeError, KeyError, ValueError, AttributeError, TypeError):
            continue
    return list(found)


def _counted(answered: list[Answered], now: float) -> int:
    """What PostgreSQL will never take is left out, with the others of its batch: the numbers of a page must not stop at it."""
    try:
        with transaction.atomic():
            return _count(answered, now)
    except UNFIT:
        logger.exception("%s answers to decisions can't be counted and are left out", len(answered))
        return 0


def _count(answered: list[Answered], now: float) -> int:
    records = _records(answered, now)
    known = [one for one in answered if one.decision_id in records and records[one.decision_id].workspace == one.workspace]
    there: dict[UUID, set[str]] = {}
    for decision_id, name in Response.objects.filter(decision_id__in={one.decision_id for one in known}).values_list("decision_id", "name"):
        there.setdefault(decision_id, set()).add(name)
    fresh: Counter[results.Counted] = Counter()
    for one in known:
        names = there.setdefault(one.decision_id, set())
        if one.name not in names and len(names) < NAMES:
            names.add(one.name)
            fresh[results.of_event(records[one.decision_id], one.name)] += _written(one)
    results.add(+fresh)
    return fresh.total()


def _written(one: Answered) -> bool:
    """Whether it is new. An event of another partition may have said the same meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO decisioning_response (decision_id, name) VALUES (%s, %s) ON CONFLICT DO NOTHING", [one.decision_id, one.name]
        )
        return cursor.rowcount == 1


def _records(answered: list[Answered], now: float) -> Mapping[UUID, DecisionRecord]:
    """The decisions, of those that there are: from the archive, the youngest from the log."""
    records = _archived({one.decision_id for one in answered})
    missing = {one.decision_id: one.workspace for one in answered if one.decision_id not in records and _is_new(one.decision_id, now)}
    for decision_id in list(missing)[:LOOKED_FOR]:
        if found := replaying.find(missing[decision_id], decision_id):
            records[decision_id] = found
    # Between a look into the archive and one into the log a decision may have gone from the one to the other.
    return records | _archived(missing.keys() - records.keys())


def _archived(wanted: set[UUID]) -> dict[UUID, DecisionRecord]:
    """Of the days that the ids were made on, so that PostgreSQL looks into few partitions. Ids of another make were never ours."""
    made = [moment for decision_id in wanted if (moment := _made(decision_id))]
    if not made:
        return {}
    found = DecisionRecord.objects.filter(
        decision_id__in=wanted, at__gte=min(made) - timedelta(days=1), at__lte=max(made) + timedelta(days=1)
    )
    names = ("decision_id", "at", "workspace", "placement", "outcome", "rule", "rule_version")
    return {record.decision_id: record for record in found.only(*names)}


def _made(decision_id: UUID) -> datetime | None:
    """When an id of ours was made, None for another one."""
    if decision_id.version != 7:
        return None
    try:
        return datetime.fromtimestamp((decision_id.int >> 80) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _is_new(decision_id: UUID, now: float) -> bool:
    made = _made(decision_id)
    return made is not None and abs(made.timestamp() - now) <= NEW.total_seconds()


def _alone(partition: int) -> bool:
    """Whether nobody else counts this partition, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCK, partition])
        return bool(cursor.fetchone()[0])


def _text(client: Redis, key: str) -> str:
    return (client.get(key) or ids.NEVER.encode()).decode()
