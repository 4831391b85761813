"""Operators on whether there is a value at all, for every type. A value of the wrong type is none."""

from __future__ import annotations

from rules.engine.operators.base import Predicate, operator
from rules.engine.operators.operands import NOTHING
from rules.engine.operators.shapes import Constant
from rules.engine.values import Type

TYPES: tuple[Type, ...] = ("number", "text", "boolean", "one_of", "many_of", "datetime", "duration", "objects", "untyped")


@operator(
    "is_set",
    TYPES,
    reads=None,
    operand=NOTHING,
    missing=False,
    needs="to be known",
    origin="signpost",
    shape=lambda _: Constant(answer=True),
)
def is_set(_: None) -> Predicate:
    return lambda value: True


@operator(
    "is_missing",
    TYPES,
    reads=None,
    operand=NOTHING,
    missing=True,
    needs="to be unknown",
    origin="signpost",
    shape=lambda _: Constant(answer=False),
)
def is_missing(_: None) -> Predicate:
    return lambda value: False
