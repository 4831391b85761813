"""Operators on numbers. Two numbers that differ by at most EPSILON are equal, as in business-rules."""

from __future__ import annotations

from bisect import bisect_left
from math import inf

from rules.engine.operators.base import Predicate, operator
from rules.engine.operators.operands import DIVISION, NUMBER, NUMBERS, RANGE
from rules.engine.operators.shapes import EPSILON, Spans, above, at_least
from rules.engine.values import Type

TYPES: tuple[Type, ...] = ("number",)


def _around(expected: float, *, inside: bool = True) -> Spans:
    return Spans(((at_least(expected), above(expected)),), inside)


def _around_each(expected: tuple[float, ...], *, inside: bool = True) -> Spans:
    return Spans(tuple((at_least(one), above(one)) for one in expected), inside)


@operator("equal_to", TYPES, reads="number", operand=NUMBER, missing=False, needs="of {}", shape=_around)
def equal_to(expected: float) -> Predicate:
    return lambda value: abs(value - expected) <= EPSILON


@operator(
    "not_equal_to",
    TYPES,
    reads="number",
    operand=NUMBER,
    missing=True,
    needs="of other than {}",
    origin="signpost",
    shape=lambda expected: _around(expected, inside=False),
)
def not_equal_to(expected: float) -> Predicate:
    return lambda value: abs(value - expected) > EPSILON


@operator(
    "greater_than",
    TYPES,
    reads="number",
    operand=NUMBER,
    missing=False,
    needs="of more than {}",
    shape=lambda expected: Spans(((above(expected), None),)),
)
def greater_than(expected: float) -> Predicate:
    return lambda value: value - expected > EPSILON


@operator(
    "greater_than_or_equal_to",
    TYPES,
    reads="number",
    operand=NUMBER,
    missing=False,
    needs="of at least {}",
    shape=lambda expected: Spans(((at_least(expected), None),)),
)
def greater_than_or_equal_to(expected: float) -> Predicate:
    return lambda value: expected - value <= EPSILON


@operator(
    "less_than",
    TYPES,
    reads="number",
    operand=NUMBER,
    missing=False,
    needs="of less than {}",
    shape=lambda expected: Spans(((-inf, at_least(expected)),)),
)
def less_than(expected: float) -> Predicate:
    return lambda value: expected - value > EPSILON


@operator(
    "less_than_or_equal_to",
    TYPES,
    reads="number",
    operand=NUMBER,
    missing=False,
    needs="of at most {}",
    shape=lambda expected: Spans(((-inf, above(expected)),)),
)
def less_than_or_equal_to(expected: float) -> Predicate:
    return lambda value: value - expected <= EPSILON


@operator(
    "between",
    TYPES,
    reads="number",
    operand=RANGE,
    missing=False,
    needs="from {} to {}",
    origin="signpost",
    shape=lambda ends: Spans(((at_least(ends[0]), above(ends[1])),)),
)
def between(expected: tuple[float, float]) -> Predicate:
    low, high = expected
    return lambda value: low - value <= EPSILON and value - high <= EPSILON


@operator("in", TYPES, reads="number", operand=NUMBERS, missing=False, needs="of one of {}", origin="signpost", shape=_around_each)
def is_in(expected: tuple[float, ...]) -> Predicate:
    ordered = sorted(expected)

    def near(value: float) -> bool:
        # Only the two neighbours can be within EPSILON when the nearest is.
        at = bisect_left(ordered, value)
        return any(abs(value - other) <= EPSILON for other in ordered[max(0, at - 1) : at + 1])

    return near


@operator(
    "not_in",
    TYPES,
    reads="number",
    operand=NUMBERS,
    missing=True,
    needs="of none of {}",
    origin="signpost",
    shape=lambda expected: _around_each(expected, inside=False),
)
def is_not_in(expected: tuple[float, ...]) -> Predicate:
    near = is_in(expected)
    return lambda value: not near(value)


@operator("modulo", TYPES, reads="number", operand=DIVISION, missing=False, needs="that, divided by {}, leaves {}", origin="signpost")
def modulo(expected: tuple[int, int]) -> Predicate:
    divisor, remainder = expected
    # Infinity has no remainder; a fraction leaves one that equals no whole number.
    return lambda value: abs(value) != inf and value % divisor == remainder
