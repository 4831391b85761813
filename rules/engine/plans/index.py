"""The plan for wide sets: rules are filed by the values they ask for, and a decision looks only at those that its user's values leave."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Container, Iterator
from dataclasses import replace
from typing import Any

from rules.engine.linked import Answer, Readings
from rules.engine.operators.shapes import Among
from rules.engine.plans.clauses import Clause, Literal, always, checked, clauses
from rules.engine.plans.columns import Lists, Numbers, Values, column, filed, shape_of
from rules.engine.steps import Ending
from rules.engine.values import MISSING

NONE = -1
FEW = 16
"""Clauses that are asked one by one: below this a table costs more than it saves."""

ALTERNATIVES = 4
"""Values at most that a clause may name to be filed under each of them."""


class Index:
    """Files by exact values first (drawers); what asks for no exact value, or for one that many ask for, is in the rest."""

    __slots__ = ("_beneath", "_drawers", "_flat", "_keys", "_repeats", "_rest")

    def __init__(self, endings: tuple[Ending, ...], found: list[Clause]) -> None:
        self._keys = [ending.rule.key for ending in endings]
        self._beneath = [ending.beneath for ending in endings]
        self._flat = self._beneath == list(range(len(endings)))
        drawers, rest = _sorted(found)
        self._rest = _shelf(rest) if rest else None
        self._drawers = [(source, {value: _shelf(filed) for value, filed in drawer.items()}) for source, drawer in drawers.items()]
        # Whether an ending can be found twice, or out of order.
        self._repeats = bool(drawers) or len({clause.ending for clause in found}) < len(found)

    @classmethod
    def of(cls, endings: tuple[Ending, ...]) -> Index | None:
        """None where most endings ask nothing that they could be filed by."""
        found = clauses(endings)
        return cls(endings, found) if 2 * sum(bool(filed(clause.literals)) for clause in found) > len(found) else None

    def first(self, readings: Readings, capped: Container[str]) -> tuple[int, int]:
        best = self._rest.first(readings) if self._rest is not None else NONE
        for source, drawer in self._drawers:
            table = drawer.get(readings[source])
            if table is not None:
                found = table.first(readings)
                if found != NONE and (found < best or best == NONE):
                    best = found
        if best == NONE or self._keys[best] not in capped:
            return best, NONE
        return self._first_free(readings, capped)

    def _first_free(self, readings: Readings, capped: Container[str]) -> tuple[int, int]:
        passed = NONE
        for ending in self._matches(readings):
            if self._keys[ending] not in capped:
                return ending, passed
            passed = ending if passed == NONE else passed
        return NONE, passed

    def every(self, readings: Readings, capped: Container[str]) -> tuple[list[int], int]:
        matches = self._matches(readings)
        if self._flat:
            collected = [ending for ending in matches if self._keys[ending] not in capped]
            return collected, matches[0] if matches and not collected else NONE
        collected = []
        passed = last = NONE
        for ending in matches:
            if last >= self._beneath[ending]:  # one beneath it was collected
                continue
            if self._keys[ending] not in capped:
                collected.append(ending)
                last = ending
            elif passed == NONE:
                passed = ending
        return collected, passed

    def _matches(self, readings: Readings) -> list[int]:
        """Every ending that could be come to, in order."""
        found = self._rest.all(readings) if self._rest is not None else []
        for source, drawer in self._drawers:
            table = drawer.get(readings[source])
            if table is not None:
                found += table.all(readings)
        return sorted(set(found)) if self._repeats and len(found) > 1 else found


def _shelf(found: list[Clause]) -> Row | Table:
    return Table(found) if len(found) > FEW else Row(found)


def _sorted(found: list[Clause]) -> tuple[dict[int, dict[Any, list[Clause]]], list[Clause]]:
    """Each clause into the drawer of the rarest value it asks for, unless even that is asked for by many."""
    wanted = [list(_exact(clause)) for clause in found]
    asked = Counter((source, value) for choices in wanted for source, values, _ in choices for value in values)
    drawers: defaultdict[int, defaultdict[Any, list[Clause]]] = defaultdict(lambda: defaultdict(list))
    rest = []
    many = max(FEW, len(found) // 16)
    for clause, choices in zip(found, wanted, strict=True):
        best = min(choices, key=lambda choice: sum(asked[choice[0], value] for value in choice[1]), default=None)
        if best is None or any(asked[best[0], value] > many for value in best[1]):
            rest.append(clause)
            continue
        # Whoever looks into the drawer has the value: it need not be asked again.
        left = replace(clause, literals=tuple(literal for literal in clause.literals if literal is not best[2]))
        for value in best[1]:
            drawers[best[0]][value].append(left)
    return {source: dict(drawer) for source, drawer in drawers.items()}, rest


def _exact(clause: Clause) -> Iterator[tuple[int, frozenset[Any], Literal]]:
    """The sources of which a clause asks for one of few values, which a missing value is not; and by which of its tests."""
    for literal in clause.literals:
        test, wanted = literal
        shape = shape_of(test, wanted)
        if isinstance(shape, Among) and shape.inside is wanted and test.missing is not wanted and len(shape.values) <= ALTERNATIVES:
            yield test.ways[0].source, shape.values, literal


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

    __slots__ = ("_all", "_asks", "_checks", "_endings", "_lists", "_numbers", "_values")

    def __init__(self, found: list[Clause]) -> None:
        self._endings = [clause.ending for clause in found]
        self._all = (1 << len(found)) - 1
        rows: defaultdict[int, list[tuple[int, list[Any]]]] = defaultdict(list)
        for number, clause in enumerate(found):
            for source, tests in filed(clause.literals).items():
                rows[source].append((number, tests))
        columns = [column(source, len(found), filed) for source, filed in rows.items()]
        values = [one for one in columns if isinstance(one, Values)]
        # The columns that rule out most come first, so that the others are often not needed.
        self._values = sorted(((one.source, one.bits.get, one.default) for one in values), key=lambda entry: entry[2].bit_count())
        self._numbers = [(one.source, one.breaks, one.bits, one.missing) for one in columns if isinstance(one, Numbers)]
        self._lists = [(one.source, one.of, one.missing) for one in columns if isinstance(one, Lists)]
        exact = {one.source for one in columns if not isinstance(one, Numbers) or one.exact}
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
