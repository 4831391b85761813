"""Operators on lists: business-rules' select and select_multiple. Text is compared in any case, as there."""

from __future__ import annotations

from typing import TypeAlias

from rules.engine.operators.base import Predicate, operator
from rules.engine.operators.operands import ELEMENT, ELEMENTS, ELEMENTS_OR_NONE
from rules.engine.operators.shapes import Holds
from rules.engine.values import Type

TYPES: tuple[Type, ...] = ("many_of",)
Elements: TypeAlias = tuple[str | float, ...]


@operator(
    "contains",
    TYPES,
    reads="many_of",
    operand=ELEMENT,
    missing=False,
    needs="to have {}",
    shape=lambda expected: Holds(frozenset({expected}), "all"),
)
def contains(expected: str | float) -> Predicate:
    return lambda value: expected in value


@operator(
    "does_not_contain",
    TYPES,
    reads="many_of",
    operand=ELEMENT,
    missing=True,
    needs="not to have {}",
    shape=lambda expected: Holds(frozenset({expected}), "none"),
)
def does_not_contain(expected: str | float) -> Predicate:
    return lambda value: expected not in value


@operator(
    "contains_all",
    TYPES,
    reads="many_of",
    operand=ELEMENTS,
    missing=False,
    needs="to have all of {}",
    shape=lambda expected: Holds(frozenset(expected), "all"),
)
def contains_all(expected: Elements) -> Predicate:
    return frozenset(expected).issubset


@operator("is_contained_by", TYPES, reads="many_of", operand=ELEMENTS_OR_NONE, missing=False, needs="to have nothing but {}")
def is_contained_by(expected: Elements) -> Predicate:
    return frozenset(expected).issuperset


@operator(
    "shares_at_least_one_element_with",
    TYPES,
    reads="many_of",
    operand=ELEMENTS,
    missing=False,
    needs="to have any of {}",
    shape=lambda expected: Holds(frozenset(expected), "any"),
)
def shares_at_least_one_element_with(expected: Elements) -> Predicate:
    disjoint = frozenset(expected).isdisjoint
    return lambda value: not disjoint(value)


@operator("shares_exactly_one_element_with", TYPES, reads="many_of", operand=ELEMENTS, missing=False, needs="to have exactly one of {}")
def shares_exactly_one_element_with(expected: Elements) -> Predicate:
    # A value named twice counts twice, as in business-rules; that is why this is no set.
    return lambda value: sum(part in value for part in expected) == 1


@operator(
    "shares_no_elements_with",
    TYPES,
    reads="many_of",
    operand=ELEMENTS,
    missing=True,
    needs="to have none of {}",
    shape=lambda expected: Holds(frozenset(expected), "none"),
)
def shares_no_elements_with(expected: Elements) -> Predicate:
    return frozenset(expected).isdisjoint
