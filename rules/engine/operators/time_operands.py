"""Operands that speak of time: moments, durations, days, hours. Read strictly, as those of `operands`."""

from __future__ import annotations

from datetime import date

from rules.engine import clock, durations, moments
from rules.engine.operators.operands import Operand, Refused
from rules.engine.values import in_words


def _moment(value: object) -> float:
    if not isinstance(value, str):
        raise Refused("wrong_value", f"the value must be a date, not {in_words(value)}", "Write 2026-11-27 or 2026-11-27T09:00:00Z.")
    try:
        return moments.seconds(value)
    except ValueError as error:
        raise Refused("bad_date", str(error), "Write the date in that form.") from error


def _moments(value: object) -> tuple[float, float]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise Refused("wrong_value", f"the value must be two dates, not {in_words(value)}", "Write [first, last].")
    first, last = _moment(value[0]), _moment(value[1])
    if first > last:
        raise Refused("empty_range", "the second date is before the first", "Write the earlier date first.")
    return first, last


def _length(value: object) -> int:
    if not isinstance(value, str):
        raise Refused("wrong_value", f"the value must be a duration, not {in_words(value)}", "Write a duration such as 10m, 1h or 7d.")
    try:
        return durations.seconds(value)
    except ValueError as error:
        raise Refused("bad_duration", str(error), "Write a duration such as 10m, 1h or 7d, at most 400d.") from error


def _lengths(value: object) -> tuple[int, int]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise Refused("wrong_value", f"the value must be two durations, not {in_words(value)}", "Write [shortest, longest].")
    shortest, longest = _length(value[0]), _length(value[1])
    if shortest > longest:
        raise Refused("empty_range", "the second duration is shorter than the first", "Write the shorter duration first.")
    return shortest, longest


def _weekdays(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not value or not all(day in clock.WEEKDAYS for day in value):
        fix = f"Write a list of {', '.join(clock.WEEKDAYS)}."
        raise Refused("wrong_value", f"the value must be a list of days of the week, not {in_words(value)}", fix)
    return tuple(value)


def _hours(value: object) -> tuple[float, float]:
    if not isinstance(value, list | tuple) or len(value) != 2 or any(isinstance(hour, bool) for hour in value):
        raise Refused("wrong_value", f"the value must be two hours, not {in_words(value)}", "Write [from, to], such as [9, 17.5].")
    first, last = value
    if not all(isinstance(hour, int | float) and 0 <= hour <= 24 for hour in value):
        raise Refused("wrong_value", f"hours go from 0 to 24, not {in_words(value)}", "Write [from, to], such as [9, 17.5].")
    if first % 24 == last or first == last:
        raise Refused("empty_range", "the hours begin and end at the same time", "Write two different hours; [22, 6] goes over midnight.")
    return first, last


def _date(value: object) -> date:
    try:
        return clock.day(value if isinstance(value, str) else "")
    except ValueError as error:
        raise Refused("wrong_value", f"the value must be a date, not {in_words(value)}", "Write a date such as 2026-11-27.") from error


MOMENT = Operand("moment", "a date, or a date and time", _moment, other="datetime")
MOMENTS = Operand("range", "two dates, [first, last]", _moments)
LENGTH = Operand("duration", "a duration such as 7d", _length, other="duration")
LENGTHS = Operand("range", "two durations, [shortest, longest]", _lengths)
WEEKDAYS = Operand("weekdays", "a list of mon, tue, wed, thu, fri, sat, sun", _weekdays)
HOURS = Operand("range", "two hours, [from, to]", _hours)
DATE = Operand("date", "a date such as 2026-11-27", _date)
