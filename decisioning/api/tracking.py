"""Segment's tracking protocol: one message, as any of its clients sends it, to an event, or to the reason why not."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from decisioning.tagging.event import Event, encode_event

NAMES = {
    "identify": "Identified",
    "page": "Page Viewed",
    "screen": "Screen Viewed",
    "group": "Grouped",
    "alias": "Aliased",
}
TYPES = frozenset({"track", *NAMES})
MAX_EVENT = 32 * 1024
MAX_ID = 256
MAX_NAME = 200


class MessageError(ValueError):
    """Why one message was refused; the others of its batch are kept."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def parse_time(value: Any) -> float:
    """Seconds since the epoch of an RFC 3339 time; one without an offset is UTC. Raises ValueError."""
    if not isinstance(value, str):
        raise ValueError("not text")
    moment = datetime.fromisoformat(value)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def parse_message(
    raw: Any,
    *,
    workspace: str,
    received: float,
    kind: str | None = None,
    sent_at: Any = None,
    shared_context: Mapping[str, Any] | None = None,
    user: str | None = None,
    alias: str | None = None,
    session: str | None = None,
    secret: bool = False,
) -> Event:
    """The event of one message. `kind` is the endpoint's; in a batch each message has its own `type`.

    `user`, `alias` and `session` are those of the decide request that the message came with; a message that names its own user keeps it.
    Only with a `secret` key can an alias say that a known user is another one.
    """
    if not isinstance(raw, dict):
        raise MessageError("not_an_object", "A message must be a JSON object.")
    kind = kind or raw.get("type")
    if not isinstance(kind, str) or kind not in TYPES:
        raise MessageError("unknown_type", f"type must be one of {', '.join(sorted(TYPES))}.")
    context = {**(shared_context or {}), **_object(raw, "context")}
    known, anonymous = _identifier(raw, "userId"), _identifier(raw, "anonymousId")
    named = f"u:{known}" if known is not None else f"a:{anonymous}" if anonymous is not None else None
    other = _alias(raw, kind, known, anonymous, secret=secret)
    traits = {**_object(context, "traits", "context.traits"), **_object(raw, "traits")}
    context.pop("traits", None)
    event = Event(
        workspace=workspace,
        user=named or user or _refuse_user(),
        message_id=_message_id(raw),
        type=kind,
        name=_name(raw, kind),
        at=_event_time(raw, received=received, sent_at=raw.get("sentAt") or sent_at),
        received=received,
        properties=_properties(raw, kind),
        traits=traits,
        context=context,
        session=_session(context) or session,
        alias=alias if named is None else other,
    )
    if len(encode_event(event)) > MAX_EVENT:
        raise MessageError("event_too_large", f"An event may hold at most {MAX_EVENT:,} bytes.")
    return event


def _object(raw: Mapping[str, Any], key: str, label: str = "") -> dict[str, Any]:
    value = raw.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise MessageError("not_an_object", f"{label or key} must be a JSON object.")
    return value


def _identifier(raw: Mapping[str, Any], key: str) -> str | None:
    value = raw.get(key)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise MessageError("invalid_id", f"{key} must be text.")
    text = str(value)
    if len(text) > MAX_ID:
        raise MessageError("invalid_id", f"{key} is longer than {MAX_ID} characters.")
    return text


def _alias(raw: Mapping[str, Any], kind: str, known: str | None, anonymous: str | None, *, secret: bool) -> str | None:
    """The other id of a known user that the message names: the anonymous one sent along, or what an alias says was the id before.

    A publishable key is in every browser: from there `previousId` can only be an anonymous id.
    """
    previous = _identifier(raw, "previousId")
    if kind == "alias":
        if known is None:
            raise MessageError("missing_user", "An alias needs the userId that the previousId belongs to.")
        if previous is None and anonymous is None:
            raise MessageError("missing_previous_id", "An alias needs the previousId, or the anonymousId, that belongs to the userId.")
        if previous is not None:
            return f"u:{previous}" if secret else f"a:{previous}"
    return f"a:{anonymous}" if known is not None and anonymous is not None else None


def _refuse_user() -> str:
    raise MessageError("missing_user", "A message needs a userId or an anonymousId.")


def _message_id(raw: Mapping[str, Any]) -> str:
    """The client's own id, or one of ours; without its own id a client's retry can't be told from a new message."""
    return _identifier(raw, "messageId") or f"server-{secrets.token_hex(12)}"


def _name(raw: Mapping[str, Any], kind: str) -> str:
    if kind != "track":
        return NAMES[kind]
    name = raw.get("event")
    if not isinstance(name, str) or not name.strip():
        raise MessageError("missing_event", "A track message needs the event's name in `event`.")
    if len(name) > MAX_NAME:
        raise MessageError("event_name_too_long", f"An event's name may have at most {MAX_NAME} characters.")
    return name


def _properties(raw: Mapping[str, Any], kind: str) -> dict[str, Any]:
    properties = _object(raw, "properties")
    if kind not in {"page", "screen"}:
        return properties
    return {**{key: raw[key] for key in ("name", "category") if isinstance(raw.get(key), str)}, **properties}


def _session(context: Mapping[str, Any]) -> str | None:
    value = context.get("sessionId", context.get("session_id"))
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value)[:MAX_ID]


def _event_time(raw: Mapping[str, Any], *, received: float, sent_at: Any) -> float:
    """When it happened by our clock: received - (sentAt - timestamp), which takes the client's clock error out. Never in the future."""
    told = raw.get("originalTimestamp") or raw.get("timestamp")
    if told is None:
        return received
    try:
        at = parse_time(told)
        if sent_at is not None:
            at = received - (parse_time(sent_at) - at)
    except (ValueError, OverflowError) as error:
        raise MessageError("invalid_time", "timestamp and sentAt must be RFC 3339 times such as 2026-11-21T10:00:00Z.") from error
    if at < 0:
        raise MessageError("invalid_time", "timestamp lies before 1970.")
    return min(at, received)
