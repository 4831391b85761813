"""A month as weeks of bars: what holds on neighbouring days is one bar, and what holds at the same time lies on another line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from admin_ui.calendar.entries import Entry
from rules.months import DAY, Month

LINES = 10
"""Of a week; what has no place on them is listed day by day."""
Bar = tuple[int, int, Entry]
"""The first and the last weekday, and what of."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One bar, or an empty day; `begins` and `ends`: whether there is nothing of it on the day before, and on the one after."""

    width: int = 1
    entry: Entry | None = None
    begins: bool = False
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Week:
    days: list[date]
    lines: list[list[Cell]]
    more: int
    """Entries that the lines have no place for."""


def weeks(held: Sequence[tuple[Entry, frozenset[date]]], month: Month) -> list[Week]:
    """`held`: each entry with the days of the month it is drawn on. The first ones are drawn first."""
    return [_week(days, held) for days in month.weeks]


def _week(days: list[date], held: Sequence[tuple[Entry, frozenset[date]]]) -> Week:
    lines: list[list[Bar]] = []
    more = 0
    for entry, on in held:
        bars = [(first, last, entry) for first, last in _runs([index for index, day in enumerate(days) if day in on])]
        if not bars:
            continue
        line = next((one for one in lines if not _meet(one, bars)), None)
        if line is None and len(lines) < LINES:
            lines.append(line := [])
        if line is None:
            more += 1
        else:
            line += bars
    return Week(days, [_cells(days, line) for line in lines], more)


def _runs(indices: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The first and the last of each row of neighbours."""
    breaks = [(before, after) for before, after in pairwise(indices) if after > before + 1]
    if indices:
        yield from zip([indices[0], *(after for _, after in breaks)], [*(before for before, _ in breaks), indices[-1]], strict=True)


def _meet(line: Sequence[Bar], bars: Sequence[Bar]) -> bool:
    return any(one[0] <= other[1] and other[0] <= one[1] for one in line for other in bars)


def _cells(days: list[date], line: Sequence[Bar]) -> list[Cell]:
    cells, at = [], 0
    for first, last, entry in sorted(line, key=lambda bar: bar[0]):
        begins, ends = (not entry.span.holds_on(day) for day in (days[first] - DAY, days[last] + DAY))
        cells += [*[Cell()] * (first - at), Cell(last - first + 1, entry, begins, ends)]
        at = last + 1
    return cells + [Cell()] * (7 - at)
