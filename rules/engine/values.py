"""How each type reads a value met at run time: one coercion table. What a type can't read is missing; nothing here raises."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Final, Literal

from rules.engine import durations, limits, networks, versions

Type = Literal["number", "text", "boolean", "one_of", "many_of", "datetime", "duration", "objects", "untyped"]
"""`untyped` is for names without a declared type, such as an event's properties: the operator says how they are read."""

Reading = Type | Literal["element", "version", "address", "shown"]
"""How a value is read: as its type, as an operator needs it, or as explanations show it."""


class Missing(Enum):
    """No value, as a type of its own: None, 0, "" and [] stay what they are."""

    MISSING = "missing"

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


LARGEST = 2**63
MISSING: Final = Missing.MISSING
Reader = Callable[[object], object]


def read_number(value: object) -> float | Missing:
    """A boolean is no number, NaN is none by its name, and a whole number beyond every float would raise when compared with one."""
    kind = value.__class__
    if kind is int or kind is float:  # the usual case first: this is asked of every number of every decision
        return value if -LARGEST < value < LARGEST else _edge(value)  # type: ignore[operator, return-value]  # of those classes
    return MISSING


def _edge(value: object) -> float | Missing:
    if isinstance(value, float):
        return MISSING if math.isnan(value) else value
    return value if isinstance(value, int) and value.bit_length() < 1024 else MISSING


def read_text(value: object) -> str | Missing:
    return value if isinstance(value, str) else MISSING


def read_boolean(value: object) -> bool | Missing:
    return value if isinstance(value, bool) else MISSING


def read_many(value: object) -> frozenset[str | float] | Missing:
    """The elements as `element` reads them; one that can't be read is left out, the others count."""
    if not isinstance(value, list | tuple | set | frozenset):
        return MISSING
    try:
        text = "".join(value)
    except TypeError:
        return frozenset(found for found in map(element, value) if found is not MISSING)
    # Half the time for the usual case, texts in lower case.
    return frozenset(value) if text == text.lower() else frozenset(map(str.lower, value))


def element(value: object) -> str | float | Missing:
    """One element of a list, in the form that is compared: text in lower case (business-rules' select), or a number."""
    return value.lower() if isinstance(value, str) else read_number(value)


def read_datetime(value: object) -> float | Missing:
    """RFC 3339 text, as seconds since 1970; one without an offset is not a moment, so it is missing."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return MISSING
    if not isinstance(value, datetime) or value.tzinfo is None:
        return MISSING
    try:
        return value.timestamp()
    except OverflowError:
        return MISSING


def read_duration(value: object) -> float | Missing:
    """Seconds, from a number of them or from text such as 10m."""
    if isinstance(value, str):
        try:
            return durations.seconds(value)
        except ValueError:
            return MISSING
    found = read_number(value)
    return found if found is not MISSING and found >= 0 else MISSING


def read_objects(value: object) -> tuple[dict[str, object], ...] | Missing:
    """The objects among the first ITEMS elements of a list; an element that is none is left out, the others count."""
    if not isinstance(value, list | tuple):
        return MISSING
    return tuple(part for part in value[: limits.ITEMS] if isinstance(part, dict))


def read_version(value: object) -> versions.Version | Missing:
    found = versions.parse(value) if isinstance(value, str) else None
    return MISSING if found is None else found


def read_address(value: object) -> networks.Address | Missing:
    found = networks.address(value) if isinstance(value, str) else None
    return MISSING if found is None else found


def read_untyped(value: object) -> object:
    return MISSING if value is None or (isinstance(value, float) and math.isnan(value)) else value


EXACT: Mapping[Reading, tuple[type, ...]] = {"text": (str,), "one_of": (str,), "boolean": (bool,), "number": (int, float)}
"""Readings that give values of these very classes back as they stand, numbers between -LARGEST and LARGEST."""

TYPE_WORDS: Mapping[Reading, str] = {
    "number": "a number",
    "text": "text",
    "boolean": "true or false",
    "one_of": "one of several texts",
    "many_of": "a list",
    "datetime": "a date and time (RFC 3339, with an offset)",
    "duration": "a duration (seconds, or text such as 10m)",
    "objects": "a list of objects",
    "untyped": "a value",
    "element": "text or a number",
    "version": "a version such as 2.10.3",
    "address": "a network address",
}


def in_words(value: object) -> str:
    """A value as people read it in a problem or an explanation, never long."""
    if value is MISSING or value is None:
        return "missing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{_shortened(value)}"'
    if isinstance(value, int | float):
        return number_in_words(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        # Lists in lists are not opened: a value from outside may be nested deeper than Python can recurse.
        parts = ["a list" if isinstance(part, list | tuple | set | frozenset) else in_words(part) for part in value]
        return _listed(sorted(parts) if isinstance(value, set | frozenset) else parts)
    return "an object" if isinstance(value, dict) else f"a value of type {type(value).__name__}"


def number_in_words(value: float) -> str:
    """80.0 is "80" to people; whole numbers beyond what a float shows exactly stay whole."""
    if isinstance(value, int):
        return str(value) if value.bit_length() < 128 else "a very large number"
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _listed(words: list[str]) -> str:
    if not words:
        return "empty"
    shown = ", ".join(words[:10])
    return shown if len(words) <= 10 else f"{shown} and {len(words) - 10} more"


def _shortened(text: str) -> str:
    text = text if len(text) <= 60 else text[:57] + "..."
    return text.encode("utf-8", "backslashreplace").decode()


def plain(value: object) -> object:
    """A run-time value as it may stand in JSON: what JSON can't say becomes words, long lists are cut."""
    if value is MISSING or value is None:
        return None
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if value.bit_length() < 64 else number_in_words(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, str):
        return _cut(value)
    if isinstance(value, set | frozenset):
        return sorted(map(_plain_part, value), key=str)[:100]
    if isinstance(value, list | tuple):
        return _plain_list(value[:100])
    return in_words(value)


def _plain_list(parts: Sequence[object]) -> list[object]:
    try:
        text = "".join(parts)  # type: ignore[arg-type]  # the usual case is looked at as a whole
    except TypeError:
        return [_plain_part(part) for part in parts]
    return list(parts) if len(text) <= 1_000 and text.isascii() else [_plain_part(part) for part in parts]


def _plain_part(value: object) -> object:
    """Not opened further, for the same reason as in `in_words`."""
    return (
        plain(value) if value is None or isinstance(value, str | int | float) else "a list" if isinstance(value, list) else in_words(value)
    )


def _cut(text: str) -> str:
    text = text if len(text) <= 1_000 else text[:997] + "..."
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


READERS: Mapping[Reading, Reader] = {
    "number": read_number,
    "text": read_text,
    "boolean": read_boolean,
    "one_of": read_text,
    "many_of": read_many,
    "datetime": read_datetime,
    "duration": read_duration,
    "objects": read_objects,
    "untyped": read_untyped,
    "element": element,
    "version": read_version,
    "address": read_address,
    "shown": plain,
}
