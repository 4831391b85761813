"""One source's part of an index: for each value it may have, the clauses whose tests of it come out as wanted, as bits of a number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rules.engine.linked import Test
from rules.engine.operators.shapes import Among, Constant, Holds, Shape, Spans
from rules.engine.plans.clauses import Literal
from rules.engine.spans import EVERYWHERE, meet, spans_of
from rules.engine.values import MISSING

MOST_SPANS = 256
"""Spans of numbers told apart: each costs a bit for every clause. Beyond, neighbours share one, and their tests are asked again."""

MOST_BITS = 256_000_000
"""Clauses times different values of all columns of a placement: 32 MB. What is beyond is no column; its tests are asked one by one."""

MOST_BREAKS = 50_000
"""Different spans of numbers that one column is made of: making it of more takes longer than asking them ever does."""

SLOTS = 4
"""Elements a clause may require that are looked up. Of more, the others are asked for those who have these."""

Filed = list[tuple[int, list[tuple[Shape, bool, bool]]]]
"""By clause: the shapes on this source, whether each is wanted true, and whether a missing value comes out as wanted."""


class Room:
    """What is left of MOST_BITS for the columns of one placement."""

    def __init__(self) -> None:
        self._bits = MOST_BITS

    def taken(self, bits: int) -> bool:
        """Takes so many, if there are."""
        if bits > self._bits:
            return False
        self._bits -= bits
        return True


@dataclass(frozen=True, slots=True)
class Values:
    """Bits by text or boolean, and by MISSING; `default` for any other value."""

    source: int
    bits: Mapping[Any, int]
    default: int

    def share(self, clauses: int) -> float:
        """Of the clauses, about how many it leaves."""
        return sum(bits.bit_count() for bits in self.bits.values()) / len(self.bits) / clauses


@dataclass(frozen=True, slots=True)
class Numbers:
    """`bits[n]` are those for numbers from `breaks[n - 1]` on. `exact` is false where neighbours were put together."""

    source: int
    breaks: tuple[float, ...]
    bits: tuple[int, ...]
    missing: int
    exact: bool

    def share(self, clauses: int) -> float:
        """As of values."""
        return sum(bits.bit_count() for bits in self.bits) / len(self.bits) / clauses


@dataclass(frozen=True, slots=True)
class Lists:
    """`slots` are requirements that at least one of some elements fulfils: those a clause has none of, and the clauses by element."""

    source: int
    slots: tuple[tuple[int, Mapping[Any, int]], ...]
    refused: Mapping[Any, int]
    missing: int
    exact: bool

    @staticmethod
    def share(_: int) -> float:
        """Not told: nothing asks of it."""
        return 1.0

    def of(self, value: frozenset[Any]) -> int:
        bits = -1
        for free, by_element in self.slots:
            for element in by_element.keys() & value:
                free |= by_element[element]
            bits &= free
        if self.refused:
            for element in self.refused.keys() & value:
                bits &= ~self.refused[element]
        return bits


def filed(literals: Iterable[Literal]) -> dict[int, list[tuple[Shape, bool, bool]]]:
    """The literals that can be filed, by source: those with one way of reading and a shape that a column can hold."""
    found: dict[int, list[tuple[Shape, bool, bool]]] = {}
    for test, wanted in literals:
        shape = shape_of(test, wanted)
        if shape is not None:
            found.setdefault(test.ways[0].source, []).append((shape, wanted, test.missing is wanted))
    return found


def shape_of(test: Test, wanted: bool) -> Shape | None:
    """The test's shape, if a column can hold it exactly. That a list lacks one of several elements is nothing that a column can say.

    Lists of objects are in no column, since they are no keys of a table.
    """
    shape = test.ways[0].shape if len(test.ways) == 1 and test.variable.type not in {"objects", "untyped"} else None
    if isinstance(shape, Holds) and shape.need == "all" and not wanted and len(shape.elements) > 1:
        return None
    return shape


def column(source: int, clauses: int, rows: Filed, room: Room) -> Values | Numbers | Lists | None:
    """`clauses` is how many there are; those without a row have nothing to ask of this source. None where there is no room for it."""
    shapes = [shape for _, tests in rows for shape, _, _ in tests]
    spans = {span for shape in shapes if isinstance(shape, Spans) for span in shape.spans}
    if spans:
        fits = len(spans) <= MOST_BREAKS and room.taken(clauses * min(2 * len(spans), MOST_SPANS))
        return _numbers(source, clauses, rows) if fits else None
    values: set[Any] = set()
    values.update(*(shape.values if isinstance(shape, Among) else shape.elements for shape in shapes if isinstance(shape, Among | Holds)))
    if not room.taken(clauses * (1 + len(values))):
        return None
    return (_lists if any(isinstance(shape, Holds) for shape in shapes) else _values)(source, clauses, rows)


def _values(source: int, clauses: int, rows: Filed) -> Values:
    asking: list[int] = []
    chosen: defaultdict[Any, list[int]] = defaultdict(list)
    refused: defaultdict[Any, list[int]] = defaultdict(list)
    for clause, tests in rows:
        among: frozenset[str | bool] | None = None
        without: set[str | bool] = set()
        for shape, wanted, _ in tests:
            if isinstance(shape, Among):
                if shape.inside is wanted:
                    among = shape.values if among is None else among & shape.values
                else:
                    without |= shape.values
            elif isinstance(shape, Constant) and shape.answer is not wanted:
                among = frozenset()
        if among is not None:
            asking.append(clause)
            for value in among - without:
                chosen[value].append(clause)
        else:
            for value in without:
                refused[value].append(clause)
    default = _all(clauses) ^ _bits(asking)
    bits = {value: (default | _bits(chosen[value])) & ~_bits(refused[value]) for value in {*chosen, *refused}}
    return Values(source, {**bits, MISSING: _missing(clauses, rows)}, default)


def _numbers(source: int, clauses: int, rows: Filed) -> Numbers:
    """Sweeps over the numbers from the lowest on: at each break some clauses come in, and others go out."""
    never: list[int] = []
    turns: defaultdict[float, set[int]] = defaultdict(set)
    for clause, tests in rows:
        spans = EVERYWHERE
        for shape, wanted, _ in tests:
            spans = meet(spans, spans_of(shape, wanted))
        if not spans or spans[0][0] != float("-inf"):
            never.append(clause)
        for first, end in spans:
            if first != float("-inf"):
                turns[first] ^= {clause}
            if end is not None:
                turns[end] ^= {clause}
    breaks = sorted(turns)
    step = -(-(len(breaks) + 1) // MOST_SPANS)
    here = _all(clauses) ^ _bits(never)
    bits = [here]
    for number, at in enumerate(breaks, 1):
        here ^= _bits(turns[at])
        if number % step:
            bits[-1] |= here
        else:
            bits.append(here)
    return Numbers(source, tuple(breaks[step - 1 :: step]), tuple(bits), _missing(clauses, rows), step == 1)


def _lists(source: int, clauses: int, rows: Filed) -> Lists:
    exact, slots = True, list[tuple[list[int], defaultdict[Any, list[int]]]]()
    refused: defaultdict[Any, list[int]] = defaultdict(list)
    for clause, tests in rows:
        needed: list[Iterable[Any]] = []
        for shape, wanted, _ in tests:
            if isinstance(shape, Holds) and (shape.need == "none") is wanted:
                for element in shape.elements:
                    refused[element].append(clause)
            elif isinstance(shape, Holds) and shape.need == "all":
                needed += [(element,) for element in shape.elements]
            elif isinstance(shape, Holds):
                needed.append(shape.elements)
            elif isinstance(shape, Constant) and shape.answer is not wanted:
                needed.append(())
        exact = exact and len(needed) <= SLOTS
        for number, elements in enumerate(needed[:SLOTS]):
            if number == len(slots):
                slots.append(([], defaultdict(list)))
            slots[number][0].append(clause)
            for element in elements:
                slots[number][1][element].append(clause)
    made = tuple((_all(clauses) ^ _bits(asking), _each(table)) for asking, table in slots)
    return Lists(source, made, _each(refused), _missing(clauses, rows), exact)


def _missing(clauses: int, rows: Filed) -> int:
    return _all(clauses) ^ _bits([clause for clause, tests in rows if not all(passes for _, _, passes in tests)])


def _all(clauses: int) -> int:
    return (1 << clauses) - 1


def _bits(clauses: Collection[int]) -> int:
    """One number with these bits. Made at once: to add one to a long number takes as long as the number is."""
    made = bytearray(max(clauses, default=0) // 8 + 1)
    for clause in clauses:
        made[clause >> 3] |= 1 << (clause & 7)
    return int.from_bytes(made, "little")


def _each(clauses: Mapping[Any, list[int]]) -> dict[Any, int]:
    return {element: _bits(found) for element, found in clauses.items()}
