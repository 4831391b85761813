"""Numbers read off events: what counts as one, and sums that always fit the encoding."""

from __future__ import annotations

from typing import Any

from decisioning.tagging.limits import LARGEST

Number = int | float
EXACT_INTEGERS = 2**53


def measured(value: Any) -> Number | None:
    """The value if it is a usable number. Texts, booleans, NaN, infinities and huge numbers are missing, as in conditions."""
    if isinstance(value, int | float) and value is not True and value is not False and -LARGEST <= value <= LARGEST:
        return value
    return None


def plus(left: Number, right: Number) -> Number:
    """The sum; past 2^53 a float, because msgpack has no integers past 2^64."""
    total = left + right
    return total if -EXACT_INTEGERS < total < EXACT_INTEGERS else float(total)


def tidy(value: Number) -> Number:
    """The number as people expect to read it: 3, not 3.0; 0.3, not 0.30000000000000004."""
    if type(value) is int:
        return value
    rounded = round(value, 9)
    return int(rounded) if -EXACT_INTEGERS < rounded < EXACT_INTEGERS and rounded == int(rounded) else rounded
