"""A month of UTC days, and what of it schedules and boosts take up: the days they hold on, and the moments they begin and end."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Generic, TypeVar

import msgspec

from rules.engine import clock, moments, schedules
from rules.engine.workspace import Schedule

Of = TypeVar("Of")
YEARS = range(1971, 2999)
DAY = timedelta(days=1)
SECONDS = 86_400
MINUTES = 1440


@dataclass(frozen=True, slots=True)
class Month:
    year: int
    number: int

    @property
    def first(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def days(self) -> list[date]:
        following = self.moved(1).first
        return [self.first + DAY * index for index in range((following - self.first).days)]

    @property
    def weeks(self) -> list[list[date]]:
        """Whole ones, from Monday: the first and the last reach into the months beside it."""
        monday, last = self.first - DAY * self.first.weekday(), self.days[-1]
        return [[monday + DAY * (7 * week + day) for day in range(7)] for week in range((last - monday).days // 7 + 1)]

    def moved(self, months: int) -> Month:
        year, index = divmod(self.year * 12 + self.number - 1 + months, 12)
        return Month(year, index + 1)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"


@dataclass(frozen=True, slots=True)
class Span:
    """From `begins` up to, and without, `ends`: seconds since 1970, or None; on its weekdays and in its hours by the clocks of `zone`.

    `hours` are minutes since midnight; where the second is not the later one they go over midnight.
    """

    begins: float | None = None
    ends: float | None = None
    weekdays: frozenset[int] = frozenset()
    hours: tuple[int, int] | None = None
    zone: str = "UTC"

    @property
    def dated(self) -> bool:
        return self.begins is not None or self.ends is not None

    @property
    def empty(self) -> bool:
        return self.begins is not None and self.ends is not None and self.begins >= self.ends

    def since(self, moment: float) -> Span:
        return self if self.begins is not None and self.begins >= moment else replace(self, begins=moment)

    def until(self, moment: float) -> Span:
        return self if self.ends is not None and self.ends <= moment else replace(self, ends=moment)

    def holds_on(self, day: date) -> bool:
        """Whether at some moment of a UTC day."""
        begins = midnight(day) if self.begins is None else max(self.begins, midnight(day))
        ends = midnight(day) + SECONDS if self.ends is None else min(self.ends, midnight(day) + SECONDS)
        return any(max(first, begins) < min(last, ends) for first, last in self._windows(day))

    def _windows(self, day: date) -> Iterator[tuple[float, float]]:
        """When its weekdays and hours allow it, on the days that clocks anywhere may show on a UTC day."""
        first, last = self.hours or (0, MINUTES)
        for local in (day - DAY, day, day + DAY):
            if not self.weekdays or local.weekday() in self.weekdays:
                for begin, end in [(first, last)] if first < last else [(0, last), (first, MINUTES)]:
                    yield _wall(local, begin, self.zone), _wall(local, end, self.zone)


@dataclass(frozen=True, slots=True)
class Mark(Generic[Of]):
    """A moment at which something begins, ends or goes live (`what`)."""

    at: float
    what: str
    of: Of


def read(text: str) -> Month | None:
    """None for anything but a month such as 2026-12."""
    found = re.fullmatch(r"([0-9]{4})-(0[1-9]|1[0-2])", text)
    return Month(int(found[1]), int(found[2])) if found and int(found[1]) in YEARS else None


def shown(at: float) -> float:
    """A moment as near as there are days to it: clocks of a zone reach half a day before the first year and after the last."""
    return min(max(at, midnight(date.min + DAY)), midnight(date.max))


def midnight(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()


def _wall(day: date, minute: int, zone: str) -> float:
    found = clock.zone(zone)
    return (datetime(day.year, day.month, day.day, tzinfo=found or UTC) + timedelta(minutes=minute)).timestamp()


def day_of(at: float, *, end: bool = False) -> date:
    """The UTC day of a moment. What ends at midnight ends with the day before, as 24:00."""
    day = datetime.fromtimestamp(at, UTC).date()
    return day - DAY if end and at == midnight(day) else day


def spans(kind: str, body: Mapping[str, Any] | None, timezone: str) -> list[tuple[Span, Mapping[str, Any]]]:
    """A rule's schedule, or a score's boosts: each with what it is the span of, a boost with its `signal`. What can't be read is left out.

    `timezone` is the workspace's. A schedule on each user's own clock is told by that one.
    """
    return list(_spans(kind, body, timezone)) if body and body.get("enabled", True) else []


def _spans(kind: str, body: Mapping[str, Any], timezone: str) -> Iterator[tuple[Span, Mapping[str, Any]]]:
    if kind == "rule" and (schedule := body.get("schedule")):
        try:
            found = schedules.read(msgspec.convert(schedule, Schedule), timezone, "$")
        except msgspec.ValidationError:
            return
        if isinstance(found, list):
            return
        zone = found.zone or timezone
        begins, ends = (shown(clock.moment(text, zone)) if text else None for text in (found.start, found.until))
        yield Span(begins, ends, found.weekdays, found.hours, zone), schedule
    if kind == "score":
        for term in body.get("terms", ()):
            for boost in term.get("boosts", ()):
                try:
                    span = Span(shown(moments.seconds(boost["from"])), shown(moments.seconds(boost["until"])))
                except (KeyError, ValueError):
                    continue
                yield span, {**boost, "signal": term.get("signal", "")}


def by_day(planned: Iterable[tuple[Span, Of]], month: Month) -> dict[date, list[Mark[Of]]]:
    """What begins or ends on each day of a month, by its time; only days with something."""
    first, last = month.days[0], month.days[-1]
    found: dict[date, list[Mark[Of]]] = {}
    for span, of in planned:
        if span.empty:
            continue
        for at, what in ((span.begins, "begins"), (span.ends, "ends")):
            if at is not None and first <= (day := day_of(at, end=what == "ends")) <= last:
                found.setdefault(day, []).append(Mark(at, what, of))
    return {day: sorted(found[day], key=lambda mark: mark.at) for day in sorted(found)}


def goes_through(span: Span, month: Month) -> bool:
    """Whether it holds in the month and neither begins nor ends in it."""
    return not by_day([(span, None)], month) and any(span.holds_on(day) for day in month.days)
