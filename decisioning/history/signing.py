"""The key that signs anchors and evidence: from the environment or from a private file, never from the database."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

from django.conf import settings

from rules.history import Key, Trust

NAME = "anchor.key"


class NoKey(Exception):
    """There is no key, or none that may be used."""


def key() -> Key:
    """Raises NoKey, which says what to do."""
    if settings.ANCHOR_KEY:
        return Key(settings.ANCHOR_KEY[0])
    return Key(_kept(settings.DATA_DIR / NAME))


def public_keys() -> list[str]:
    """In base64: the own key's first, where there is one, then those that are trusted beside it."""
    try:
        own = [key().public]
    except NoKey:
        own = []
    others = [Key(seed).public for seed in settings.ANCHOR_KEY] + [base64.b64encode(one).decode() for one in settings.ANCHOR_TRUSTED_KEYS]
    return list(dict.fromkeys(own + others))


def trust() -> Trust:
    return Trust(public_keys())


def _kept(path: Path) -> bytes:
    try:
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise NoKey(f"{path} can be read by others, and whoever has it can sign. Make it private (chmod 600), or make a new one.")
        seed = base64.b64decode(path.read_text().strip(), validate=True)
    except FileNotFoundError:
        words = (
            f"There is no ANCHOR_KEY in the environment and no {path}. `openssl rand -base64 32` makes a key; start.py makes one itself."
        )
        raise NoKey(words) from None
    except (OSError, ValueError) as error:
        raise NoKey(f"{path} can't be read: {error}.") from error
    if len(seed) != 32:
        raise NoKey(f"{path} holds {len(seed)} bytes in base64, and a key has 32.")
    return seed
