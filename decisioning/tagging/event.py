"""An accepted event, as the log carries it: validated, with its times corrected and its user settled."""

from __future__ import annotations

from typing import Any

import msgspec


class Event(msgspec.Struct, frozen=True, array_like=True):
    """One thing a user did. Times are seconds since the epoch (UTC); `at` is when it happened, `received` when we got it.

    `user` is `u:<user id>` for a known and `a:<anonymous id>` for an anonymous one. `name` is the event's name that signals and tags
    refer to: a track call's own; `Page Viewed`, `Screen Viewed`, `Identified`, `Grouped`, `Aliased` for the other kinds.
    """

    workspace: str
    user: str
    message_id: str
    type: str
    name: str
    at: float
    received: float
    properties: dict[str, Any] = {}
    traits: dict[str, Any] = {}
    context: dict[str, Any] = {}
    session: str | None = None
    alias: str | None = None
    """Another id of the same user, sent along: `a:..` with any message of a known user, also `u:..` with an alias of a secret key."""


encode_event = msgspec.msgpack.Encoder().encode
decode_event = msgspec.msgpack.Decoder(Event).decode
"""An entry of the log. Raises msgspec.DecodeError or UnicodeError for bytes that are none."""
