"""Operators on moments. What depends on a clock on the wall is asked in the user's time zone."""

from __future__ import annotations

from datetime import date
from math import inf, nextafter

from rules.engine import clock
from rules.engine.operators.base import Predicate, operator
from rules.engine.operators.operands import Operand
from rules.engine.operators.shapes import Spans
from rules.engine.operators.time_operands import DATE, HOURS, LENGTH, MOMENT, MOMENTS, WEEKDAYS
from rules.engine.values import Type

TYPES: tuple[Type, ...] = ("datetime",)
AGE = Operand(LENGTH.name, LENGTH.words, LENGTH.read)
"""A duration that no other name can stand for: such a predicate is given the moment of the decision already."""


@operator(
    "before",
    TYPES,
    reads="datetime",
    operand=MOMENT,
    missing=False,
    needs="to be before {}",
    origin="signpost",
    shape=lambda expected: Spans(((-inf, expected),)),
)
def before(expected: float) -> Predicate:
    return lambda value: value < expected


@operator(
    "after",
    TYPES,
    reads="datetime",
    operand=MOMENT,
    missing=False,
    needs="to be after {}",
    origin="signpost",
    shape=lambda expected: Spans(((nextafter(expected, inf), None),)),
)
def after(expected: float) -> Predicate:
    return lambda value: value > expected


@operator(
    "between",
    TYPES,
    reads="datetime",
    operand=MOMENTS,
    missing=False,
    needs="to be from {} to {}",
    origin="signpost",
    shape=lambda ends: Spans(((ends[0], nextafter(ends[1], inf)),)),
)
def between(expected: tuple[float, float]) -> Predicate:
    first, last = expected
    return lambda value: first <= value <= last


@operator(
    "within_last",
    TYPES,
    reads="datetime",
    operand=AGE,
    missing=False,
    needs="to be within the last {}",
    origin="signpost",
    given="time.now",
)
def within_last(expected: int) -> Predicate:
    return lambda value, now: 0 <= now - value <= expected


@operator(
    "within_next",
    TYPES,
    reads="datetime",
    operand=AGE,
    missing=False,
    needs="to be within the next {}",
    origin="signpost",
    given="time.now",
)
def within_next(expected: int) -> Predicate:
    return lambda value, now: 0 <= value - now <= expected


@operator(
    "longer_ago_than",
    TYPES,
    reads="datetime",
    operand=AGE,
    missing=False,
    needs="to be longer ago than {}",
    origin="signpost",
    given="time.now",
)
def longer_ago_than(expected: int) -> Predicate:
    return lambda value, now: now - value > expected


@operator(
    "weekday_in",
    TYPES,
    reads="datetime",
    operand=WEEKDAYS,
    missing=False,
    needs="to be on one of {}",
    origin="signpost",
    given="user.timezone",
)
def weekday_in(expected: tuple[str, ...]) -> Predicate:
    wanted = frozenset(map(clock.WEEKDAYS.index, expected))

    def holds(value: float, timezone: str) -> bool:
        wall = clock.local(value, timezone)
        return wall is not None and wall.weekday() in wanted

    return holds


@operator(
    "hour_between",
    TYPES,
    reads="datetime",
    operand=HOURS,
    missing=False,
    needs="to be from {} to {} o'clock",
    origin="signpost",
    given="user.timezone",
)
def hour_between(expected: tuple[float, float]) -> Predicate:
    first, last = expected

    def holds(value: float, timezone: str) -> bool:
        wall = clock.local(value, timezone)
        if wall is None:
            return False
        hour = wall.hour + wall.minute / 60 + wall.second / 3600
        return first <= hour < last if first < last else hour >= first or hour < last

    return holds


@operator(
    "date_equal_to",
    TYPES,
    reads="datetime",
    operand=DATE,
    missing=False,
    needs="to be on {}",
    origin="signpost",
    given="user.timezone",
)
def date_equal_to(expected: date) -> Predicate:
    def holds(value: float, timezone: str) -> bool:
        wall = clock.local(value, timezone)
        return wall is not None and wall.date() == expected

    return holds
