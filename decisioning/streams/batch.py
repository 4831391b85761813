"""One partition's batch: entries of the log folded, in order, into the states of their users. No Redis here."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from decisioning import codec, keys
from decisioning.tagging import Definitions, UnknownStateSchema, UserState, due, encode_state, fold, new_state
from decisioning.tagging.consent import Word
from decisioning.tagging.event import Event
from decisioning.tagging.population import Sample, absorb
from decisioning.tagging.times import lateness

logger = logging.getLogger(__name__)
REASON_LENGTH = 500
BLANK = encode_state(new_state())
"""The state of a user nobody has heard of, which is not kept: a fold that returns it removes the user."""

DefinitionsOf = Callable[[str], Definitions]
"""What the live release of a workspace says about tagging."""


class Entry(msgspec.Struct, frozen=True):
    """An entry of the log: its id, its bytes, the event in them and the key of its user's state."""

    id: str
    data: bytes
    event: Event
    state_key: str


@dataclass(frozen=True, slots=True)
class SetAside:
    """An entry that can't be applied or came too late, and why. It is kept for people to look at; the others are unhindered."""

    id: str
    data: bytes
    reason: str


@dataclass(slots=True)
class Batch:
    """What folding some entries comes to."""

    states: dict[str, bytes] = field(default_factory=dict)
    """By key; no bytes: nothing is known of the user any more, and the state goes."""
    timers: dict[str, float | None] = field(default_factory=dict)
    """When the state with that key has something due: where it is sooner than before, or, where timers fired, exactly (None: never)."""
    messages: list[bytes] = field(default_factory=list)
    """Events for other users."""
    set_aside: list[SetAside] = field(default_factory=list)
    late: list[SetAside] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    """What became of the entries."""
    samples: dict[str, list[Sample]] = field(default_factory=dict)
    """Values that adaptive thresholds watch, by the key of their population."""
    words: list[bytes] = field(default_factory=list)
    """What users said about consent, for the log of it."""

    def store(self, key: str, state: UserState, personal: frozenset[str]) -> None:
        encoded = codec.encode_state(state, key, personal)
        self.states[key] = b"" if encoded == BLANK else encoded


def read(entry_id: str, data: bytes) -> Entry | SetAside:
    try:
        event = codec.decode_event(data)
        return Entry(entry_id, data, event, keys.state_key(event.workspace, event.user))
    except (msgspec.DecodeError, UnicodeError) as error:
        return _set_aside(entry_id, data, error)


def needed(entries: Sequence[Entry | SetAside], definitions: DefinitionsOf) -> list[str]:
    """The keys of all that is stored and folding needs: the users' states, and populations where thresholds follow them."""
    found = {entry.state_key: entry.event.workspace for entry in entries if isinstance(entry, Entry)}
    watching = {workspace for workspace in set(found.values()) if (known := definitions(workspace)) and known.watches}
    return [*found, *dict.fromkeys(keys.population_beside(key) for key, workspace in found.items() if workspace in watching)]


def fold_entries(entries: Sequence[Entry | SetAside], stored: Mapping[str, bytes | None], definitions: DefinitionsOf) -> Batch:
    """Folds each user's entries in their order. `stored` has what is `needed` as bytes, None for a new user.

    Samples are taken in as of the newest event received, so that the same entries always give the same population.
    """
    batch = Batch()
    users: dict[str, list[Entry]] = {}
    for entry in entries:
        if isinstance(entry, SetAside):
            batch.set_aside.append(entry)
        else:
            users.setdefault(entry.state_key, []).append(entry)
    for key, own in users.items():
        _fold_user(batch, key, own, stored[key], definitions(own[0].event.workspace))
    now = max((entry.event.received for own in users.values() for entry in own), default=0.0)
    for key, samples in batch.samples.items():
        if key in stored:  # not where a release has begun to follow them since that was loaded
            batch.states[key] = absorb(stored[key], samples, now)
    if batch.set_aside:
        batch.counts["dead"] = len(batch.set_aside)
    return batch


def _fold_user(batch: Batch, key: str, entries: Sequence[Entry], stored: bytes | None, definitions: Definitions) -> None:
    """All of a user's entries or, where the state can't be read or written, none: then nothing of them is in the batch but the entries."""
    outcomes: list[str] = []
    messages: list[bytes] = []
    set_aside: list[SetAside] = []
    late: list[SetAside] = []
    samples: list[Sample] = []
    words: list[bytes] = []
    try:
        before = state = new_state() if stored is None else codec.decode_state(stored, key)
        for entry in entries:
            try:
                folded = fold(definitions, state, entry.event)
                if folded.messages:
                    messages += [codec.encode_event(message, definitions.personal) for message in folded.messages]
            except Exception as error:  # noqa: BLE001 - whatever one event trips over must not stop the partition
                set_aside.append(_set_aside(entry.id, entry.data, error))
                continue
            state = folded.state
            samples += folded.samples
            outcomes.append(folded.outcome)
            words += [said(entry.event, word) for word in folded.words]
            if folded.outcome == "late":
                late.append(SetAside(entry.id, entry.data, lateness(entry.event, state.last_seen)))
        if state is not before:
            batch.store(key, state, definitions.personal)
            _arm(batch, key, due(before), due(state))
    except UnknownStateSchema:
        # Written by a newer Signpost: this worker is too old for the partition, and its events must wait for one that is not.
        raise
    except Exception as error:  # noqa: BLE001 - a state that can't be read or written must not stop the partition either
        batch.set_aside.extend(_set_aside(entry.id, entry.data, error) for entry in entries)
        return
    for outcome in outcomes:
        batch.counts[outcome] += 1
    if samples:
        batch.samples.setdefault(keys.population_beside(key), []).extend(samples)
    for kind, times in state.ignored.items():
        if more := times - before.ignored.get(kind, 0):
            batch.counts[f"ignored_{kind}"] += more
    batch.words += words
    batch.messages += messages
    batch.set_aside += set_aside
    batch.late += late


def said(event: Event, word: Word) -> bytes:
    """An entry for the log of consent."""
    return msgspec.msgpack.encode({"workspace": event.workspace, "user": event.user, **msgspec.structs.asdict(word)})


def _arm(batch: Batch, key: str, before: float | None, after: float | None) -> None:
    """Only what is due sooner is told. A timer that moves on with each event would cost a write each; it is put right when it fires."""
    if after is not None and (before is None or after < before):
        batch.timers[key] = after


def _set_aside(entry_id: str, data: bytes, error: Exception) -> SetAside:
    logger.error("event %s set aside: %s", entry_id, error, exc_info=error)
    return SetAside(entry_id, data, f"{type(error).__name__}: {error}"[:REASON_LENGTH])
