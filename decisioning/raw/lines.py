"""One line of the archive: an entry of the log as JSON that any tool can read, and back to the very same bytes."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

import msgspec

from decisioning.tagging.event import Event, decode_event, encode_event

Fields = dict[str, Any]


class Line(msgspec.Struct, omit_defaults=True):
    """`event` has the fields of `Event` by name. `msgpack` (base64) are the entry's own bytes, where JSON can't say them exactly.

    `erased`: it was of a user who was erased. Only its id is left, so that nobody takes it for one that was lost.
    """

    id: str
    event: Fields | None = None
    msgpack: str | None = None
    erased: bool = False


class BadLine(ValueError):
    """A line that is none of ours, or of a newer Signpost."""


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Line).decode


def write(entry_id: str, data: bytes) -> bytes:
    """The line, with its end. Whatever the entry holds: what is no event at all is kept as bytes."""
    try:
        event = decode_event(data)
        fields = msgspec.structs.asdict(event)
        line = _encode(Line(entry_id, fields))
        exact = _event(_decode(line).event) == data
    except (msgspec.MsgspecError, ValueError, TypeError, RecursionError):
        return _encode(Line(entry_id, msgpack=b64encode(data).decode())) + b"\n"
    return (line if exact else _encode(Line(entry_id, fields, b64encode(data).decode()))) + b"\n"


def erased(entry_id: str) -> bytes:
    """What stands in the place of an entry of a user who was erased."""
    return _encode(Line(entry_id, erased=True)) + b"\n"


def read(line: bytes) -> tuple[str, bytes]:
    """The entry's id and its bytes, none where it was erased. Raises BadLine."""
    try:
        found = _decode(line)
        if found.erased:
            return found.id, b""
        return found.id, b64decode(found.msgpack) if found.msgpack is not None else _event(found.event)
    except (msgspec.MsgspecError, ValueError, TypeError, RecursionError) as error:
        raise BadLine(f"not a line of the raw archive: {error}") from error


def _event(fields: Fields | None) -> bytes:
    return encode_event(Event(**(fields or {})))
