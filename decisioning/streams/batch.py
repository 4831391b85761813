"""One partition's batch: entries of the log folded, in order, into the states of their users. No Redis here."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from decisioning import keys
from decisioning.tagging import Definitions, UnknownStateSchema, decode_state, encode_state, fold, new_state
from decisioning.tagging.event import Event, decode_event

logger = logging.getLogger(__name__)
REASON_LENGTH = 500

DefinitionsOf = Callable[[str], Definitions]
"""What the live release of a workspace says about tagging."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the log: its id, its bytes, the event in them and the key of its user's state."""

    id: str
    data: bytes
    event: Event
    state_key: str


@dataclass(frozen=True, slots=True)
class SetAside:
    """An entry that can't be applied, and why. It is kept for people to look at; the others are unhindered."""

    id: str
    data: bytes
    reason: str


@dataclass(slots=True)
class Batch:
    """What folding some entries comes to."""

    states: dict[str, bytes] = field(default_factory=dict)
    set_aside: list[SetAside] = field(default_factory=list)
    applied: int = 0
    duplicate: int = 0


def read(entry_id: str, data: bytes) -> Entry | SetAside:
    try:
        event = decode_event(data)
        return Entry(entry_id, data, event, keys.state_key(event.workspace, event.user))
    except (msgspec.DecodeError, UnicodeError) as error:
        return _set_aside(entry_id, data, error)


def fold_entries(entries: Sequence[Entry | SetAside], stored: Mapping[str, bytes | None], definitions: DefinitionsOf) -> Batch:
    """Folds each user's entries in their order. `stored` has each user's state as bytes, None for a new user."""
    batch = Batch()
    users: dict[str, list[Entry]] = {}
    for entry in entries:
        if isinstance(entry, SetAside):
            batch.set_aside.append(entry)
        else:
            users.setdefault(entry.state_key, []).append(entry)
    for key, own in users.items():
        _fold_user(batch, key, own, stored[key], definitions(own[0].event.workspace))
    return batch


def _fold_user(batch: Batch, key: str, entries: Sequence[Entry], stored: bytes | None, definitions: Definitions) -> None:
    applied = duplicate = 0
    set_aside: list[SetAside] = []
    try:
        before = state = new_state() if stored is None else decode_state(stored)
        for entry in entries:
            try:
                folded = fold(definitions, state, entry.event)
            except Exception as error:  # noqa: BLE001 - whatever one event trips over must not stop the partition
                set_aside.append(_set_aside(entry.id, entry.data, error))
                continue
            state = folded.state
            applied += folded.outcome == "applied"
            duplicate += folded.outcome == "duplicate"
        encoded = None if state is before else encode_state(state)
    except UnknownStateSchema:
        # Written by a newer Signpost: this worker is too old for the partition, and its events must wait for one that is not.
        raise
    except Exception as error:  # noqa: BLE001 - a state that can't be read or written must not stop the partition either
        batch.set_aside.extend(_set_aside(entry.id, entry.data, error) for entry in entries)
        return
    if encoded is not None:
        batch.states[key] = encoded
    batch.set_aside.extend(set_aside)
    batch.applied += applied
    batch.duplicate += duplicate


def _set_aside(entry_id: str, data: bytes, error: Exception) -> SetAside:
    logger.error("event %s set aside: %s", entry_id, error, exc_info=error)
    return SetAside(entry_id, data, f"{type(error).__name__}: {error}"[:REASON_LENGTH])
