"""Operators on text, and on names that hold one of several texts."""

from __future__ import annotations

from typing import Any

from rules.engine.operators.base import Predicate, operator
from rules.engine.operators.operands import NOTHING, PART, PATTERN, TEXT, TEXTS
from rules.engine.operators.shapes import Among
from rules.engine.values import Type

TYPES: tuple[Type, ...] = ("text", "one_of")


@operator(
    "equal_to", TYPES, reads="text", operand=TEXT, missing=False, needs="to be {}", shape=lambda expected: Among(frozenset({expected}))
)
def equal_to(expected: str) -> Predicate:
    return expected.__eq__


@operator(
    "not_equal_to",
    TYPES,
    reads="text",
    operand=TEXT,
    missing=True,
    needs="to be other than {}",
    origin="signpost",
    shape=lambda expected: Among(frozenset({expected}), inside=False),
)
def not_equal_to(expected: str) -> Predicate:
    return expected.__ne__


@operator("equal_to_case_insensitive", TYPES, reads="text", operand=TEXT, missing=False, needs="to be {} in any case")
def equal_to_case_insensitive(expected: str) -> Predicate:
    lowered = expected.lower()
    return lambda value: value.lower() == lowered


@operator("starts_with", TYPES, reads="text", operand=PART, missing=False, needs="to start with {}")
def starts_with(expected: str) -> Predicate:
    return lambda value: value.startswith(expected)


@operator(
    "starts_with_case_insensitive",
    TYPES,
    reads="text",
    operand=PART,
    missing=False,
    needs="to start with {} in any case",
    origin="signpost",
)
def starts_with_case_insensitive(expected: str) -> Predicate:
    lowered = expected.lower()
    return lambda value: value.lower().startswith(lowered)


@operator("ends_with", TYPES, reads="text", operand=PART, missing=False, needs="to end with {}")
def ends_with(expected: str) -> Predicate:
    return lambda value: value.endswith(expected)


@operator(
    "ends_with_case_insensitive", TYPES, reads="text", operand=PART, missing=False, needs="to end with {} in any case", origin="signpost"
)
def ends_with_case_insensitive(expected: str) -> Predicate:
    lowered = expected.lower()
    return lambda value: value.lower().endswith(lowered)


@operator("contains", TYPES, reads="text", operand=PART, missing=False, needs="to contain {}")
def contains(expected: str) -> Predicate:
    return lambda value: expected in value


@operator("does_not_contain", TYPES, reads="text", operand=PART, missing=True, needs="not to contain {}", origin="signpost")
def does_not_contain(expected: str) -> Predicate:
    # business-rules has it for lists only. Without it here, the text of an untyped name would be missing to the list's
    # operator, and so contain nothing at all.
    return lambda value: expected not in value


@operator(
    "contains_case_insensitive", TYPES, reads="text", operand=PART, missing=False, needs="to contain {} in any case", origin="signpost"
)
def contains_case_insensitive(expected: str) -> Predicate:
    lowered = expected.lower()
    return lambda value: lowered in value.lower()


@operator("matches_regex", TYPES, reads="text", operand=PATTERN, missing=False, needs="to match the expression {}")
def matches_regex(expected: Any) -> Predicate:
    search = expected.search

    def matches(value: str) -> bool:
        try:
            return search(value) is not None
        except UnicodeEncodeError:
            # A lone surrogate can't be handed to RE2, and is no character that an expression could mean.
            return False

    return matches


@operator(
    "non_empty",
    TYPES,
    reads="text",
    operand=NOTHING,
    missing=False,
    needs="to hold some text",
    shape=lambda _: Among(frozenset({""}), inside=False),
)
def non_empty(_: None) -> Predicate:
    return bool


@operator(
    "in",
    TYPES,
    reads="text",
    operand=TEXTS,
    missing=False,
    needs="to be one of {}",
    origin="signpost",
    shape=lambda expected: Among(frozenset(expected)),
)
def is_in(expected: tuple[str, ...]) -> Predicate:
    return frozenset(expected).__contains__


@operator("in_case_insensitive", TYPES, reads="text", operand=TEXTS, missing=False, needs="to be one of {} in any case", origin="signpost")
def is_in_case_insensitive(expected: tuple[str, ...]) -> Predicate:
    lowered = frozenset(map(str.lower, expected))
    return lambda value: value.lower() in lowered


@operator(
    "not_in",
    TYPES,
    reads="text",
    operand=TEXTS,
    missing=True,
    needs="to be none of {}",
    origin="signpost",
    shape=lambda expected: Among(frozenset(expected), inside=False),
)
def is_not_in(expected: tuple[str, ...]) -> Predicate:
    refused = frozenset(expected)
    return lambda value: value not in refused
