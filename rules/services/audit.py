"""Writes the audit log: what was done, in the same transaction as the doing, so that neither is ever there without the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from rules import bundles
from rules.models import AuditEvent, Workspace
from rules.services.people import Person, person

LOCKS = 0x5160
"""Signpost's own class of PostgreSQL advisory locks. The second number is a workspace's, or the installation's."""
INSTALLATION = 0


@dataclass(frozen=True, slots=True)
class Act:
    """One thing done to one object. `words` are sentences for people, `data` the same for machines: JSON values, nothing of an end user."""

    action: str
    kind: str
    key: str
    words: tuple[str, ...]
    version: int | None = None
    reason: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


def note(workspace: Workspace | None, actor: Any, now: datetime, *acts: Act) -> list[AuditEvent]:
    """Adds the acts to the workspace's chain, or to the installation's (None). Raises RuntimeError outside of a transaction.

    Who also holds a workspace takes that lock first and the installation's after it, or two could wait for each other.
    """
    who = person(actor)
    return note_all(workspace, now, [(who, act) for act in acts])


def note_all(workspace: Workspace | None, now: datetime, acts: Sequence[tuple[Person, Act]]) -> list[AuditEvent]:
    """`note` for acts of several people."""
    take(workspace.pk if workspace else INSTALLATION)
    newest = AuditEvent.objects.filter(workspace=workspace).order_by("-number").first()
    events: list[AuditEvent] = []
    for who, act in acts:
        event = AuditEvent(
            workspace=workspace,
            number=newest.number + 1 if newest else 1,
            at=now,
            actor_id=who.id,
            actor_name=who.name,
            action=act.action,
            object_kind=act.kind,
            object_key=act.key,
            object_version=act.version,
            words=list(act.words),
            reason=act.reason,
            data=dict(act.data),
            prev_hash=newest.hash if newest else "",
        )
        event.hash = bundles.audit_hash(event)
        events.append(event)
        newest = event
    return AuditEvent.objects.bulk_create(events)


def take(number: int) -> None:
    """Waits until this transaction alone may write to a chain, until it ends."""
    if not connection.in_atomic_block:
        raise RuntimeError("history is written in the transaction of what it tells")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCKS, number])
