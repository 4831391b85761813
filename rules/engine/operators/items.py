"""Operators on lists of objects: conditions asked of each item, under the names `item.<path>`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from rules.engine.operators.base import Predicate, operator
from rules.engine.operators.operands import ITEMS
from rules.engine.values import Type

TYPES: tuple[Type, ...] = ("objects",)
Holds: TypeAlias = Callable[..., bool]
"""Whether the conditions hold of one item; the moment and the user's time zone come along where they ask for them."""


@operator("any_item", TYPES, reads="objects", operand=ITEMS, missing=False, needs="to have an item with {}", origin="signpost")
def any_item(holds: Holds) -> Predicate:
    return lambda items, *given: any(holds(item, *given) for item in items)


@operator("every_item", TYPES, reads="objects", operand=ITEMS, missing=False, needs="to have only items with {}", origin="signpost")
def every_item(holds: Holds) -> Predicate:
    # An empty list has no item of which it could be said: a condition that holds for nothing would surprise its author.
    return lambda items, *given: bool(items) and all(holds(item, *given) for item in items)


@operator("no_item", TYPES, reads="objects", operand=ITEMS, missing=True, needs="to have no item with {}", origin="signpost")
def no_item(holds: Holds) -> Predicate:
    return lambda items, *given: not any(holds(item, *given) for item in items)
