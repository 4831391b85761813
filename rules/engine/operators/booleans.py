"""Operators on what is true or false."""

from __future__ import annotations

from operator import not_

from rules.engine.operators.base import Predicate, operator
from rules.engine.operators.operands import NOTHING
from rules.engine.operators.shapes import Among
from rules.engine.values import Type

TYPES: tuple[Type, ...] = ("boolean",)


@operator("is_true", TYPES, reads="boolean", operand=NOTHING, missing=False, needs="to be true", shape=lambda _: Among(frozenset({True})))
def is_true(_: None) -> Predicate:
    return bool


@operator(
    "is_false", TYPES, reads="boolean", operand=NOTHING, missing=False, needs="to be false", shape=lambda _: Among(frozenset({False}))
)
def is_false(_: None) -> Predicate:
    return not_
