"""Use case: a workspace's audit log, page by page, for whoever keeps a copy of it or looks something up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rules import bundles, selectors, services
from rules.models import AuditEvent


@dataclass(frozen=True, slots=True)
class Asked:
    """`after` is an event's number, `since` seconds of Unix time; `action` may be only its first word, and `key` needs a `kind`."""

    limit: int
    after: int = 0
    since: float | None = None
    action: str = ""
    kind: str = ""
    key: str = ""


def page(workspace: str, asked: Asked) -> dict[str, Any]:
    """The events in the order of their numbers, and where the next page begins: null where there is none. Raises what the database does."""
    since = None if asked.since is None else datetime.fromtimestamp(asked.since, UTC)
    found = selectors.audit_events(workspace, after=asked.after, since=since, action=asked.action, kind=asked.kind, key=asked.key)
    events = list(found[: asked.limit + 1])
    more = len(events) > asked.limit
    return {"events": list(map(_told, events[: asked.limit])), "next": events[asked.limit - 1].number if more else None}


def _told(event: AuditEvent) -> dict[str, Any]:
    return {
        "number": event.number,
        "at": bundles.moment(event.at),
        "actor": {"id": event.actor_id, "name": event.actor_name},
        "action": event.action,
        "object": {"kind": event.object_kind, "key": event.object_key, "version": event.object_version},
        "words": event.words,
        "reason": event.reason,
        "data": event.data,
        "prev_hash": event.prev_hash,
        "hash": event.hash,
    }


def tell_refusal(workspace: str, key: str, doing: str, why: str, now: float) -> None:
    """Tells the log that a key, by its first characters, was refused an act for want of a scope. Raises what the database does."""
    about = services.Act("", "api_key", key, ())
    act = services.refused_act(services.Person(-1, f"The key {key}…"), doing, about, "scope_missing", why)
    services.tell_refusal(services.find(workspace), services.AN_API_KEY, act, now=datetime.fromtimestamp(now, UTC))
