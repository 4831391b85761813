"""Use case: forget a user everywhere, and prove it. Asked for in a request, done by a task, which may be repeated at any point.

The event of the erasure goes through the user's partition of the event log: what was sent before it is applied before it and goes with
the state, what is sent after it makes a new user. Then each place is emptied, and each is searched again.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from redis.exceptions import RedisError

from decisioning import everyone, ingest, keys
from decisioning.erasing.places import places
from decisioning.erasing.scope import Scope, pseudonym
from decisioning.models import ErasureJob, ErasureRecord
from decisioning.raw.erase import Busy
from decisioning.redis import worker_client
from decisioning.streams import ids
from decisioning.streams.log import LogUnavailable, event_log
from decisioning.streams.port import NEVER
from decisioning.tagging.event import Event
from decisioning.tagging.fold import ERASE
from rules import services

logger = logging.getLogger(__name__)
LOCK = 0x5169
"""Our class of PostgreSQL advisory locks for this work; the receipt's first bytes are the second number."""
BATCH = 1000


class Unfinished(Exception):
    """What the erasure waits for."""


def ask(receipt: UUID, workspace: str, user_id: str, *, asked_by: str, now: float) -> None:
    """Notes the work and puts the erasure into the event log. Raises LogUnavailable or what the database does; then nothing is erased."""
    users = list(everyone.states(workspace, user_id, now=now))
    offsets = worker_client().mget([keys.offset_key(keys.partition_of(workspace, user)) for user in users])
    after = {user: (offset or NEVER.encode()).decode() for user, offset in zip(users, offsets, strict=True)}
    held = sum(worker_client().exists(keys.state_key(workspace, user)) for user in users)
    job = ErasureJob.objects.create(
        receipt=receipt,
        workspace=workspace,
        user=user_id,
        asked_at=datetime.fromtimestamp(now, UTC),
        asked_by=asked_by,
        found={"states": held},
        after=after,
    )
    try:
        _send(job, now)
    except LogUnavailable:
        job.delete()
        raise


def _send(job: ErasureJob, now: float) -> None:
    events = [Event(job.workspace, user, _message(job, user), ERASE, "$erase", now, now) for user in job.after]
    ingest.accept(events, worker_client())


def told(receipt: UUID, workspace: str) -> dict[str, Any] | None:
    """How far the erasure is, or its proof; None where there is no such receipt."""
    record = ErasureRecord.objects.filter(receipt=receipt, workspace=workspace).first()
    if record is not None:
        return {
            "receipt": str(receipt),
            "status": "erased",
            "pseudonym": record.pseudonym,
            "asked_at": _written(record.asked_at),
            "finished_at": _written(record.finished_at),
            "ids": record.ids,
            "places": record.places,
        }
    job = ErasureJob.objects.filter(receipt=receipt, workspace=workspace).first()
    if job is None:
        return None
    return {"receipt": str(receipt), "status": "running", "asked_at": _written(job.asked_at), "waits_for": job.error}


def work(*, now: float) -> int:
    """Goes on with every erasure under way; says how many are finished now."""
    return sum(_tried(job, now) for job in ErasureJob.objects.all())


def _tried(job: ErasureJob, now: float) -> bool:
    """One that can't go on says why and is tried again; it does not stop the others."""
    number = int.from_bytes(job.receipt.bytes[:4], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK, number])
        if not cursor.fetchone()[0]:
            return False
    try:
        if ErasureJob.objects.filter(receipt=job.receipt).exists():
            _finish(job, now)
            return True
    except (Unfinished, Busy, RedisError, LogUnavailable, OSError) as error:
        ErasureJob.objects.filter(receipt=job.receipt).update(error=f"{error}"[:500], found=job.found)
    except Exception as error:
        logger.exception("erasure %s failed and is tried again", job.receipt)
        ErasureJob.objects.filter(receipt=job.receipt).update(error=type(error).__name__, found=job.found)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK, number])
    return False


def _finish(job: ErasureJob, now: float) -> None:
    scope = Scope(job.workspace, tuple(job.after), _applied(job))
    report = {}
    for place in places():
        job.found[place.name] = job.found.get(place.name, 0) + place.erase(scope)
    if _came_late(job, scope):
        job.after = {user: scope.until[keys.partition_of(job.workspace, user)] for user in job.after}
        job.entries, job.rounds = {}, job.rounds + 1
        job.save(update_fields=["after", "entries", "rounds"])
        _send(job, now)
        raise Unfinished("something sent before the erasure came after it: the user is erased once more")
    for place in places():
        left, found = place.left(scope), job.found[place.name]
        report[place.name] = {"found": found, "removed": found - left, "left": left, **({"note": place.note} if place.note else {})}
    if any(each["left"] for each in report.values()):
        raise Unfinished(f"something is left: {', '.join(name for name, each in report.items() if each['left'])}")
    with transaction.atomic():
        ErasureRecord.objects.create(
            receipt=job.receipt,
            workspace=job.workspace,
            pseudonym=pseudonym(job.workspace, f"u:{job.user}"),
            asked_at=job.asked_at,
            asked_by=job.asked_by,
            finished_at=datetime.fromtimestamp(now, UTC),
            ids=len(scope.ids),
            places=report,
        )
        _note(job, now)
        job.delete()


def _came_late(job: ErasureJob, scope: Scope) -> bool:
    """Whether the log has something of the user behind the erasure that was received before it: a message that was on its way."""
    events = event_log(worker_client())
    for partition, after in scope.until.items():
        while found := events.entries(partition, after, None, BATCH):
            if any(scope.is_from_before(data, job.asked_at.timestamp()) for _, data in found):
                return True
            after = found[-1][0]
    return False


def _applied(job: ErasureJob) -> dict[int, str]:
    """By partition, the entry of the last erasing event. Raises Unfinished while one of them is not applied."""
    events, until = event_log(worker_client()), {}
    for user, after in job.after.items():
        partition = keys.partition_of(job.workspace, user)
        entry = job.entries.get(user) or _entry(events, partition, after, _message(job, user))
        offset = (worker_client().get(keys.offset_key(partition)) or NEVER.encode()).decode()
        if entry is None or ids.parts(offset) < ids.parts(entry):
            raise Unfinished("the event log: the erasure is not applied yet")
        job.entries[user] = entry
        until[partition] = max(entry, until.get(partition, NEVER), key=ids.parts)
    # Kept before anything is removed: the entries themselves are among it.
    job.save(update_fields=["entries"])
    return until


def _entry(events: Any, partition: int, after: str, message_id: str) -> str | None:
    mark = message_id.encode()
    while found := events.entries(partition, after, None, BATCH):
        for entry_id, data in found:
            if mark in data:
                return str(entry_id)
        after = found[-1][0]
    return None


def _note(job: ErasureJob, now: float) -> None:
    """In the audit log with the receipt and the pseudonym: its chain is never rewritten, so nothing in it may say who it was."""
    act = services.erased(str(job.receipt), pseudonym(job.workspace, f"u:{job.user}"), job.asked_by)
    services.note(services.find(job.workspace), services.AN_API_KEY, datetime.fromtimestamp(now, UTC), act)


def _message(job: ErasureJob, user: str) -> str:
    return f"$erase-{job.receipt}-{job.rounds}-{sha256(user.encode()).hexdigest()[:8]}"


def _written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
