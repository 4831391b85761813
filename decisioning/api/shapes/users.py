"""Events, users and privacy on the wire."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from decisioning.api.shapes.replies import ItemError


class TrackingMessage(msgspec.Struct, omit_defaults=True, rename="camel"):
    """Segment's message. At least one of userId and anonymousId; `event` with track. Other fields are passed over.

    An event from long before its user's newest one (24 hours, unless the operator says otherwise) is kept apart and not counted. One with
    `"historical": true` in its context is counted whenever it comes.

    With both ids, all that is known of the anonymousId becomes the userId's, for good. An alias says the same of its previousId, which
    with a secret key may be a known user's id too.
    """

    user_id: str | None = None
    anonymous_id: str | None = None
    previous_id: str | None = None
    message_id: str | None = None
    type: Literal["track", "identify", "page", "screen", "group", "alias"] | None = None
    event: str | None = None
    properties: dict[str, Any] = {}
    traits: dict[str, Any] = {}
    context: dict[str, Any] = {}
    timestamp: str | None = None
    sent_at: str | None = None
    write_key: str | None = None


class TrackingBatch(msgspec.Struct, omit_defaults=True, rename="camel"):
    batch: list[TrackingMessage]
    sent_at: str | None = None
    context: dict[str, Any] = {}
    write_key: str | None = None


class TrackingReply(msgspec.Struct, omit_defaults=True):
    success: bool
    errors: list[ItemError] = []


class UserTag(msgspec.Struct, omit_defaults=True):
    """`value`: of a tag that counts each value by itself, the one that gave it."""

    key: str
    since: str
    expires: str | None
    because: str
    value: str = ""


class UserProgress(msgspec.Struct):
    """A tag that asks for more than one event, under way: `done` out of `of`, what comes `next`, and `until` when."""

    tag: str
    done: float
    of: float
    next: str
    until: str | None


class UserScore(msgspec.Struct):
    value: float
    band: str | None
    at: str | None


class UserMerge(msgspec.Struct):
    id: str
    at: str


class UserConflict(msgspec.Struct):
    """An id that two users came under (`with`: the other one), or, without `with`, one that could not be taken in at that moment."""

    id: str
    other: str | None = msgspec.field(name="with")
    at: str
    reason: str


class UserReply(msgspec.Struct):
    """`user_id` is the id that was asked for, `merged_into` the user it belongs to where that is another.

    `aliases` are the ids merged into this user (`a:` anonymous, `u:` known), `merges` when each was, `conflicts` what was refused. `ids`
    are the names it was seen under; `ignored` counts what was past a limit and not kept, by kind.

    `values` are by signal, aggregate and window; null where there is none.
    """

    user_id: str
    merged_into: str | None
    aliases: list[str]
    merges: list[UserMerge]
    conflicts: list[UserConflict]
    ids: list[str]
    first_seen: str | None
    last_seen: str | None
    page: dict[str, Any]
    ignored: dict[str, int]
    traits: dict[str, Any]
    tags: list[UserTag]
    progress: list[UserProgress]
    scores: dict[str, UserScore]
    counts: dict[str, dict[str, float]]
    values: dict[str, dict[str, dict[str, Any]]]
    session: dict[str, Any]
    consent: dict[str, Any]


class ConsentReply(msgspec.Struct):
    """`recorded`: whether the log of consent has it already. With 202 it follows; what was said is in effect either way."""

    user_id: str
    purposes: dict[str, bool]
    recorded: bool


class ConsentWord(msgspec.Struct):
    user: str
    purpose: str
    granted: bool
    at: str
    received: str
    source: str


class ConsentLog(msgspec.Struct):
    user_id: str
    log: list[ConsentWord]


class ErasedPlace(msgspec.Struct, omit_defaults=True):
    """`left` is what a new search found afterwards."""

    found: int
    removed: int
    left: int
    note: str = ""


class ErasureReply(msgspec.Struct, omit_defaults=True):
    """`running` with what it waits for, or `erased` with the proof: per place what was found, removed and left."""

    receipt: str
    status: Literal["running", "erased"]
    asked_at: str
    waits_for: str = ""
    pseudonym: str = ""
    finished_at: str = ""
    ids: int = 0
    places: dict[str, ErasedPlace] = {}
