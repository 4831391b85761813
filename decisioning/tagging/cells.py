"""What one slot of a window holds of its values: their tally, or the first and the last of them. Two cells join in any order."""

from __future__ import annotations

import msgspec

from decisioning.tagging.numbers import Number, plus

Value = Number | str


class Tally(msgspec.Struct, array_like=True, frozen=True, gc=False):
    count: int
    sum: Number
    least: Number
    most: Number


class Ends(msgspec.Struct, array_like=True, frozen=True, gc=False):
    first_at: float
    first: Value
    last_at: float
    last: Value


def tally_of(value: Number) -> Tally:
    return Tally(1, value, value, value)


def tallied(one: Tally, other: Tally) -> Tally:
    return Tally(one.count + other.count, plus(one.sum, other.sum), min(one.least, other.least), max(one.most, other.most))


def ends_of(at: float, value: Value) -> Ends:
    return Ends(at, value, at, value)


def ended(one: Ends, other: Ends) -> Ends:
    """Of two values at the same moment the lesser is first and the greater last, so that the order of arrival does not matter."""
    first = min((one.first_at, *_rank(one.first)), (other.first_at, *_rank(other.first)))
    last = max((one.last_at, *_rank(one.last)), (other.last_at, *_rank(other.last)))
    return Ends(first[0], first[2], last[0], last[2])


def _rank(value: Value) -> tuple[bool, Value]:
    """Numbers come before texts, which they can't be compared with."""
    return isinstance(value, str), value
