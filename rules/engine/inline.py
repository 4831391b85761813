"""The commonest predicates written out as expressions, which saves a call each time one is asked. No author's text is ever part of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from rules.engine.operators.shapes import EPSILON
from rules.engine.values import MISSING

EXPRESSIONS: Mapping[tuple[str, str], str] = {
    ("number", "equal_to"): "-E <= v - {0} <= E",
    ("number", "greater_than"): "v - {0} > E",
    ("number", "greater_than_or_equal_to"): "{0} - v <= E",
    ("number", "less_than"): "{0} - v > E",
    ("number", "less_than_or_equal_to"): "v - {0} <= E",
    ("text", "equal_to"): "v == {0}",
    ("text", "not_equal_to"): "v != {0}",
    ("text", "in"): "v in {0}",
    ("boolean", "is_true"): "v",
    ("boolean", "is_false"): "not v",
    ("many_of", "contains"): "{0} in v",
    ("many_of", "does_not_contain"): "{0} not in v",
    ("many_of", "shares_at_least_one_element_with"): "not not {0} & v",
}
"""By the operator's reading and name: its predicate of `v`. A test holds each against the predicate itself."""

NAMES: Mapping[str, Any] = {"__builtins__": {}, "M": MISSING, "E": EPSILON}
"""What an expression may use, beside the value and the operand."""


def operand(value: object) -> object:
    """An operand as its expression needs it."""
    return frozenset(value) if isinstance(value, tuple) else value


@cache
def asker(key: tuple[str, str], *, missing: bool) -> Callable[[int, object], Callable[[Any], bool]]:
    """Makes, of a source and an operand, the function that asks some readings. KeyError for an operator that is not written out."""
    answered = f"v is M or {EXPRESSIONS[key]}" if missing else f"v is not M and {EXPRESSIONS[key]}"
    text = f"def make(source, c):\n def ask(r):\n  v = r[source]\n  return {answered.format('c')}\n return ask"
    names = dict(NAMES)
    exec(compile(text, "<asker>", "exec"), names)  # noqa: S102  the text is ours to the letter
    made: Callable[[int, object], Callable[[Any], bool]] = names["make"]
    return made
