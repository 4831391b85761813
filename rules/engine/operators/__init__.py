"""The operators, one entry each. A module is a type's operators; importing it enters them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import get_args

from rules.engine.operators import booleans, dates, items, lengths, number, presence, sets, software, split, text
from rules.engine.operators.base import ENTERED, Operator, Predicate
from rules.engine.operators.operands import Refused
from rules.engine.values import Type

__all__ = ["BY_TYPE", "NAMES", "OPERATORS", "Operator", "Predicate", "Refused", "for_untyped"]

OPERATORS: tuple[Operator, ...] = tuple(
    entry
    for module in (text, software, split, number, booleans, sets, dates, lengths, items, presence)
    for entry in ENTERED
    if entry.link.__module__ == module.__name__
)
"""In the order people are shown them."""

NAMES: frozenset[str] = frozenset(entry.name for entry in OPERATORS)

BY_TYPE: Mapping[Type, Mapping[str, Operator]] = MappingProxyType(
    {kind: MappingProxyType({entry.name: entry for entry in OPERATORS if kind in entry.types}) for kind in get_args(Type)}
)
"""What a type offers. A name may mean different things for different types; within one type it means one."""


def for_untyped(name: str) -> tuple[Operator, ...]:
    """Every operator of that name: for a name without a type, the operand and then the run-time value pick.

    Those of durations are left out: an untyped "10m" is text, and a number is a number.
    """
    return tuple(entry for entry in OPERATORS if entry.name == name and entry.types != ("duration",))
