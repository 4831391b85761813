"""Operators on durations: those of numbers, with durations such as 10m to compare with. Exact, since seconds are whole."""

from __future__ import annotations

from math import inf, nextafter

from rules.engine.operators.base import Predicate, operator
from rules.engine.operators.shapes import Spans
from rules.engine.operators.time_operands import LENGTH, LENGTHS
from rules.engine.values import Type

TYPES: tuple[Type, ...] = ("duration",)


def _past(expected: float) -> float:
    return nextafter(expected, inf)


@operator(
    "equal_to",
    TYPES,
    reads="duration",
    operand=LENGTH,
    missing=False,
    needs="of {}",
    origin="signpost",
    shape=lambda expected: Spans(((expected, _past(expected)),)),
)
def equal_to(expected: float) -> Predicate:
    return lambda value: value == expected


@operator(
    "greater_than",
    TYPES,
    reads="duration",
    operand=LENGTH,
    missing=False,
    needs="of more than {}",
    origin="signpost",
    shape=lambda expected: Spans(((_past(expected), None),)),
)
def greater_than(expected: float) -> Predicate:
    return lambda value: value > expected


@operator(
    "greater_than_or_equal_to",
    TYPES,
    reads="duration",
    operand=LENGTH,
    missing=False,
    needs="of at least {}",
    origin="signpost",
    shape=lambda expected: Spans(((expected, None),)),
)
def greater_than_or_equal_to(expected: float) -> Predicate:
    return lambda value: value >= expected


@operator(
    "less_than",
    TYPES,
    reads="duration",
    operand=LENGTH,
    missing=False,
    needs="of less than {}",
    origin="signpost",
    shape=lambda expected: Spans(((-inf, expected),)),
)
def less_than(expected: float) -> Predicate:
    return lambda value: value < expected


@operator(
    "less_than_or_equal_to",
    TYPES,
    reads="duration",
    operand=LENGTH,
    missing=False,
    needs="of at most {}",
    origin="signpost",
    shape=lambda expected: Spans(((-inf, _past(expected)),)),
)
def less_than_or_equal_to(expected: float) -> Predicate:
    return lambda value: value <= expected


@operator(
    "between",
    TYPES,
    reads="duration",
    operand=LENGTHS,
    missing=False,
    needs="from {} to {}",
    origin="signpost",
    shape=lambda ends: Spans(((ends[0], _past(ends[1])),)),
)
def between(expected: tuple[float, float]) -> Predicate:
    shortest, longest = expected
    return lambda value: shortest <= value <= longest
