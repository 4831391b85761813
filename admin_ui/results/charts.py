"""Small charts, drawn by the server: where each bar of an SVG stands. Numbers and texts only; a template writes the picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

WIDTH, HEIGHT = 720, 180
LEFT, BELOW, ABOVE = 44, 24, 16
GAP = 0.22
"""Of each bar's place, what stays empty."""


class Series(NamedTuple):
    """`look`: the class that colours it."""

    name: str
    look: str
    values: Sequence[int]


class Bar(NamedTuple):
    x: str
    y: str
    width: str
    height: str
    look: str
    words: str


class Line(NamedTuple):
    y: str
    text_y: str
    words: str


class Label(NamedTuple):
    x: str
    anchor: str
    words: str


@dataclass(frozen=True, slots=True)
class Chart:
    bars: list[Bar]
    lines: list[Line]
    labels: list[Label]
    series: Sequence[Series]
    rows: list[tuple[str, list[int]]]
    """The same as a table."""
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    label_y: int = HEIGHT - 6

    @property
    def empty(self) -> bool:
        return not self.bars


def stacked(names: Sequence[str], series: Sequence[Series]) -> Chart:
    """One bar for each name, the series' values on top of each other."""
    top = ceiling(max((sum(values) for values in zip(*(one.values for one in series), strict=True)), default=0))
    room, place = HEIGHT - BELOW - ABOVE, (WIDTH - LEFT) / max(1, len(names))
    bars = []
    for index, name in enumerate(names):
        base = HEIGHT - BELOW
        for one in series:
            tall = one.values[index] / top * room
            if tall:
                words = f"{name}: {one.values[index]:,} {one.name}"
                x = LEFT + place * (index + GAP / 2)
                bars.append(Bar(_at(x), _at(base - tall), _at(place * (1 - GAP)), _at(tall), one.look, words))
            base -= tall
    lines = [_line(top * share, HEIGHT - BELOW - room * share) for share in (0, 0.5, 1)]
    rows = [(name, [one.values[index] for one in series]) for index, name in enumerate(names)]
    return Chart(bars, lines, list(_labels(names, place)), series, rows)


def ceiling(highest: int) -> int:
    """The round even number at or above it that the scale ends with."""
    if highest <= 2:
        return 2
    unit = 10 ** int(math.log10(highest))
    return next(int(step * unit) for step in (1, 2, 4, 6, 8, 10) if step * unit >= highest) if unit > 1 else highest + highest % 2


def _line(value: float, y: float) -> Line:
    return Line(_at(y), _at(y + 4), f"{value:,.0f}")


def _labels(names: Sequence[str], place: float) -> list[Label]:
    """The first, one in the middle and the last: more would run into each other on a telephone."""
    if not names:
        return []
    last, middle = len(names) - 1, len(names) // 2
    found = [Label(_at(LEFT), "start", names[0])]
    if last > 1:
        found.append(Label(_at(LEFT + place * (middle + 0.5)), "middle", names[middle]))
    return [*found, Label(_at(WIDTH), "end", names[last])] if last else found


def spark(values: Sequence[int], *, width: int = 120, height: int = 28) -> str:
    """The points of a line through the values, for a polyline in a box of this size."""
    top, step = max(values, default=0) or 1, width / max(1, len(values) - 1)
    return " ".join(f"{_at(step * index)},{_at(height - 2 - value / top * (height - 4))}" for index, value in enumerate(values))


def _at(value: float) -> str:
    return f"{value:.1f}"
