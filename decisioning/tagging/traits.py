"""What the app tells about a user: the newest told value of each trait wins, by event time."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any

import msgspec

from decisioning.tagging import limits
from decisioning.tagging.numbers import measured, plus
from decisioning.tagging.paths import find
from decisioning.tagging.state import Trait

_encoder = msgspec.msgpack.Encoder()
SEALED = "$sealed"
"""In an object with this key alone a value is kept that can't be read here: encrypted, and the key is not known."""


def is_sealed(value: object) -> bool:
    return isinstance(value, dict) and len(value) == 1 and SEALED in value


def legible(value: Any) -> Any:
    """The value, or None where it can't be read."""
    return None if is_sealed(value) else value


def merged(held: Mapping[str, Trait], told: Mapping[str, Any], at: float) -> tuple[dict[str, Trait], list[str], int]:
    """The traits after an identify, the keys whose value changed, and how many were turned away by a limit."""
    traits = dict(held)
    size = len(_encoder.encode(held))
    changed: list[str] = []
    ignored = 0
    for key, value in told.items():
        old = traits.get(key)
        if old is not None and at < old.at:
            continue
        told_size = _size(key, value)
        growth = told_size if old is None else told_size - _size(key, old.value)
        if told_size == 0 or (old is None and len(traits) >= limits.TRAITS) or size + growth > limits.TRAITS_BYTES:
            ignored += 1
            continue
        traits[key] = Trait(value, at)
        size += growth
        if (old.value if old is not None else None) != value:
            changed.append(key)
    return traits, changed, ignored


def joined(mine: Mapping[str, Trait], theirs: Mapping[str, Trait], rules: Mapping[str, str]) -> tuple[dict[str, Trait], int]:
    """The traits of two users who are one, by each trait's rule (`latest` where there is none), and how many a limit turned away.

    The limit keeps `mine`; a sum or a union that is too long gives way to the value told latest.
    """
    traits = dict(mine)
    size = len(_encoder.encode(mine))
    ignored = 0
    for key, their in theirs.items():
        old = traits.get(key)
        new = their if old is None else _by_rule(rules.get(key, "latest"), old, their)
        if old is not None and _size(key, new.value) == 0:
            ignored += 1
            new = _by_rule("latest", old, their)
        growth = _size(key, new.value) - (_size(key, old.value) if old is not None else 0)
        if (old is None and len(traits) >= limits.TRAITS) or size + growth > limits.TRAITS_BYTES:
            ignored += 1
            continue
        traits[key] = new
        size += growth
    return traits, ignored


def _by_rule(rule: str, one: Trait, other: Trait) -> Trait:
    """Whichever comes first, the outcome is the same: values told at the same moment go by their bytes."""
    older, newer = sorted((one, other), key=lambda trait: (trait.at, _encoder.encode(trait.value)))
    if rule == "first":
        return newer if older.value is None else older
    if rule == "sum":
        numbers = [number for number in (measured(older.value), measured(newer.value)) if number is not None]
        return Trait(plus(*numbers) if len(numbers) == 2 else numbers[0], newer.at) if numbers else newer
    if rule == "union":
        lists = [value for value in (older.value, newer.value) if isinstance(value, list)]
        return Trait(_union(lists), newer.at) if lists else newer
    return newer


def _union(lists: list[list[Any]]) -> list[Any]:
    both: dict[bytes, Any] = {}
    for value in chain.from_iterable(lists):
        both.setdefault(_encoder.encode(value), value)
    return [*both.values()]


def told(held: Mapping[str, Trait], path: str) -> Any:
    """The trait's value, also inside a nested one (`address.city`); None when it was never told, or told to be nothing."""
    trait = held.get(path)
    if trait is not None:
        return legible(trait.value)
    key, _, inner = path.partition(".")
    trait = held.get(key)
    return find(trait.value, inner) if inner and trait is not None and isinstance(trait.value, dict) else None


def _size(key: str, value: Any) -> int:
    """The bytes the trait takes; 0 when it can't be kept: too long, too deep, or nothing JSON can say."""
    if not _is_shallow(value, limits.TRAIT_DEPTH):
        return 0
    try:
        key_bytes, value_bytes = len(_encoder.encode(key)), len(_encoder.encode(value))
    except (TypeError, ValueError, OverflowError):  # a lone surrogate, a type or an integer msgpack doesn't have
        return 0
    if key_bytes > limits.KEY_BYTES or value_bytes > limits.TRAIT_BYTES:
        return 0
    return key_bytes + value_bytes + 10  # the time, and the pair around it


def _is_shallow(value: Any, depth: int) -> bool:
    """A value may be no deeper than this: the decoder's own limit depends on how deep its caller stands."""
    if isinstance(value, dict):
        return depth > 0 and all(_is_shallow(item, depth - 1) for item in value.values())
    if isinstance(value, list):
        return depth > 0 and all(_is_shallow(item, depth - 1) for item in value)
    return True
