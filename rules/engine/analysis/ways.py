"""From conditions to boxes, as long as there is effort left to spend; what can't be taken apart stays out, and the box says so."""

from __future__ import annotations

from collections.abc import Sequence

from rules.engine import limits
from rules.engine.analysis.atoms import Atoms
from rules.engine.analysis.boxes import EVERYONE, UNKNOWN, Box, met, narrow
from rules.engine.analysis.domains import Domain, Values
from rules.engine.linked import Test
from rules.engine.plans.clauses import Literal, split
from rules.engine.steps import Demands
from rules.engine.work import Work

SMALL = 32
"""Domains of a segment that are written out where it is used."""


class Ways:
    """`spent` counts comparisons of domains. Beyond EFFORT nothing more is found, so that no document can hold a process up."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._segments: dict[tuple[str, bool], tuple[Box, ...]] = {}
        self.atoms = Atoms(work)
        self.spent = 0

    @property
    def exhausted(self) -> bool:
        return self.spent > limits.EFFORT

    def boxes(self, way: Demands) -> tuple[Box, ...]:
        """Everyone who fulfils the way is in one of these; without any, nobody does."""
        if self.exhausted:
            return (UNKNOWN,)
        found = []
        for literals, others in split(way, limits.ALTERNATIVES):
            box = self.box(literals, exact=not others)
            if box is not None:
                found.append(box)
        return tuple(found)

    def box(self, literals: Sequence[Literal], *, exact: bool = True) -> Box | None:
        domains: dict[int, Domain] = {}
        for test, wanted in literals:
            if self.exhausted:
                return UNKNOWN
            for key, domain in self.atoms.parts(test, wanted):
                self.spent += 1 + (domains[key].weight if key in domains else 0)
                if not narrow(domains, ((key, domain),)):
                    return None
            if test.segment and not self._written_out(domains, test):
                return None
        kept = {key: domain for key, domain in domains.items() if not domain.covers(self.atoms.whole(key))}
        return Box(kept, exact) if kept or not exact else EVERYONE

    def together(self, some: Sequence[Box], others: Sequence[Box]) -> tuple[Box, ...]:
        """Who is in one of these and in one of those. Where that is too many boxes, those of the first only, marked as not exact."""
        if len(some) * len(others) > limits.ALTERNATIVES or self.exhausted:
            return tuple(Box(box.domains, exact=False) for box in some)
        self.spent += len(others) * sum(box.weight for box in some) + len(some) * sum(box.weight for box in others)
        pairs = (met(one, two) for one in some for two in others)
        return tuple(box for box in pairs if box is not None)

    def _written_out(self, domains: dict[int, Domain], test: Test) -> bool:
        """Narrows by what a segment asks for, where that is one box: the segment itself stays, so nothing is lost where it is not."""
        known = domains[self.atoms.source(test)]
        if not isinstance(known, Values) or len(known.values) != 1:
            return True
        found = self._of_segment(test.variable.name.removeprefix("segments."), next(iter(known.values)))
        if not found:
            return False
        return len(found) > 1 or len(found[0].domains) > SMALL or narrow(domains, found[0].domains.items())

    def _of_segment(self, key: str, wanted: bool) -> tuple[Box, ...]:
        if (key, wanted) not in self._segments:
            linked = self._work.segments[key].linked
            self._segments[key, wanted] = (UNKNOWN,) if linked is None else self.boxes(((linked, wanted),))
        return self._segments[key, wanted]
