"""What linking makes of conditions: tests on numbered sources of values, and one function that answers a whole tree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any as Anything
from typing import Literal, Protocol, TypeAlias

from rules.engine import inline
from rules.engine.operators import Operator, Predicate
from rules.engine.operators.shapes import Shape
from rules.engine.values import LARGEST, MISSING, Reader
from rules.engine.vocabulary import Variable


class Facts(Protocol):
    """Where values come from: a dict, or what the tagging core computes when asked."""

    def get(self, name: str, default: Anything, /) -> Anything: ...


@dataclass(frozen=True, slots=True)
class Source:
    """One name read one way. Every test on it shares what was read. A segment's is computed from other sources instead."""

    name: str
    read: Reader
    default: object
    segment: Answer | None = None
    exact: tuple[type, ...] = ()
    """Values of these very classes are read as they stand, which saves asking; of numbers, the infinite and the huge are not."""


class Readings(dict[int, Anything]):
    """The values of one decision by source number: each name is asked of the facts and read by its type at most once."""

    __slots__ = ("_mistyped", "_sources", "ask", "loaded", "marks")

    def __init__(self, facts: Facts, sources: Sequence[Source], mistyped: set[str] | None = None) -> None:
        self.ask = facts.get
        self._sources = sources
        self._mistyped = mistyped
        self.loaded: object = None
        """The function that has read many sources at once, so that it need not again."""
        self.marks: tuple[int, ...] = ()
        """What it found of them."""

    def __missing__(self, number: int) -> object:
        source = self._sources[number]
        if source.segment is not None:
            return self.setdefault(number, source.segment(self))
        value: Anything = self.ask(source.name, MISSING)
        kind = value.__class__
        if kind in source.exact and (kind is str or -LARGEST < value < LARGEST):
            self[number] = value
            return value
        return self.take(number, value)

    def take(self, number: int, raw: object) -> object:
        """Reads by its type what the facts have for a source, and keeps it."""
        source = self._sources[number]
        value = source.read(raw)
        if value is MISSING:
            value = source.default
            if self._mistyped is not None and raw is not None and raw is not MISSING:
                self._mistyped.add(source.name)
        self[number] = value
        return value

    def raw(self, name: str) -> object:
        """What the facts hold, unread: an explanation shows it as it is."""
        return self.ask(name, MISSING)


@dataclass(frozen=True, slots=True)
class Way:
    """One way to read the value and the predicate for it. A name of a declared type has one; others may have several.

    `extra` are the sources of what the predicate is asked with beside the value. Without one of them there is nothing to compare
    with, unless the operator looks into items, whose conditions see for themselves.
    """

    source: int
    operator: Operator
    predicate: Predicate
    extra: tuple[int, ...] = ()
    operand: object = None
    """As the operator reads it; None too where another name or an item is compared with."""
    shape: Shape | None = None
    """What the predicate is true of, where that can be said."""

    @property
    def key(self) -> tuple[str, str]:
        return self.operator.reads or "", self.operator.name

    def asks(self, readings: Readings) -> bool:
        """Whether there is all that is compared."""
        if readings[self.source] is MISSING:
            return False
        return self.lenient or all(readings[source] is not MISSING for source in self.extra)

    @property
    def lenient(self) -> bool:
        return self.operator.operand.name == "items"


Policy: TypeAlias = Literal["operator", "condition"]


@dataclass(frozen=True, slots=True)
class Test:
    """A comparison ready to run. `expected` is the operand with thresholds resolved; `missing` the answer without a value."""

    variable: Variable
    operator: str
    expected: object
    threshold: str | None
    ways: tuple[Way, ...]
    missing: bool
    policy: Policy = "operator"
    """Whose answer `missing` is."""
    other: int | None = None
    """The source of another name that is compared with; `expected` is then that name."""
    shown: dict[str, Anything] = field(default_factory=dict)
    """What an explanation says of it where it holds, to be copied; `actual` is still to be put in."""
    seen: int = 0
    """The source of its value as explanations show it."""
    segment: bool = False
    """Whether it asks of a segment, which no facts hold."""
    same: bool = False
    """Whether there is one way to read its value, and that leaves a text, a number or a boolean as it is."""


@dataclass(frozen=True, slots=True)
class Group:
    """`all`, `any` or `none` of its parts, or `not` its only one."""

    kind: str
    parts: tuple[Linked, ...]

    @property
    def negates(self) -> bool:
        return self.kind in {"not", "none"}


Linked: TypeAlias = Group | Test
Answer: TypeAlias = Callable[[Readings], bool]


def answer(linked: Linked | None) -> Answer:
    """One function for the whole tree. Depth was limited when the conditions were read."""
    if linked is None:
        return lambda readings: True
    if isinstance(linked, Test):
        return _test(linked)
    parts = tuple(map(answer, linked.parts))
    return _GROUPS[linked.kind](parts) if len(parts) > 1 or linked.kind in {"not", "none"} else parts[0]


def _test(test: Test) -> Answer:
    if len(test.ways) > 1 or test.ways[0].extra:
        return lambda readings: holds(test, readings)
    way, missing = test.ways[0], test.missing
    if way.key in inline.EXPRESSIONS:
        return inline.asker(way.key, missing=missing)(way.source, inline.operand(way.operand))
    source, predicate = way.source, way.predicate

    def ask(readings: Readings) -> bool:
        value = readings[source]
        return missing if value is MISSING else predicate(value)

    return ask


def holds(test: Test, readings: Readings) -> bool:
    """The answer of any test; most have a shorter way to it."""
    for way in test.ways:
        if way.asks(readings):
            return way.predicate(readings[way.source], *(readings[source] for source in way.extra))
    return test.missing


def _all(parts: tuple[Answer, ...]) -> Answer:
    if len(parts) == 2:
        one, two = parts
        return lambda readings: one(readings) and two(readings)
    if len(parts) == 3:
        one, two, three = parts
        return lambda readings: one(readings) and two(readings) and three(readings)

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
