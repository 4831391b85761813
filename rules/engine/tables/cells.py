"""One cell: a value to compare with as people write it in a spreadsheet, and back, without a doubt which of two it was."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from rules.engine.errors import DocumentError
from rules.engine.operators import NAMES, OPERATORS
from rules.engine.strict import loads
from rules.engine.tables.columns import NAME
from rules.engine.vocabulary import Variable

VALUELESS = frozenset(name for name in NAMES if all(entry.operand.name == "nothing" for entry in OPERATORS if entry.name == name))
"""Operators that compare with nothing: their cells hold a mark."""

LISTS = frozenset(
    {
        "between",
        "contains_all",
        "hour_between",
        "in",
        "in_case_insensitive",
        "in_network",
        "in_split",
        "is_contained_by",
        "modulo",
        "not_in",
        "shares_at_least_one_element_with",
        "shares_exactly_one_element_with",
        "shares_no_elements_with",
        "weekday_in",
    }
)
"""Operators that compare with a list: their cells hold its parts."""

LONE = frozenset({"in_network"})
"""Those that compare with one value as well: alone in a cell it is no list."""

TEXTUAL = frozenset(
    {
        "after",
        "before",
        "contains_case_insensitive",
        "date_equal_to",
        "ends_with",
        "ends_with_case_insensitive",
        "equal_to_case_insensitive",
        "in_case_insensitive",
        "in_network",
        "longer_ago_than",
        "matches_regex",
        "starts_with",
        "starts_with_case_insensitive",
        "version_equal_to",
        "version_greater_than",
        "version_greater_than_or_equal_to",
        "version_less_than",
        "version_less_than_or_equal_to",
        "weekday_in",
        "within_last",
        "within_next",
    }
)
"""Operators that compare with text only: 10 is the text "10" in their cells."""

MIXED = frozenset({"hour_between", "in_split"})
"""Operators of texts and dates that compare with numbers all the same."""

YES, NO = frozenset({"yes", "x", "true", "1"}), frozenset({"no", "false", "0"})
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_QUOTED = re.compile(r'\s*"(?:[^"\\]|\\.)*+"\s*(?=\||\Z)', re.DOTALL)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")


class Unreadable(ValueError):
    """A cell that says nothing that can be meant, and what to write instead."""

    def __init__(self, message: str, fix: str) -> None:
        self.message, self.fix = message, fix
        super().__init__(message)


def shielded(text: str) -> str:
    """An apostrophe before what a spreadsheet would run as a formula. Numbers are none."""
    return f"'{text}" if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text


def unshielded(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text


def read_number(text: str) -> object:
    """A number as JSON writes them, or the text itself. Python refuses thousands of digits; as a float they are told as too large."""
    if not _NUMBER.fullmatch(text):
        return text
    return int(text) if len(text) < 20 and text.lstrip("-").isdigit() else float(text)


def read_value(text: str, operator: str, variable: Variable | None) -> object:
    """What is compared with. Raises Unreadable. `variable` is what the vocabulary knows of the name."""
    textual = operator in TEXTUAL or (operator not in MIXED and _is_text(variable))
    if text.startswith(("[", "{")) and _may_be_json(operator):
        return _json(text)
    if operator not in LISTS:
        return _scalar(text, textual=textual)
    parts = [_scalar(part, textual=textual) for part in _parts(text)]
    # `@traits.interests` alone is that list; a list of one such name is written as JSON.
    return parts[0] if len(parts) == 1 and _alone(parts[0], operator) else parts


def write_value(value: object, operator: str) -> str | None:
    """The cell that reads back as this value, whatever the vocabulary; None where there is none."""
    if isinstance(value, list | tuple) and operator in LISTS:
        parts = [_written(part, operator) for part in value]
        alone = len(value) == 1 and _alone(value[0], operator)
        return _dumped(list(value)) if alone or not parts or None in parts else " | ".join(part for part in parts if part is not None)
    if operator in LISTS and not _alone(value, operator):
        return None
    if isinstance(value, dict | list | tuple):
        return _written(value, operator) or (_dumped(value) if _may_be_json(operator) else None)
    return _written(value, operator)


def _alone(value: object, operator: str) -> bool:
    return _other_name(value) or (operator in LONE and isinstance(value, str))


def _may_be_json(operator: str) -> bool:
    """Not where only one text can stand: [0-9]+ is then a pattern."""
    return operator not in TEXTUAL or operator in LISTS


def _is_text(variable: Variable | None) -> bool:
    if variable is None:
        return False
    return variable.type in {"text", "one_of", "datetime"} or (variable.type == "many_of" and variable.values is not None)


def _parts(text: str) -> Iterator[str]:
    at = 0
    while True:
        quoted = _QUOTED.match(text, at)
        end = quoted.end() if quoted else text.find("|", at)
        yield text[at:end].strip() if end >= 0 else text[at:].strip()
        if end < 0 or end == len(text):
            return
        at = end + 1


def _scalar(text: str, *, textual: bool) -> object:
    if not text:
        raise Unreadable("there is nothing between two bars", 'Write a value between them; the empty text is "".')
    if text.startswith('"'):
        found = _json(text)
        if not isinstance(found, str):
            raise Unreadable(f"{text[:40]} is no text in quotes", "End the text with a quote.")
        return found
    if text.startswith("@"):
        return _reference(text[1:])
    return text if textual else read_number(text)


def _reference(key: str) -> dict[str, str]:
    if NAME.fullmatch(key) and "." in key:
        return {"name": key}
    if re.fullmatch(r"[a-z0-9][a-z0-9_-]*", key):
        return {"threshold": key}
    raise Unreadable(
        f"@{key[:40]} is neither a threshold nor a name", 'Write @big-cart or @traits.limit; text that begins with @ so: "@home".'
    )


def _json(text: str) -> object:
    try:
        return loads(text.encode(errors="replace"))
    except DocumentError as error:
        fix = 'Correct it, or put text that begins so in quotes: "[a]".'
        raise Unreadable(f"what begins with {text[0]} is read as JSON, and {error.problems[0].message}", fix) from error


def _other_name(value: object) -> bool:
    return isinstance(value, dict) and set(value) == {"name"}


def _written(value: Any, operator: str) -> str | None:
    """A scalar. None for what has no other form than JSON, or none at all."""
    if isinstance(value, dict):
        key = value.get("threshold", value.get("name")) if len(value) == 1 else None
        try:
            return f"@{key}" if isinstance(key, str) and _reference(key) == value else None
        except Unreadable:
            return None
    if isinstance(value, bool) or value is None or isinstance(value, list | tuple):
        return None
    if not isinstance(value, str):
        return None if operator in TEXTUAL else json.dumps(value)
    marks = ('"', "@", "[", "{") if _may_be_json(operator) else ('"', "@")
    plain = value and value == value.strip() and not value.startswith(marks) and not ("|" in value and operator in LISTS)
    looks = operator not in TEXTUAL and _NUMBER.fullmatch(value)
    return value if plain and not looks else _dumped(value)


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
