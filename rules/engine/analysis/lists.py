"""What a list may hold: elements it must have one of, elements it must not have, and elements of which it must lack one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from rules.engine.analysis.domains import Domain
from rules.engine.operators.shapes import Constant, Holds, Shape

Elements: TypeAlias = frozenset[Any]


@dataclass(frozen=True, slots=True)
class Lists(Domain):
    """`needed`: of each set at least one; `lacking`: of each set not all. `possible` is false where no list at all will do."""

    needed: frozenset[Elements]
    refused: Elements
    lacking: frozenset[Elements]
    possible: bool
    missing: bool

    @property
    def empty(self) -> bool:
        return not self.possible and not self.missing

    @property
    def weight(self) -> int:
        return 1 + len(self.needed) + len(self.refused) + len(self.lacking)

    def meet(self, other: Lists) -> Lists:
        missing = self.missing and other.missing
        if not self.possible or not other.possible:
            return nothing(missing)
        return lists(self.needed | other.needed, self.refused | other.refused, self.lacking | other.lacking, missing)

    def covers(self, other: Lists) -> bool:
        if other.missing and not self.missing:
            return False
        if not other.possible:
            return True
        return (
            self.possible
            and self.refused <= other.refused
            # Where the other must have one of fewer, it has one of these; where it lacks one of fewer, it lacks one of these.
            and all(any(fewer <= wanted | other.refused for fewer in other.needed) for wanted in self.needed)
            and all(not lacked.isdisjoint(other.refused) or any(one <= lacked for one in other.lacking) for lacked in self.lacking)
        )

    def shapes(self) -> list[Shape]:
        if not self.possible:
            return [Constant(answer=False)]
        return [*(Holds(one, "any") for one in self.needed), Holds(self.refused, "none")]


def nothing(missing: bool) -> Lists:
    return Lists(frozenset(), frozenset(), frozenset(), False, missing)


def lists(needed: Iterable[Elements], refused: Elements, lacking: Iterable[Elements], missing: bool) -> Lists:
    """Follows what one requirement makes of the others, until nothing changes or nothing is left."""
    wanted, lacked = set(needed), set(lacking)
    while True:
        wanted = {one - refused for one in wanted}
        held = frozenset().union(*(one for one in wanted if len(one) == 1))
        left = {one - held for one in lacked if one.isdisjoint(refused)}
        if frozenset() in wanted or frozenset() in left:
            return nothing(missing)
        more = frozenset().union(*(one for one in left if len(one) == 1))
        if not more:
            return Lists(frozenset(wanted), refused, frozenset(left), True, missing)
        refused, lacked = refused | more, left


def of(shape: Holds, wanted: bool, missing: bool) -> Lists:
    """The lists of which a test comes out as wanted."""
    each = frozenset(frozenset({element}) for element in shape.elements)
    if (shape.need == "none") is wanted and shape.need != "all":
        return lists((), shape.elements, (), missing)
    if shape.need != "all":
        return lists({shape.elements}, frozenset(), (), missing)
    return lists(each, frozenset(), (), missing) if wanted else lists((), frozenset(), {shape.elements}, missing)
