"""Which clause goes where: into the drawer of the rarest value it asks for, or to the rest."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from rules.engine.operators.shapes import Among
from rules.engine.plans.clauses import Clause, Literal
from rules.engine.plans.columns import shape_of

MANY = 16
"""A value that more clauses than this ask for, and more than one in so many, is not worth a drawer."""

ALTERNATIVES = 4
"""Values at most that a clause may name to be filed under each of them."""


@dataclass(frozen=True, slots=True)
class Files:
    """Drawers by source and value; and the clauses that ask for no exact value, or only for such as many ask for."""

    drawers: Mapping[int, Mapping[Any, list[Clause]]]
    rest: list[Clause]

    repeats: bool
    """Whether an ending has several clauses, so that it can be found twice."""

    @property
    def share(self) -> float:
        """How many of the clauses a decision looks at, about: few where rules ask for exact values of which there are many."""
        filed = {id(clause) for drawer in self.drawers.values() for clauses in drawer.values() for clause in clauses}
        opened = sum(sum(map(len, drawer.values())) / len(drawer) for drawer in self.drawers.values())
        return (len(self.rest) + opened) / max(1, len(self.rest) + len(filed))


def files(found: list[Clause]) -> Files:
    """Each clause into the drawer of the rarest value it asks for, unless even that is asked for by many."""
    wanted = [list(_exact(clause)) for clause in found]
    asked = Counter((source, value) for choices in wanted for source, values, _ in choices for value in values)
    drawers: defaultdict[int, defaultdict[Any, list[Clause]]] = defaultdict(lambda: defaultdict(list))
    rest = []
    many = max(MANY, len(found) // MANY)
    for clause, choices in zip(found, wanted, strict=True):
        best = min(choices, key=lambda choice: sum(asked[choice[0], value] for value in choice[1]), default=None)
        if best is None or any(asked[best[0], value] > many for value in best[1]):
            rest.append(clause)
            continue
        # Whoever looks into the drawer has the value: it need not be asked again.
        left = replace(clause, literals=tuple(literal for literal in clause.literals if literal is not best[2]))
        for value in best[1]:
            drawers[best[0]][value].append(left)
    return Files({source: dict(drawer) for source, drawer in drawers.items()}, rest, len({clause.ending for clause in found}) < len(found))


def _exact(clause: Clause) -> Iterator[tuple[int, frozenset[Any], Literal]]:
    """The sources of which a clause asks for one of few values, which a missing value is not; and by which of its tests."""
    for literal in clause.literals:
        test, wanted = literal
        shape = shape_of(test, wanted)
        if isinstance(shape, Among) and shape.inside is wanted and test.missing is not wanted and len(shape.values) <= ALTERNATIVES:
            yield test.ways[0].source, shape.values, literal
