"""Plain values: what data may hold, how a value reads as text, and what counts as a number or a list."""

from __future__ import annotations

import json
import math
import re
from datetime import date, datetime, time
from decimal import Decimal

from markupsafe import Markup

from rules.templating import limits
from rules.templating.errors import RenderError

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""What neither UTF-8 nor PostgreSQL takes. Half a surrogate pair in an answer would fail when it is encoded."""

_SCALARS = frozenset({int, bool, type(None), datetime, date, time, Decimal})
_NUMBER = re.compile(r"\s*[+-]?\d{1,30}(?:\.\d{0,30})?\s*")


class Html(Markup):
    """HTML that was escaped where it was made (a captured block), so that printing it between tags need not escape it again.

    Only this class is trusted. Texts an author writes inside `{{ }}` are not: the check of where values stand has not seen them.
    """

    __slots__ = ()


class Nothing:
    """What a name without a value gives: both engines' own types for it derive from this one too."""

    __slots__ = ()


def plain(value: object, depth: int = limits.DATA_DEPTH) -> object:
    """A copy of dicts, lists and scalars only, so that no template can reach a method or change what it was given."""
    return _copy(value, depth, [limits.DATA_VALUES])


def _copy(value: object, depth: int, left: list[int]) -> object:
    left[0] -= 1
    if left[0] < 0 or depth < 0:
        raise RenderError("data_too_large", f"The data hold more than {limits.DATA_VALUES} values, or are nested too deeply")
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if type(value) in _SCALARS:
        return value
    if isinstance(value, str):
        # A subclass could bring methods of its own, above all Markup, which would pass unescaped.
        exact = str.__str__(value)
        return exact if exact.isascii() and "\x00" not in exact else UNSTORABLE.sub("\ufffd", exact)
    if isinstance(value, dict):
        return {str.__str__(key): _copy(item, depth - 1, left) for key, item in value.items() if isinstance(key, str)}
    if isinstance(value, list | tuple):
        return [_copy(item, depth - 1, left) for item in value]
    raise RenderError(
        "not_plain", f"The data hold a {type(value).__name__}; only text, numbers, true, false, dates, lists and objects are taken"
    )


def text(value: object) -> str:
    """How a value reads. Nothing gives an empty text, 12.0 reads 12, lists read as their elements with commas between."""
    if isinstance(value, str):
        return value.unescape() if isinstance(value, Html) else str.__str__(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float | Decimal):
        return _decimal(value)
    if isinstance(value, list | tuple):
        return ", ".join(text(item) for item in value)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, default=text)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if absent(value):
        return ""
    raise RenderError("not_plain", f"A {type(value).__name__} can't be printed")


def _decimal(value: float | Decimal) -> str:
    if not math.isfinite(value):
        return ""
    if value == int(value) and -limits.NUMBER < value < limits.NUMBER:
        return str(int(value))
    return str(value)


def absent(value: object) -> bool:
    return value is None or isinstance(value, Nothing)


def number(value: object) -> int | float:
    """A number, as Liquid reads it: numerals in a text count, nothing and other text are 0."""
    found: int | float
    if isinstance(value, bool):
        return 0
    if isinstance(value, int | float):
        found = value
    elif isinstance(value, Decimal):
        found = float(value)
    elif isinstance(value, str) and _NUMBER.fullmatch(value):
        found = float(value) if "." in value else int(value)
    else:
        return 0
    return bounded(found)


def bounded(value: int | float) -> int | float:
    """The number itself, if it is one a person would print."""
    if not abs(value) <= limits.NUMBER:  # as it is for nan
        raise RenderError("number_too_large", f"Numbers go up to {limits.NUMBER}")
    return value


def whole(value: object, name: str) -> int:
    """A whole number as an argument."""
    found = number(value) if isinstance(value, int | float | Decimal) or (isinstance(value, str) and _NUMBER.fullmatch(value)) else 0.5
    if found != int(found):
        raise RenderError("bad_value", f"{name} must be a whole number")
    return int(found)


def items(value: object) -> list[object]:
    """A list of a value: lists themselves, lists inside lists opened, nothing for nothing, anything else alone in a list."""
    if absent(value):
        return []
    if not isinstance(value, list | tuple):
        return [value]
    if not any(isinstance(item, list | tuple) for item in value):
        return list(value)
    flat: list[object] = []
    for item in value:
        flat.extend(items(item) if isinstance(item, list | tuple) else [item])
        if len(flat) > limits.ITEMS:
            raise RenderError("list_too_long", f"Lists go up to {limits.ITEMS} elements")
    return flat
