"""Who has which form open now. Kept in Redis for as long as their pages say so, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import msgspec
from redis import Redis

from decisioning import keys

EVERY = 10.0
"""Seconds after which an open form says again that it is open."""
GONE = 35.0
"""Seconds without a word after which nobody is there any more."""


class Editor(NamedTuple):
    """One person at one thing. `since`, `seen`: seconds since the epoch."""

    person_id: int
    name: str
    since: float
    seen: float


def here(client: Redis, workspace: str, kind: str, key: str, *, person_id: int, name: str, now: float) -> list[Editor]:
    """Says that this person has the form open, and gives the others who have. Raises an error of Redis."""
    hash_name, field = keys.editing_key(workspace, kind), _field(key, person_id)
    found = _read(client.hgetall(hash_name))
    before = found.pop(field, None)
    since = before.since if before and now - before.seen < GONE else now
    pipeline = client.pipeline(transaction=False)
    pipeline.hset(hash_name, field, msgspec.json.encode(Editor(person_id, name, since, now)))
    if stale := [other for other, editor in found.items() if now - editor.seen >= GONE]:
        pipeline.hdel(hash_name, *stale)
    pipeline.expire(hash_name, int(2 * GONE))
    pipeline.execute()
    others = [editor for other, editor in found.items() if other not in stale and other.startswith(_field(key))]
    return sorted(others, key=lambda editor: (editor.since, editor.person_id))


def left(client: Redis, workspace: str, kind: str, key: str, *, person_id: int) -> None:
    """Says that this person closed the form. Raises an error of Redis."""
    client.hdel(keys.editing_key(workspace, kind), _field(key, person_id))


def editing(client: Redis, workspaces: Iterable[str], kind: str, *, now: float) -> dict[tuple[str, str], list[Editor]]:
    """By workspace and key, who edits things of a kind, in one round trip. Raises an error of Redis."""
    asked = list(dict.fromkeys(workspaces))
    pipeline = client.pipeline(transaction=False)
    for workspace in asked:
        pipeline.hgetall(keys.editing_key(workspace, kind))
    found: dict[tuple[str, str], list[Editor]] = {}
    for workspace, reply in zip(asked, pipeline.execute() if asked else [], strict=True):
        for field, editor in sorted(_read(reply).items()):
            if now - editor.seen < GONE:
                found.setdefault((workspace, field.partition("|")[0]), []).append(editor)
    return found


def _field(key: str, person_id: int | str = "") -> str:
    return f"{key}|{person_id}"


def _read(reply: dict[bytes, bytes]) -> dict[str, Editor]:
    return {field.decode(): msgspec.json.decode(value, type=Editor) for field, value in reply.items()}
