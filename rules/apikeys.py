"""API keys as text: a readable prefix, 8 public characters, 32 secret ones and a checksum that catches typing errors. Pure."""

from __future__ import annotations

import hashlib
import re
import secrets
import zlib
from typing import Literal

KeyKind = Literal["secret", "publishable"]

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
PREFIXES: dict[KeyKind, str] = {"secret": "sk_", "publishable": "pk_"}
PUBLIC, SECRET, CHECKSUM = 8, 32, 6
SCOPES: dict[KeyKind, tuple[str, ...]] = {
    "secret": ("decide", "events:write", "users:read", "privacy", "status:read", "history"),
    "publishable": ("decide", "events:write"),
}
"""What a key of each kind can be limited to. A key without scopes may do all of its kind's."""
_SHAPE = re.compile(rf"[sp]k_[0-9A-Za-z]{{{PUBLIC + SECRET + CHECKSUM}}}")


def new_key(kind: KeyKind) -> str:
    """A key nobody has: about 190 secret bits, so one plain hash of it is safe at rest."""
    stem = PREFIXES[kind] + "".join(secrets.choice(ALPHABET) for _ in range(PUBLIC + SECRET))
    return stem + _checksum(stem)


def well_formed(text: str) -> bool:
    """Whether this can be a key at all: right shape and right checksum. Costs no look-up."""
    return bool(_SHAPE.fullmatch(text)) and _checksum(text[:-CHECKSUM]) == text[-CHECKSUM:]


def prefix(text: str) -> str:
    """The part that may be shown and logged."""
    return text[: 3 + PUBLIC]


def digest(text: str) -> str:
    """What is stored instead of the key."""
    return hashlib.sha256(text.encode()).hexdigest()


def _checksum(stem: str) -> str:
    number = zlib.crc32(stem.encode())
    digits = ""
    for _ in range(CHECKSUM):
        number, digit = divmod(number, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return digits
