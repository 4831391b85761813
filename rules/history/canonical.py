"""RFC 8785 bytes and their hash, fast where there is no number with a point: then C's own writer gives the same bytes."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import rfc8785

LARGEST = 2**53 - 1
_fast = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, check_circular=False).encode


def canonical(value: Any) -> bytes:
    """Nothing for what RFC 8785 has no form for: no one's hash is of that, and only somebody's own SQL can have written it."""
    try:
        return _fast(value).encode() if _is_plain(value) else rfc8785.dumps(value)
    except (ValueError, RecursionError):
        return b""


def _is_plain(value: Any) -> bool:
    """Without floats, without large numbers, and with keys that sort by code point as they do by UTF-16."""
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return True
    if kind is dict:
        return all(type(key) is str and key.isascii() for key in value) and all(map(_is_plain, value.values()))
    if kind is list:
        return all(map(_is_plain, value))
    return kind is int and -LARGEST <= value <= LARGEST


def sha256(value: Any) -> str:
    return digest_of(canonical(value))


def digest_of(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def folded(before: str, row: Any) -> str:
    """The hash of a list of rows that has no hash column: of all rows before it, and of this one."""
    return digest_of(before.encode() + b"\n" + canonical(row))
