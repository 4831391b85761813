"""Clauses side by side, asked one by one where they are few, and by columns of bits where they are many."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from typing import Any

from rules.engine.linked import Answer, Readings
from rules.engine.plans.clauses import Clause, always, checked
from rules.engine.plans.columns import Lists, Numbers, Values, column, filed, shape_of
from rules.engine.plans.loading import Loaders
from rules.engine.values import MISSING

NONE = -1
FEW = 16
"""Clauses that are asked one by one: below this, columns cost more than they save."""


def shelf(found: list[Clause], loaders: Loaders) -> Row | Table:
    return Table(found, loaders) if len(found) > FEW else Row(found)


class Row:
    """A few clauses, in their order, each asked all that it says."""

    __slots__ = ("_entries",)

    def __init__(self, found: list[Clause]) -> None:
        self._entries = [(clause.ending, checked(clause.literals, clause.others) or always) for clause in found]

    def first(self, readings: Readings) -> int:
        for ending, check in self._entries:
            if check(readings):
                return ending
        return NONE

    def all(self, readings: Readings) -> list[int]:
        return [ending for ending, check in self._entries if check(readings)]


class Table:
    """Many clauses, in their order: each column rules some out, and what is left is asked what no column could say."""

    __slots__ = ("_all", "_asks", "_checks", "_endings", "_lists", "_load", "_numbers", "_values")

    def __init__(self, found: list[Clause], loaders: Loaders) -> None:
        self._endings = [clause.ending for clause in found]
        self._all = (1 << len(found)) - 1
        rows: defaultdict[int, list[tuple[int, list[Any]]]] = defaultdict(list)
        for number, clause in enumerate(found):
            for source, tests in filed(clause.literals).items():
                rows[source].append((number, tests))
        columns = [made for source, filed in rows.items() if (made := column(source, len(found), filed, loaders.room)) is not None]
        values = [one for one in columns if isinstance(one, Values)]
        # The columns that rule out most come first, so that the others are often not needed.
        self._values = sorted(((one.source, one.bits.get, one.default) for one in values), key=lambda entry: entry[2].bit_count())
        self._numbers = [(one.source, one.breaks, one.bits, one.missing) for one in columns if isinstance(one, Numbers)]
        self._lists = [(one.source, one.of, one.missing) for one in columns if isinstance(one, Lists)]
        self._load = loaders.of([one.source for one in columns])
        exact = {one.source for one in columns if isinstance(one, Values) or one.exact}
        self._checks = [_left(clause, exact) for clause in found]
        self._asks = any(self._checks)

    def first(self, readings: Readings) -> int:
        bits = self._candidates(readings)
        while bits:
            lowest = bits & -bits
            number = lowest.bit_length() - 1
            check = self._checks[number]
            if check is None or check(readings):
                return self._endings[number]
            bits ^= lowest
        return NONE

    def all(self, readings: Readings) -> list[int]:
        bits = self._candidates(readings)
        if not bits:
            return []
        found, endings = [], self._endings
        # As text, in which the next bit is found at once, however far away it is.
        find = bin(bits)[:1:-1].find
        number = find("1")
        if not self._asks:
            while number >= 0:
                found.append(endings[number])
                number = find("1", number + 1)
            return found
        while number >= 0:
            check = self._checks[number]
            if check is None or check(readings):
                found.append(endings[number])
            number = find("1", number + 1)
        return found

    def _candidates(self, readings: Readings) -> int:
        bits = self._all
        if readings.loaded is not self._load:
            self._load(readings)
            readings.loaded = self._load
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


def _left(clause: Clause, exact: set[int]) -> Answer | None:
    """What is still to be asked of a clause that no column ruled out."""
    literals = [(test, wanted) for test, wanted in clause.literals if shape_of(test, wanted) is None or test.ways[0].source not in exact]
    return checked(literals, clause.others)
