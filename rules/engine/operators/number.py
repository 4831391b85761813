"""Operators on numbers. Two numbers that differ by at most EPSILON are equal, as in business-rules."""

from __future__ import annotations

from bisect import bisect_left

from rules.engine.operators.base import Predicate, operator
from rules.engine.operators.operands import NUMBER, NUMBERS, RANGE
from rules.engine.values import Type

EPSILON = 0.000001
TYPES: tuple[Type, ...] = ("number",)


@operator("equal_to", TYPES, reads="number", operand=NUMBER, missing=False, needs="of {}")
def equal_to(expected: float) -> Predicate:
    return lambda value: abs(value - expected) <= EPSILON


@operator("greater_than", TYPES, reads="number", operand=NUMBER, missing=False, needs="of more than {}")
def greater_than(expected: float) -> Predicate:
    return lambda value: value - expected > EPSILON


@operator("greater_than_or_equal_to", TYPES, reads="number", operand=NUMBER, missing=False, needs="of at least {}")
def greater_than_or_equal_to(expected: float) -> Predicate:
    return lambda value: expected - value <= EPSILON


@operator("less_than", TYPES, reads="number", operand=NUMBER, missing=False, needs="of less than {}")
def less_than(expected: float) -> Predicate:
    return lambda value: expected - value > EPSILON


@operator("less_than_or_equal_to", TYPES, reads="number", operand=NUMBER, missing=False, needs="of at most {}")
def less_than_or_equal_to(expected: float) -> Predicate:
    return lambda value: value - expected <= EPSILON


@operator("between", TYPES, reads="number", operand=RANGE, missing=False, needs="from {} to {}", origin="signpost")
def between(expected: tuple[float, float]) -> Predicate:
    low, high = expected
    return lambda value: low - value <= EPSILON and value - high <= EPSILON


@operator("in", TYPES, reads="number", operand=NUMBERS, missing=False, needs="of one of {}", origin="signpost")
def is_in(expected: tuple[float, ...]) -> Predicate:
    ordered = sorted(expected)

    def near(value: float) -> bool:
        # Only the two neighbours can be within EPSILON when the nearest is.
        at = bisect_left(ordered, value)
        return any(abs(value - other) <= EPSILON for other in ordered[max(0, at - 1) : at + 1])

    return near


@operator("not_in", TYPES, reads="number", operand=NUMBERS, missing=True, needs="of none of {}", origin="signpost")
def is_not_in(expected: tuple[float, ...]) -> Predicate:
    near = is_in(expected)
    return lambda value: not near(value)
