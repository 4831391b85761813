"""What linking makes of conditions: tests on numbered sources of values, and one function that answers a whole tree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any as Anything
from typing import Protocol, TypeAlias

from rules.engine.operators import Operator, Predicate
from rules.engine.values import MISSING, Reader
from rules.engine.vocabulary import Variable
from rules.engine.workspace import Rule


class Facts(Protocol):
    """Where values come from: a dict, or what the tagging core computes when asked."""

    def get(self, name: str, default: Anything, /) -> Anything: ...


@dataclass(frozen=True, slots=True)
class Source:
    """One name read one way. Every test on it shares what was read."""

    name: str
    read: Reader
    default: object


class Readings(dict[int, Anything]):
    """The values of one decision by source number: each name is asked of the facts and read by its type at most once."""

    __slots__ = ("_facts", "_sources")

    def __init__(self, facts: Facts, sources: tuple[Source, ...]) -> None:
        self._facts = facts
        self._sources = sources

    def __missing__(self, number: int) -> object:
        source = self._sources[number]
        value = source.read(self._facts.get(source.name, MISSING))
        if value is MISSING:
            value = source.default
        self[number] = value
        return value

    def raw(self, name: str) -> object:
        """What the facts hold, unread: an explanation shows it as it is."""
        return self._facts.get(name, MISSING)


@dataclass(frozen=True, slots=True)
class Way:
    """One way to read the value and the predicate for it. A name of a declared type has one; others may have several."""

    source: int
    operator: Operator
    predicate: Predicate


@dataclass(frozen=True, slots=True)
class Test:
    """A comparison ready to run. `expected` is the operand with thresholds resolved; `missing` the answer without a value."""

    variable: Variable
    operator: str
    expected: object
    threshold: str | None
    ways: tuple[Way, ...]
    missing: bool


@dataclass(frozen=True, slots=True)
class Group:
    """`all`, `any` or `none` of its parts, or `not` its only one."""

    kind: str
    parts: tuple[Linked, ...]


Linked: TypeAlias = Group | Test
Answer: TypeAlias = Callable[[Readings], bool]


@dataclass(frozen=True, slots=True)
class Step:
    """A rule in the plan: the function that answers its conditions, and the same as a tree for explanations."""

    rule: Rule
    holds: Answer
    linked: Linked | None
    children: tuple[Step, ...]


def answer(linked: Linked | None) -> Answer:
    """One function for the whole tree. Depth was limited when the conditions were read."""
    if linked is None:
        return lambda readings: True
    if isinstance(linked, Test):
        return _test(linked)
    parts = tuple(map(answer, linked.parts))
    return _GROUPS[linked.kind](parts) if len(parts) > 1 or linked.kind in {"not", "none"} else parts[0]


def _test(test: Test) -> Answer:
    if len(test.ways) > 1:
        return _several_ways(test)
    source, predicate, missing = test.ways[0].source, test.ways[0].predicate, test.missing

    def ask(readings: Readings) -> bool:
        value = readings[source]
        return missing if value is MISSING else predicate(value)

    return ask


def _several_ways(test: Test) -> Answer:
    ways, missing = tuple((way.source, way.predicate) for way in test.ways), test.missing

    def ask(readings: Readings) -> bool:
        for source, predicate in ways:
            value = readings[source]
            if value is not MISSING:
                return predicate(value)
        return missing

    return ask


def _all(parts: tuple[Answer, ...]) -> Answer:
    def ask(readings: Readings) -> bool:
        for part in parts:  # noqa: SIM110  # a generator in all() costs twice as much on this path
            if not part(readings):
                return False
        return True

    return ask


def _any(parts: tuple[Answer, ...]) -> Answer:
    def ask(readings: Readings) -> bool:
        for part in parts:  # noqa: SIM110  # as above
            if part(readings):
                return True
        return False

    return ask


def _none(parts: tuple[Answer, ...]) -> Answer:
    some = _any(parts)
    return lambda readings: not some(readings)


_GROUPS: dict[str, Callable[[tuple[Answer, ...]], Answer]] = {"all": _all, "any": _any, "none": _none, "not": _none}
