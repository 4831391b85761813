"""Clauses side by side, asked one by one where they are few, and by columns of bits where they are many."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Container
from typing import Any

from rules.engine.linked import Answer, Readings
from rules.engine.operators.shapes import Holds
from rules.engine.plans.clauses import Clause
from rules.engine.plans.columns import Lists, Numbers, Room, Values, column, filed, shape_of
from rules.engine.plans.loading import Loaders
from rules.engine.plans.marks import Load
from rules.engine.values import MISSING

FEW, SOME = 16, 8
"""Clauses that are asked one by one where only the first is wanted, and where all are: up to so many, columns cost more than they save."""

SHORT = 1 << 256
"""Bits below which it takes less to count on from the lowest one than to write them out as text."""

SOON = 32
"""Clauses left over by all other columns that are asked of their lists one by one where only the first is wanted, which comes soon."""


def shelf(found: list[Clause], loaders: Loaders) -> Row | Table:
    return Table(found, loaders) if len(found) > (SOME if loaders.all_wanted else FEW) else Row(found, loaders)


class Row:
    """A few clauses, in their order, each asked all that it says."""

    __slots__ = ("_entries",)

    def __init__(self, found: list[Clause], loaders: Loaders) -> None:
        self._entries = [(clause.ending, loaders.asks.of(clause.literals, clause.others)) for clause in found]

    def first(self, readings: Readings, before: int) -> int:
        """The first ending before that one; the same where there is none."""
        for ending, asks in self._entries:
            if ending >= before:
                break
            for ask in asks:
                if not ask(readings):
                    break
            else:
                return ending
        return before

    def all(self, readings: Readings) -> list[int]:
        found = []
        for ending, asks in self._entries:
            for ask in asks:
                if not ask(readings):
                    break
            else:
                found.append(ending)
        return found


class Table:
    """Many clauses, in their order: bits by what the values are rule some out, and what is left is asked what no column could say."""

    __slots__ = ("_asking", "_bits", "_checks", "_endings", "_lists", "_load", "_numbers", "_values", "columns", "every")

    def __init__(self, found: list[Clause], loaders: Loaders) -> None:
        self._endings = [clause.ending for clause in found]
        self.every = (1 << len(found)) - 1
        self.columns = _columns(found, loaders.room, SOME if loaders.all_wanted else SOON)
        exact = {one.source for one in self.columns if isinstance(one, Values) or one.exact}
        self._checks = [_left(clause, exact, loaders) for clause in found]
        self._asking = any(self._checks)
        loaders.tables.append(self)

    def settle(self, load: Load, bits: list[int], shared: Container[int]) -> None:
        """`bits` by the marks that `load` gives; those of the sources that are `shared` are among them."""
        columns = [one for one in self.columns if one.source not in shared]
        # The columns that rule out most come first, so that the others are often not needed.
        values = [one for one in columns if isinstance(one, Values)]
        self._load, self._bits = load, bits
        self._values = sorted(((one.source, one.bits.get, one.default) for one in values), key=lambda entry: entry[2].bit_count())
        self._numbers = [(one.source, one.breaks, one.bits, one.missing) for one in columns if isinstance(one, Numbers)]
        self._lists = [(one.source, one.of, one.missing) for one in columns if isinstance(one, Lists)]
        self.columns = []

    def first(self, readings: Readings, before: int) -> int:
        """As of a row."""
        bits = self._candidates(readings)
        while bits:
            lowest = bits & -bits
            number = lowest.bit_length() - 1
            ending = self._endings[number]
            if ending >= before:
                break
            for ask in self._checks[number]:
                if not ask(readings):
                    break
            else:
                return ending
            bits ^= lowest
        return before

    def all(self, readings: Readings) -> list[int]:
        bits = self._candidates(readings)
        found, endings, checks = [], self._endings, self._checks
        if bits < SHORT:
            while bits:
                lowest = bits & -bits
                number = lowest.bit_length() - 1
                for ask in checks[number]:
                    if not ask(readings):
                        break
                else:
                    found.append(endings[number])
                bits ^= lowest
            return found
        # As text, which is cut at every bit at once, however far away the next one is.
        number, cuts = -1, bin(bits)[:1:-1].split("1")[:-1]
        if not self._asking:
            for zeros in cuts:
                number += len(zeros) + 1
                found.append(endings[number])
            return found
        for zeros in cuts:
            number += len(zeros) + 1
            for ask in checks[number]:
                if not ask(readings):
                    break
            else:
                found.append(endings[number])
        return found

    def _candidates(self, readings: Readings) -> int:
        if readings.loaded is not self._load:
            readings.marks = self._load(readings)
            readings.loaded = self._load
        bits, by_mark = self.every, self._bits
        for mark in readings.marks:
            bits &= by_mark[mark]
        for source, get, default in self._values:
            bits &= get(readings[source], default)
            if not bits:
                return 0
        for source, breaks, by_span, missing in self._numbers:
            value = readings[source]
            bits &= missing if value is MISSING else by_span[bisect_right(breaks, value)]
            if not bits:
                return 0
        for source, of, missing in self._lists:  # last: reading a list takes the longest
            if not bits:
                return 0
            value = readings[source]
            bits &= missing if value is MISSING else of(value)
        return bits


def _columns(found: list[Clause], room: Room, few: int) -> list[Values | Numbers | Lists]:
    """Those of lists only where the others are expected to leave more clauses than so few: a list takes long to read and to look up."""
    rows: defaultdict[int, list[tuple[int, list[Any]]]] = defaultdict(list)
    lists: set[int] = set()
    for number, clause in enumerate(found):
        for source, tests in filed(clause.literals).items():
            rows[source].append((number, tests))
            if any(isinstance(shape, Holds) for shape, _, _ in tests):
                lists.add(source)
    columns = []
    left = float(len(found))
    for source in sorted(rows, key=lambda source: source in lists):
        if source in lists and left <= few:
            continue
        made = column(source, len(found), rows[source], room)
        if made is not None:
            columns.append(made)
            left *= made.share(len(found))
    return columns


def _left(clause: Clause, exact: set[int], loaders: Loaders) -> tuple[Answer, ...]:
    """What is still to be asked of a clause that no column ruled out."""
    literals = [(test, wanted) for test, wanted in clause.literals if shape_of(test, wanted) is None or test.ways[0].source not in exact]
    return loaders.asks.of(literals, clause.others)
