"""What an operator is, and how one is entered into the registry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from rules.engine.operators.operands import Operand
from rules.engine.operators.shapes import Shape
from rules.engine.values import Reading, Type

Predicate: TypeAlias = Callable[..., bool]
"""Asks one run-time value, already read as the operator's `reads`; where the operator is `given` a second name's value, that too."""

Linker: TypeAlias = Callable[[Any], Predicate]
Given: TypeAlias = Literal["time.now", "user.timezone"]


@dataclass(frozen=True, slots=True)
class Operator:
    """One entry: where it may be used, what it is compared with, and its answer when the value is missing.

    `reads` is how the run-time value is read; None is the name's own type. `needs` finishes the sentence "needs <name> ...".
    `shape` says what the predicate is true of, for operators of which that can be said.
    """

    name: str
    types: tuple[Type, ...]
    reads: Reading | None
    operand: Operand
    missing: bool
    needs: str
    origin: Literal["business-rules", "signpost"]
    link: Linker
    shape: Callable[[Any], Shape] | None
    given: Given | None


ENTERED: list[Operator] = []


def operator(
    name: str,
    types: tuple[Type, ...],
    *,
    reads: Reading | None,
    operand: Operand,
    missing: bool,
    needs: str,
    origin: Literal["business-rules", "signpost"] = "business-rules",
    shape: Callable[[Any], Shape] | None = None,
    given: Given | None = None,
) -> Callable[[Linker], Linker]:
    """Enters the function, which makes the predicate from an operand, under its name and types."""

    def enter(link: Linker) -> Linker:
        ENTERED.append(Operator(name, types, reads, operand, missing, needs, origin, link, shape, given))
        return link

    return enter
