"""What many tables look up alike, looked up once: each value of a name gets a number, and a table has only its bits by these numbers."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from rules.engine.linked import Readings
from rules.engine.plans.columns import MOST_SPANS, Lists, Numbers, Room, Values

Load: TypeAlias = Callable[[Readings], tuple[int, ...]]
"""Reads many sources, and gives their marks."""

POINTER = 64
"""Bits that a mark costs in each table, beside those of its clauses."""


class Settled(Protocol):
    """A table while its index is made. `every` has the bits of all its clauses."""

    columns: list[Values | Numbers | Lists]
    every: int

    def settle(self, load: Load, bits: list[int], shared: Container[int], /) -> None: ...


@dataclass(frozen=True, slots=True)
class Mark:
    """One source's numbers: the first is for any other value (of numbers: for none), then one for each value or span."""

    source: int
    spans: bool
    known: tuple[Any, ...]
    """The values, or where spans of numbers begin."""

    @property
    def size(self) -> int:
        return 1 + self.spans + len(self.known)

    def text(self, start: int) -> tuple[str, Any]:
        """The number of `v` as an expression, and what is `p` and the source in it."""
        if self.spans:
            return f"{start} if v is M else {start + 1} + B(p{self.source}, v)", self.known
        return f"p{self.source}(v, {start})", {value: start + place for place, value in enumerate(self.known, 1)}.get

    def bits(self, column: Values | Numbers | Lists | None, every: int) -> list[int]:
        """A table's bits by these numbers: all of them where it has no column of the source."""
        if isinstance(column, Values):
            return [column.default, *(column.bits.get(value, column.default) for value in self.known)]
        if isinstance(column, Numbers):
            return [column.missing, column.bits[0], *(column.bits[bisect_right(column.breaks, at)] for at in self.known)]
        return [every] * self.size


def marks(tables: Sequence[Settled], room: Room) -> dict[int, Mark]:
    """By source: of those alike in all tables, of which they tell few values apart, and for which there is room."""
    columns: dict[int, list[Values | Numbers | Lists]] = {}
    for table in tables:
        for one in table.columns:
            columns.setdefault(one.source, []).append(one)
    found = {}
    for source, made in columns.items():
        known: set[Any] = set()
        for one in made:
            if not isinstance(one, Lists) and one.__class__ is made[0].__class__ and len(known) <= MOST_SPANS:
                known.update(one.bits if isinstance(one, Values) else one.breaks)
            else:
                break
        else:
            spans = isinstance(made[0], Numbers)
            mark = Mark(source, spans, tuple(sorted(known) if spans else known))
            if len(known) <= MOST_SPANS and room.taken(len(tables) * mark.size * POINTER):
                found[source] = mark
    return found
