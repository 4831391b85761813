"""What stands above a column: a field of the rule, or a comparison such as `traits.cart_value >=`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from rules.engine.workspace import Cap

CAPS = tuple(f"cap.{period}" for period in Cap.__struct_fields__)
FIRST = ("key", "name")
LAST = ("then", *CAPS, "group", "priority", "enabled", "description")
FIELDS = frozenset({*FIRST, *LAST})
REQUIRED = ("key", "then")
NUMBERS = frozenset({*CAPS, "priority"})

SYMBOLS: Mapping[str, str] = {
    "=": "equal_to",
    "!=": "not_equal_to",
    ">": "greater_than",
    ">=": "greater_than_or_equal_to",
    "<": "less_than",
    "<=": "less_than_or_equal_to",
}
SYMBOL_OF = {operator: symbol for symbol, operator in SYMBOLS.items()}
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_HEAD = re.compile(rf"({NAME.pattern})\s+([a-z_]+|[!<>]?=|[<>])(?:\s+missing=(true|false))?")


@dataclass(frozen=True, slots=True)
class Comparison:
    """A column whose cells are what a name is compared with. `missing` is the author's answer for when there is no value."""

    name: str
    operator: str
    missing: bool | None = None

    @property
    def head(self) -> str:
        own = "" if self.missing is None else f" missing={str(self.missing).lower()}"
        return f"{self.name} {SYMBOL_OF.get(self.operator, self.operator)}{own}"


Column = str | Comparison
"""A field by its head, or a comparison."""


def read_head(text: str) -> Column | None:
    if text.lower() in FIELDS:
        return text.lower()
    found = _HEAD.fullmatch(text)
    if found is None:
        return None
    name, operator, missing = found.groups()
    return Comparison(name, SYMBOLS.get(operator, operator), None if missing is None else missing == "true")


def letters(index: int) -> str:
    """A column as spreadsheets call it: A, B, ... Z, AA."""
    found = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        found = chr(ord("A") + rest) + found
    return found
