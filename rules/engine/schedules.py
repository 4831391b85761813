"""When a rule may win: dates, weekdays and hours on the clocks of a time zone, asked of the moment of the decision, never of a timer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rules.engine import clock
from rules.engine.errors import Problem
from rules.engine.workspace import Schedule

USER = "user"
APART = 14 * 3600
"""Seconds that zones are apart from UTC at most."""


@dataclass(frozen=True, slots=True)
class Timetable:
    """A schedule ready to be asked. Minutes are since midnight; `hours` of which the second is not the later one go over midnight."""

    start: str | None
    until: str | None
    weekdays: frozenset[int]
    hours: tuple[int, int] | None
    zone: str | None
    """None: the user's own."""

    def holds(self, now: float, zone: str) -> bool:
        """False too for a zone that there is not: nobody can say what its clocks show."""
        wall = clock.local(now, zone)
        if wall is None:
            return False
        if self.start is not None and now < clock.moment(self.start, zone):
            return False
        if self.until is not None and now >= clock.moment(self.until, zone):
            return False
        if self.weekdays and wall.weekday() not in self.weekdays:
            return False
        if self.hours is None:
            return True
        minute, (first, last) = wall.hour * 60 + wall.minute, self.hours
        return first <= minute < last if first < last else minute >= first or minute < last

    def ended(self, now: float) -> bool:
        """Whether it can never hold again, in whatever zone."""
        return self.until is not None and now >= clock.moment(self.until, self.zone or "UTC") + (0 if self.zone else APART)


def read(schedule: Schedule, timezone: str, path: str) -> Timetable | list[Problem]:
    """`timezone` is the workspace's. Gives every problem there is, or the timetable."""
    zone = None if schedule.timezone == USER else timezone if schedule.timezone is None else schedule.timezone
    problems = list(_faults(schedule, "UTC" if zone is None else zone, path))
    if problems:
        return problems
    hours = [int(text[:2]) * 60 + int(text[3:]) for text in schedule.hours]
    return Timetable(
        schedule.start,
        schedule.until,
        frozenset(map(clock.WEEKDAYS.index, schedule.weekdays)),
        (hours[0], hours[1]) if hours else None,
        zone,
    )


def _faults(schedule: Schedule, zone: str, path: str) -> Iterator[Problem]:
    if schedule == Schedule() or schedule == Schedule(timezone=schedule.timezone):
        yield Problem("empty_schedule", path, "the schedule has no date, weekday or hour, so it says nothing", "Add one, or remove it.")
    if clock.zone(zone) is None:
        fix = "Write a name such as Europe/Berlin, or user for the user's own."
        yield Problem("bad_timezone", f"{path}.timezone", f"there is no time zone {zone[:100]!r}", fix)
        return
    bounds = {}
    for word, text in (("from", schedule.start), ("until", schedule.until)):
        if text is not None:
            try:
                bounds[word] = clock.moment(text, zone)
            except ValueError as error:
                yield Problem("bad_date", f"{path}.{word}", str(error), "Write the date in that form.")
    # On the user's clock a bound with an offset stays where it is, while one without moves with the zone.
    mixed = schedule.timezone == USER and len(bounds) == 2 and _moves(schedule.start) is not _moves(schedule.until)
    if len(bounds) == 2 and bounds["from"] >= bounds["until"] + (APART if mixed else 0):
        yield Problem("empty_period", path, "the schedule ends before it begins", "Write `from` before `until`.")
    if len(schedule.hours) == 1 or len(set(schedule.hours)) < len(schedule.hours) or schedule.hours == ["24:00", "00:00"]:
        words = "hours are two different times: when they begin and when they end"
        yield Problem("bad_hours", f"{path}.hours", words, 'Write ["09:00", "17:30"], or over midnight ["22:00", "06:00"].')


def _moves(text: str | None) -> bool:
    """Whether a date that was read means another moment in another zone."""
    return text is not None and clock.moment(text, "Etc/GMT+1") != clock.moment(text, "UTC")


def in_words(schedule: Schedule) -> str:
    """Such as: from 2026-11-27, on mon, fri, 09:00 to 17:30, on the user's clock."""
    parts = [f"from {schedule.start}" if schedule.start else "", f"until {schedule.until}" if schedule.until else ""]
    parts += [f"on {', '.join(schedule.weekdays)}" if schedule.weekdays else "", " to ".join(schedule.hours)]
    parts += ["on the user's clock" if schedule.timezone == USER else f"on the clocks of {schedule.timezone}" if schedule.timezone else ""]
    return ", ".join(part for part in parts if part)
