"""What one source may hold: a set of texts or booleans, of numbers or of lists, and whether there may be no value at all."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from rules.engine.operators.shapes import Among, Shape, Spans
from rules.engine.spans import meet, within


class Domain(ABC):
    """A set of values of one kind. Where it says that it is empty, or that it covers another, that is certain; the reverse may not be."""

    __slots__ = ()
    missing: bool

    @property
    @abstractmethod
    def empty(self) -> bool:
        """Whether nothing is in it."""

    @property
    @abstractmethod
    def weight(self) -> int:
        """About how long it takes to compare it."""

    @abstractmethod
    def meet(self, other: Any) -> Domain:
        """What is in both."""

    @abstractmethod
    def covers(self, other: Any) -> bool:
        """Whether the other lies in this one."""

    @abstractmethod
    def shapes(self) -> list[Shape]:
        """What a column of an index can file it by; together they are true of all it holds, and may be of more."""


@dataclass(frozen=True, slots=True)
class Values(Domain):
    """These texts or booleans; with `inside` false, all others. What a name declares is no bound: facts may hold anything."""

    values: frozenset[Any]
    inside: bool
    missing: bool

    @property
    def empty(self) -> bool:
        return self.inside and not self.values and not self.missing

    @property
    def weight(self) -> int:
        return 1 + len(self.values)

    def meet(self, other: Values) -> Values:
        missing = self.missing and other.missing
        if self.inside and other.inside:
            return Values(self.values & other.values, True, missing)
        if self.inside:
            return Values(self.values - other.values, True, missing)
        if other.inside:
            return Values(other.values - self.values, True, missing)
        return Values(self.values | other.values, False, missing)

    def covers(self, other: Values) -> bool:
        if other.missing and not self.missing:
            return False
        if self.inside:
            return other.inside and other.values <= self.values
        return self.values.isdisjoint(other.values) if other.inside else self.values <= other.values

    def shapes(self) -> list[Shape]:
        return [Among(self.values, self.inside)]


@dataclass(frozen=True, slots=True)
class Numbers(Domain):
    """The numbers of spans that rise and do not touch."""

    spans: tuple[tuple[float, float | None], ...]
    missing: bool

    @property
    def empty(self) -> bool:
        return not self.spans and not self.missing

    @property
    def weight(self) -> int:
        return 1 + len(self.spans)

    def meet(self, other: Numbers) -> Numbers:
        return Numbers(tuple(meet(list(self.spans), list(other.spans))), self.missing and other.missing)

    def covers(self, other: Numbers) -> bool:
        return (self.missing or not other.missing) and within(list(other.spans), list(self.spans))

    def shapes(self) -> list[Shape]:
        return [Spans(self.spans)]
