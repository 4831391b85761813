"""Which of many boxes may cover a given one, or meet it: looked up by values that are in it, then compared one by one."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from math import inf, nextafter
from typing import Any, TypeAlias

from rules.engine.analysis.boxes import Box
from rules.engine.analysis.domains import Domain
from rules.engine.analysis.domains import Numbers as NumberDomain
from rules.engine.analysis.domains import Values as ValueDomain
from rules.engine.analysis.lists import Lists as ListDomain
from rules.engine.operators.shapes import Constant
from rules.engine.plans.columns import Filed, Lists, Numbers, Room, Values, column
from rules.engine.values import MISSING

CHUNK = 4_096
"""Boxes of one index: each value that one names costs a bit for every other."""

REMEMBERED = 4_096
"""Answers kept, since many boxes ask the same of a source."""

FILED = 16
"""Values, spans or elements that a box is filed by; one with more is found whatever they are, and compared."""

ASKED = 4
"""Values, or ends of spans, by which the boxes that cover a given one are looked up."""

OTHER = object()
"""A value that nobody names."""

Bits: TypeAlias = int


class Index:
    """Answers are bits of a number, one for each box; there may be some too many, never one too few."""

    def __init__(self, boxes: Sequence[Box]) -> None:
        self._all = (1 << len(boxes)) - 1
        rows: defaultdict[int, Filed] = defaultdict(list)
        asks: defaultdict[int, Bits] = defaultdict(int)
        for number, box in enumerate(boxes):
            for key, domain in box.domains.items():
                asks[key] |= 1 << number
                shapes = domain.shapes() if domain.weight <= FILED else [Constant(answer=True)]
                rows[key].append((number, [(shape, True, domain.missing) for shape in shapes]))
        room = Room()
        self._columns = {key: made for key, filed in rows.items() if (made := column(key, len(boxes), filed, room)) is not None}
        self.cost = 1 + len(boxes) // 1024 + len(asks) // 8
        """What looking one box up costs, about, in comparisons of domains."""
        self._asks = asks
        self._free: dict[frozenset[int], Bits] = {}
        self._known: dict[tuple[int, Domain, bool], Bits] = {}

    def covering(self, box: Box) -> Bits:
        """Those that may cover it ask for nothing that it does not, and take every value that it takes."""
        keys = frozenset(box.domains)
        free = self._free.get(keys)
        if free is None:
            if len(self._free) == REMEMBERED:
                self._free.clear()
            free = self._all
            for key, asking in self._asks.items():
                if key not in keys:
                    free &= ~asking
            self._free[keys] = free
        return self._looked_up(box, free, all_of=True)

    def meeting(self, box: Box) -> Bits:
        """Those that may meet it take at least one value that it takes."""
        return self._looked_up(box, self._all, all_of=False)

    def _looked_up(self, box: Box, bits: Bits, *, all_of: bool) -> Bits:
        for key, domain in box.domains.items():
            if not bits:
                break
            if key in self._columns:
                found = self._known.get((key, domain, all_of))
                if found is None:
                    if len(self._known) == REMEMBERED:
                        self._known.clear()
                    look_up = self._taking_all if all_of else self._taking_some
                    found = self._known[key, domain, all_of] = look_up(self._columns[key], domain)
                bits &= found
        return bits

    def _taking_all(self, found: Values | Numbers | Lists, domain: Domain) -> Bits:
        bits = self._all
        for value in _within(domain):
            bits &= _taking(found, value)
        return bits

    def _taking_some(self, found: Values | Numbers | Lists, domain: Domain) -> Bits:
        bits = _taking(found, MISSING) if domain.missing else 0
        if isinstance(domain, ValueDomain) and domain.inside and isinstance(found, Values):
            for value in domain.values:
                bits |= _taking(found, value)
            return bits
        if isinstance(domain, NumberDomain) and isinstance(found, Numbers):
            for first, end in domain.spans:
                last = len(found.bits) - 1 if end is None else bisect_right(found.breaks, nextafter(end, -inf))
                for place in range(bisect_right(found.breaks, first), last + 1):
                    bits |= found.bits[place]
            return bits
        return self._all


def _taking(found: Values | Numbers | Lists, value: Any) -> Bits:
    if value is MISSING:
        return found.bits.get(value, found.default) if isinstance(found, Values) else found.missing
    if isinstance(found, Values):
        return found.bits.get(value, found.default)
    return found.bits[bisect_right(found.breaks, value)] if isinstance(found, Numbers) else found.of(value)


def _within(domain: Domain) -> Iterator[Any]:
    """Some of what the domain holds."""
    if domain.missing:
        yield MISSING
    if isinstance(domain, ValueDomain):
        yield from list(domain.values)[:ASKED] if domain.inside else [OTHER]
    elif isinstance(domain, NumberDomain):
        for first, end in domain.spans[:ASKED]:
            yield from (first, inf if end is None else nextafter(end, -inf))
    elif isinstance(domain, ListDomain) and domain.possible:
        held = frozenset(min(one, key=str) for one in domain.needed)
        if not any(one <= held for one in domain.lacking):
            yield held
