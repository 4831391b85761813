"""Use case: find a decision, wherever it is by now, and make it again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
from django.conf import settings

from decisioning import archive, keys
from decisioning.models import DecisionRecord
from decisioning.redis import reachable, worker_client
from decisioning.releases import ReleaseDamaged, releases
from decisioning.replay import Replayed, refusal, replay
from decisioning.rulesets import Live

SPAN = 60_000
"""Milliseconds between a decision's id and its place in the log: two machines' clocks are no further apart."""
ENTRIES = 10_000
"""Entries of one partition that are looked through. The archive takes them every two seconds; this many wait only when it is away."""
BATCH = 1_000


def find(workspace: str, decision_id: UUID) -> DecisionRecord | None:
    """From the archive, else from the log, where it is for seconds. Raises what PostgreSQL and Redis do."""
    archived = DecisionRecord.objects.filter(decision_id=decision_id, workspace=workspace, **_around(decision_id)).first()
    return archived or _in_log(workspace, str(decision_id))


def _around(decision_id: UUID) -> dict[str, datetime]:
    """The day its id was made on, so that PostgreSQL looks into few partitions. Ids of another make are looked for everywhere."""
    if decision_id.version != 7:
        return {}
    made = datetime.fromtimestamp((decision_id.int >> 80) / 1000, UTC)
    return {"at__gte": made - timedelta(days=1), "at__lte": made + timedelta(days=1)}


def _in_log(workspace: str, decision_id: str) -> DecisionRecord | None:
    made, name = int(decision_id.replace("-", "")[:12], 16), decision_id.encode()
    for partition in range(settings.PARTITIONS):
        if not reachable(worker_client(), keys.decisions_key(partition)):
            continue
        entries = worker_client().xrange(keys.decisions_key(partition), max(0, made - SPAN), made + SPAN, count=ENTRIES)
        for _, fields in entries:
            if name not in fields.get(b"d", b""):
                continue
            record = msgspec.msgpack.decode(fields[b"d"])
            if (record["decision_id"], record["workspace"]) == (decision_id, workspace):
                return archive.row(record)
    return None


def again(record: DecisionRecord, number: int | None = None) -> Replayed:
    """By the release of that number, or by the one that decided. Raises what PostgreSQL does."""
    try:
        own = releases.get(record.workspace, record.release)
        other = own if number in (None, record.release) else releases.get(record.workspace, number)
    except ReleaseDamaged:
        return refusal(number or record.release, "release_damaged")
    if own is None or other is None:
        return refusal(number or record.release, "unknown_release")
    return replay(record, own, other)


def newest(workspace: str, last: int) -> Iterator[DecisionRecord]:
    """The last so many decisions of the archive, the newest first."""
    yield from DecisionRecord.objects.filter(workspace=workspace).order_by("-at")[:last].iterator(chunk_size=BATCH)


def sweep(workspace: str, last: int) -> Iterator[tuple[DecisionRecord, Replayed]]:
    """The last so many, each by its own release. A release is asked for once, not once a decision."""
    known: dict[int, Live | None] = {}
    damaged: set[int] = set()
    for record in newest(workspace, last):
        number = record.release
        if number not in known:
            if len(known) >= BATCH:
                known.clear()
            try:
                known[number] = releases.get(workspace, number)
            except ReleaseDamaged:
                known[number] = None
                damaged.add(number)
        yield record, refusal(number, "release_damaged") if number in damaged else replay(record, known[number])


def tally(found: Iterator[tuple[DecisionRecord, Replayed]]) -> Counter[str]:
    """How many came out how: `same`, `different`, or the code of why not."""
    return Counter(replayed.code or replayed.status for _, replayed in found)
