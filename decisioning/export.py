"""Use case: everything held of a user, as one JSON document, read and sent part by part."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from decisioning import codec, consents, everyone, inputs, keys
from decisioning.models import DecisionRecord
from decisioning.raw import reader
from decisioning.raw.store import configured
from decisioning.redis import worker_client
from decisioning.streams.log import event_log
from decisioning.streams.port import NEVER
from decisioning.tagging import UserState, describe
from decisioning.tagging.event import Event

BATCH = 500

_encode = msgspec.json.Encoder().encode


def document(workspace: str, user_id: str, states: Mapping[str, UserState | None], *, now: float) -> Iterator[bytes]:
    """`states` as `everyone.states` gives them. What PostgreSQL or Redis can't give in the middle ends it early, without `complete`."""
    users = list(states)
    definitions = everyone.definitions_of(workspace)
    head = {"user_id": user_id, "exported_at": datetime.fromtimestamp(now, UTC).isoformat().replace("+00:00", "Z"), "ids": users}
    yield _encode(head)[:-1]
    held = ({"id": user, **describe(definitions, state, now=now)} for user, state in states.items() if state is not None)
    yield from _listed("states", held)
    yield from _listed("consent", consents.of_user(workspace, users))
    yield from _listed("decisions", _decisions(workspace, users))
    yield from _listed("events", _events(workspace, users))
    yield b', "complete": true}'


def _listed(name: str, items: Iterable[Any]) -> Iterator[bytes]:
    yield b', "' + name.encode() + b'": ['
    for number, item in enumerate(items):
        yield (b", " if number else b"") + _encode(item)
    yield b"]"


def _decisions(workspace: str, users: list[str]) -> Iterator[dict[str, Any]]:
    fields = [field.name for field in DecisionRecord._meta.fields if field.name != "workspace"]  # noqa: SLF001 - documented API
    rows = DecisionRecord.objects.filter(workspace=workspace, user__in=users).order_by("at").values(*fields)
    for row in rows.iterator(chunk_size=BATCH):
        yield {**row, "inputs": _read(workspace, row["user"], row["inputs"])}


def _read(workspace: str, user: str, packed: bytes | None) -> dict[str, Any] | None:
    """What the decision read, in the clear: it is the user's own."""
    if packed is None:
        return None
    kept = inputs.unpacked(bytes(packed))
    opened = inputs.opened(kept, workspace, user)
    return {"facts": opened.facts, "templates": opened.data, "locale": kept.locale}


def _events(workspace: str, users: list[str]) -> Iterator[dict[str, Any]]:
    """Those in the raw archive, and then those that the event log has and the archive not yet."""
    store = configured()
    for partition in sorted({keys.partition_of(workspace, user) for user in users}):
        archived = (worker_client().get(keys.archived_key(partition)) or NEVER.encode()).decode() if store is not None else NEVER
        kept = reader.entries(store, partition) if store is not None else iter(())
        for _, data in itertools.chain(kept, _waiting(partition, archived)):
            event = _event(data, users)
            if event is not None and event.workspace == workspace and event.user in users and not event.name.startswith("$"):
                yield msgspec.structs.asdict(event)


def _waiting(partition: int, after: str) -> Iterator[tuple[str, bytes]]:
    log = event_log(worker_client())
    while found := log.entries(partition, after, None, BATCH):
        yield from found
        after = found[-1][0]


def _event(data: bytes, users: list[str]) -> Event | None:
    if not any(user.encode() in data for user in users):
        return None
    try:
        return codec.decode_event(data)
    except (msgspec.DecodeError, UnicodeError):
        return None
