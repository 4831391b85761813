"""Bytes to plain data, strictly: whatever could surprise a later step is refused here, with a code and a path."""

from __future__ import annotations

import json
import zlib
from typing import Annotated, Any

import msgspec
from msgspec.json import format as formatted

from decisioning.api.errors import ApiError, bad_request
from decisioning.api.http import Request

MAX_BYTES = 512_000
MAX_DEPTH = 32
MAX_INTEGER = 2**63 - 1
USUAL_DEPTH = 9
"""Levels that are read the quick way. The type of each stands twice in the one above it, so a few more would not fit into memory."""


def inflate(request: Request) -> bytes:
    """The body without its content encoding. Never makes more than MAX_BYTES out of a small one."""
    raw, encoding = request.body, request.headers.get("content-encoding", "").strip().lower()
    if len(raw) > MAX_BYTES:
        raise too_large()
    if encoding in {"", "identity"}:
        return raw
    if encoding not in {"gzip", "x-gzip"}:
        raise ApiError(415, "unsupported_encoding", f"Content-Encoding {encoding!r} is not supported; send gzip or none.")
    try:
        stream = zlib.decompressobj(wbits=31)
        body = stream.decompress(raw, MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            raise too_large()
        if not stream.eof:
            raise bad_request("invalid_gzip", "The body's gzip data ends too early.")
    except zlib.error as error:
        raise bad_request("invalid_gzip", "The body says it is gzip but can't be unpacked.") from error
    return body


def too_large() -> ApiError:
    return ApiError(413, "body_too_large", f"The body is larger than {MAX_BYTES:,} bytes; send it in several requests.")


def _usual() -> Any:
    """The type of plain data of a usual depth."""
    scalar = Annotated[int, msgspec.Meta(ge=-MAX_INTEGER, le=MAX_INTEGER)] | float | str | bool | None
    level: Any = scalar
    for _ in range(USUAL_DEPTH):
        level = scalar | list[level] | dict[str, level]
    return level


_quickly = msgspec.json.Decoder(_usual()).decode
_encode = msgspec.json.Encoder().encode


def decode(raw: bytes) -> Any:
    """Plain data from JSON. Refuses duplicate keys, NaN, infinities, NUL, lone surrogates, huge integers and deep nesting.

    What is read quickly and written again as it was, but for space between its parts, has none of these: a second key would be missing.
    All else goes the slow way, which says what is wrong, if anything is.
    """
    if b"\\u" not in raw:  # the only way a NUL or a lone surrogate gets in
        try:
            value = _quickly(raw)
            if (again := _encode(value)) == raw or again == formatted(raw, indent=-1):
                return value
        except (msgspec.DecodeError, UnicodeDecodeError):
            pass
    return _decode_slowly(raw)


def _decode_slowly(raw: bytes) -> Any:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise bad_request("invalid_utf8", f"Byte {error.start} of the body is not UTF-8.") from error
    if not text.strip():
        raise bad_request("empty_body", "The body is empty; send a JSON object.")
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        message = f"Line {error.lineno}, column {error.colno}: {error.msg}."
        raise bad_request("invalid_json", message) from error
    except RecursionError as error:
        raise bad_request("too_deep", f"The body is nested deeper than {MAX_DEPTH} levels.") from error
    except ValueError as error:  # int() refuses more than 4,300 digits
        raise bad_request("integer_out_of_range", "A number has too many digits.") from error
    _refuse_faults(value, "$", 0, escapes="\\u" in text)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))
        raise bad_request("duplicate_key", f"The key {twice[:100]!r} stands twice in one object.")
    return found


def _refuse_constant(name: str) -> Any:
    raise bad_request("invalid_number", f"{name} is not a JSON number.")


def _refuse_faults(value: Any, path: str, depth: int, *, escapes: bool) -> None:
    """`escapes` says whether the text held any \\u escape: the only way a NUL or a lone surrogate gets in."""
    kind = type(value)
    if kind is dict:
        if depth >= MAX_DEPTH:
            raise bad_request("too_deep", f"The body is nested deeper than {MAX_DEPTH} levels.", path=path[:200])
        for key, item in value.items():
            if escapes:
                _refuse_text(key, path)
            if type(item) is not bool and item is not None and (escapes or type(item) is not str):
                _refuse_faults(item, f"{path}.{key}", depth + 1, escapes=escapes)
    elif kind is list:
        if depth >= MAX_DEPTH:
            raise bad_request("too_deep", f"The body is nested deeper than {MAX_DEPTH} levels.", path=path[:200])
        for index, item in enumerate(value):
            _refuse_faults(item, f"{path}[{index}]", depth + 1, escapes=escapes)
    elif kind is str:
        if escapes:
            _refuse_text(value, path)
    elif kind is int:
        if not -MAX_INTEGER <= value <= MAX_INTEGER:
            raise bad_request("integer_out_of_range", "An integer needs more than 64 bits.", path=path, fix="Send it as text.")
    elif kind is float and value - value != 0:
        raise bad_request("invalid_number", "A number is too large to be kept.", path=path)


def _refuse_text(text: str, path: str) -> None:
    if "\0" in text:
        raise bad_request("nul_character", "Text holds a NUL character.", path=path, fix="Remove \\u0000.")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise bad_request("lone_surrogate", "Text holds half of a surrogate pair.", path=path, fix="Send valid Unicode.") from error
