"""What a predicate is true of, in a form that can be reasoned about: what the index files rules by and the checks compare."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import inf, nextafter
from typing import Literal, TypeAlias

EPSILON = 0.000001
"""Two numbers that differ by at most this are equal, as in business-rules."""


@dataclass(frozen=True, slots=True)
class Among:
    """True of these texts or booleans; with `inside` false, of all others."""

    values: frozenset[str | bool]
    inside: bool = True


@dataclass(frozen=True, slots=True)
class Spans:
    """True of the numbers in one of these spans: from its first number up to, and without, its second. None: without end."""

    spans: tuple[tuple[float, float | None], ...]
    inside: bool = True


@dataclass(frozen=True, slots=True)
class Holds:
    """True of lists that have all, any or none of these elements."""

    elements: frozenset[str | float]
    need: Literal["all", "any", "none"]


@dataclass(frozen=True, slots=True)
class Constant:
    """The same of every value that is there: only whether there is one matters."""

    answer: bool


Shape: TypeAlias = Among | Spans | Holds | Constant


def turn(holds: Callable[[float], bool], near: float) -> float:
    """The smallest float for which a comparison holds that is false below it and true from it on, looked for from a point near it.

    Rounding decides where `value - expected > EPSILON` turns, so the comparison itself is asked: a span means exactly what it does.
    """
    at = near
    for _ in range(4):
        below = nextafter(at, -inf)
        if not holds(at):
            at = nextafter(at, inf)
        elif holds(below):
            at = below
        else:
            return at
    # Near zero floats lie too close together to go one by one.
    reach = 4 * EPSILON + abs(near) * 1e-12
    low, high = near - reach, near + reach
    while low < (middle := low + (high - low) / 2) < high:
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


@lru_cache(maxsize=10_000)
def above(expected: float) -> float:
    """Where numbers begin that are more than `expected` and not equal to it."""
    return turn(lambda value: value - expected > EPSILON, expected + EPSILON)


@lru_cache(maxsize=10_000)
def at_least(expected: float) -> float:
    """Where numbers begin that are equal to `expected` or more."""
    return turn(lambda value: expected - value <= EPSILON, expected - EPSILON)
