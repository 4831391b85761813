"""What an operator is, and how one is entered into the registry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from rules.engine.operators.operands import Operand
from rules.engine.values import Type

Predicate: TypeAlias = Callable[[Any], bool]
"""Asks one run-time value, already read by its type. Any: the type that was read is the operator's `reads`."""

Linker: TypeAlias = Callable[[Any], Predicate]


@dataclass(frozen=True, slots=True)
class Operator:
    """One entry: where it may be used, what it is compared with, and its answer when the value is missing.

    `reads` is how the run-time value is read; None is the name's own type. `needs` finishes the sentence "needs <name> ...".
    """

    name: str
    types: tuple[Type, ...]
    reads: Type | None
    operand: Operand
    missing: bool
    needs: str
    origin: Literal["business-rules", "signpost"]
    link: Linker


ENTERED: list[Operator] = []


def operator(
    name: str,
    types: tuple[Type, ...],
    *,
    reads: Type | None,
    operand: Operand,
    missing: bool,
    needs: str,
    origin: Literal["business-rules", "signpost"] = "business-rules",
) -> Callable[[Linker], Linker]:
    """Enters the function, which makes the predicate from an operand, under its name and types."""

    def enter(link: Linker) -> Linker:
        ENTERED.append(Operator(name, types, reads, operand, missing, needs, origin, link))
        return link

    return enter
