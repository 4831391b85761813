"""The tree a condition is: groups and comparisons, as authored. Immutable, and printable back as a sentence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class ThresholdRef:
    """An operand that is a named threshold's number."""

    key: str

    def __str__(self) -> str:
        return f"threshold {self.key}"


@dataclass(frozen=True, slots=True)
class NameRef:
    """An operand that is what another name holds."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Compare:
    """A leaf: what `name` holds is compared by `operator` with `value`. `path` is where it stands in the document.

    `missing` is the author's own answer for when there is no value. For lists of objects `value` is the tree asked of each item.
    """

    name: str
    operator: str
    value: object = None
    missing: bool | None = None
    path: str = field(default="$", compare=False)

    def __str__(self) -> str:
        words = f"{self.name} {self.operator.replace('_', ' ')}"
        return words if self.value is None else f"{words} {_operand(self.value)}"


@dataclass(frozen=True, slots=True)
class All:
    children: tuple[Node, ...]

    def __str__(self) -> str:
        return _joined(self.children, " and ")


@dataclass(frozen=True, slots=True)
class Any:
    children: tuple[Node, ...]

    def __str__(self) -> str:
        return _joined(self.children, " or ")


@dataclass(frozen=True, slots=True)
class NoneOf:
    """True when no child is."""

    children: tuple[Node, ...]

    def __str__(self) -> str:
        return f"none of ({', '.join(map(str, self.children))})"


@dataclass(frozen=True, slots=True)
class Not:
    child: Node

    def __str__(self) -> str:
        return f"not ({self.child})"


Node: TypeAlias = All | Any | NoneOf | Not | Compare
KINDS = All | Any | NoneOf | Not | Compare


def leaves(node: Node) -> Iterator[Compare]:
    """Every comparison, from left to right, without recursion."""
    waiting: list[Node] = [node]
    while waiting:
        found = waiting.pop()
        match found:
            case Compare():
                yield found
            case Not(child):
                waiting.append(child)
            case All(children) | Any(children) | NoneOf(children):
                waiting.extend(reversed(children))


def _joined(children: tuple[Node, ...], word: str) -> str:
    return word.join(f"({child})" if isinstance(child, All | Any) and len(children) > 1 else str(child) for child in children)


def _operand(value: object) -> str:
    if isinstance(value, ThresholdRef | NameRef):
        return str(value)
    if isinstance(value, KINDS):
        return f"({value})"
    if isinstance(value, tuple):
        return f"[{', '.join(map(_operand, value))}]"
    return json.dumps(value, ensure_ascii=False)
