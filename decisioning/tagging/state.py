"""One user's state, and its compact form: a msgpack array. New fields are added at the end; a change of meaning raises SCHEMA."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from decisioning.tagging.aliases import Alias, Conflict
from decisioning.tagging.consent import Consent
from decisioning.tagging.decay import Level
from decisioning.tagging.dedup import Seen
from decisioning.tagging.kept import Kept
from decisioning.tagging.numbers import Number
from decisioning.tagging.sessions import Session
from decisioning.tagging.windows import Buckets

SCHEMA = 1
REMOVED = -1.0


class UnknownStateSchema(ValueError):
    """The state was written by another version of Signpost, whose meaning this one doesn't know."""


class BrokenState(ValueError):
    """The bytes are no state."""


class Trait(msgspec.Struct, array_like=True, frozen=True):
    """What the app told and when. A value of None was told too: it stays, so that an older identify can't bring the former value back."""

    value: Any
    at: float


class Tag(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A tag held: since when, until when (0: until removed; REMOVED: it was taken away at `at`), and the newest cause."""

    since: float
    expires: float
    cause: str
    at: float
    value: str = ""
    """Of a tag that counts each value by itself: the one that gave it."""

    def is_live(self, now: float) -> bool:
        return self.expires == 0 or self.expires > now


class Page(msgspec.Struct, array_like=True, frozen=True, gc=False):
    path: str
    url: str
    title: str
    referrer: str
    at: float
    since: float = 0.0
    """When the user came to it: the first event in a row that told of it."""


class Partial(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """How a sequence came to one of its places: when it began, when the step before was done, and when this place was reached."""

    start: float
    since: float
    last: float


class UserState(msgspec.Struct, array_like=True):
    schema: int = SCHEMA
    revision: int = 0
    """How many events have been applied."""
    ids: list[str] = []
    """`u:` known and `a:` anonymous ids, in the order they were first seen."""
    first_seen: float = 0.0
    last_seen: float = 0.0
    traits: dict[str, Trait] = {}
    tags: dict[str, Tag] = {}
    progress: dict[str, list[float]] = {}
    """Per count tag, the times of its newest matching events."""
    windows: dict[str, dict[int, Buckets]] = {}
    """Per signal and window in seconds. `#<tag>` counts for a tag that asks for more repeats than `progress` keeps."""
    totals: dict[str, Number] = {}
    levels: dict[str, Level] = {}
    """What scores add up, per `<signal>|<take>|<half-life in seconds>`; scores that ask for the same share it."""
    session: Session | None = None
    page: Page | None = None
    seen: Seen = Seen()
    ignored: dict[str, int] = {}
    """How often a limit turned something away, per kind."""
    timers: dict[str, float] = {}
    """What is to happen to this user by the mere passing of time: the moment each of them is due."""
    sequences: dict[str, dict[int, Partial]] = {}
    """Per sequence under way, the newest way to each of its places."""
    overdue: dict[str, float] = {}
    """Timers that a late event set for a time already over: that time. An event of a later time fires them."""
    grouped: dict[str, dict[str, Buckets]] = {}
    """Per tag that counts each value by itself, the values in the order they last came, with their counts or sums."""
    kept: Kept | None = None
    """What names of signals ask for beside sums: averages, extremes, different values and the like."""
    merged_into: str = ""
    """The user this id belongs to: then everything else here is empty and all events go there. Never undone."""
    aliases: dict[str, Alias] = {}
    """The other ids of this user: merged, asked for, or refused because they are another's."""
    conflicts: dict[str, Conflict] = {}
    """Per id of this user, who else asked for it."""
    consent: dict[str, Consent] = {}
    """What the user agreed to or refused, by purpose."""

    def draft(self) -> UserState:
        """A copy to be changed: what it holds is shared, so it is replaced, never changed."""
        return replace(self)


class _Header(msgspec.Struct, array_like=True):
    schema: int


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(UserState)
_header = msgspec.msgpack.Decoder(_Header)


# What the decoder raises for bytes that are no msgpack, not of this shape, no UTF-8, or too deep.
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def new_state() -> UserState:
    return UserState()


def encode_state(state: UserState) -> bytes:
    return _encoder.encode(state)


def decode_state(data: bytes) -> UserState:
    """Raises UnknownStateSchema for a state of another schema, BrokenState for anything that is no state."""
    try:
        state = _decoder.decode(data)
    except _UNREADABLE as error:
        raise _refusal(data, error) from error
    if state.schema != SCHEMA:
        raise UnknownStateSchema(f"the state has schema {state.schema}, this version reads {SCHEMA}")
    return state


def _refusal(data: bytes, error: Exception) -> ValueError:
    """Which of the two it is: only the first field of a state of another schema can be trusted."""
    try:
        schema = _header.decode(data).schema
    except _UNREADABLE:
        return BrokenState(f"not a user state: {error}")
    if schema == SCHEMA:
        return BrokenState(f"not a user state: {error}")
    return UnknownStateSchema(f"the state has schema {schema}, this version reads {SCHEMA}")
