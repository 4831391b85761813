"""Where things stand in small pictures of numbers: bars, bands, marks, dots and lines. Numbers only; templates write the SVG."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from rules.words import NOTHING, plain

WIDTH, HEIGHT, BASE = 440, 150, 112
"""Of a picture, in its own units; bars stand on BASE, bands and words are beneath."""
BARS = 28
LEFT, RIGHT = 6, 434
Place = Callable[[float], float]
"""Where a number stands from left to right."""


class Bar(NamedTuple):
    x: float
    y: float
    width: float
    height: float
    look: str
    words: str


class Mark(NamedTuple):
    """An upright line. `anchor`: on which side its words stand."""

    x: float
    look: str
    words: str
    anchor: str
    y: float


class Tick(NamedTuple):
    x: float
    words: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Picture:
    bars: list[Bar] = field(default_factory=list)
    bands: list[Bar] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    ticks: list[Tick] = field(default_factory=list)
    dots: list[tuple[float, float]] = field(default_factory=list)
    line: str = ""
    width: int = WIDTH
    height: int = HEIGHT
    base: int = BASE


def ordered(bands: Mapping[str, float]) -> list[tuple[str, float]]:
    """From the lowest to the highest."""
    return sorted(bands.items(), key=lambda band: band[1])


def band_of(bands: Sequence[tuple[str, float]], value: float) -> int:
    """The number of the highest band reached, from 0 on; -1 below all."""
    return max((number for number, (_, bound) in enumerate(bands) if value >= bound), default=-1)


def span(numbers: Sequence[float]) -> tuple[float, float]:
    """A little more than from the least to the greatest."""
    low, high = min(numbers, default=0.0), max(numbers, default=1.0)
    if low == high:
        low, high = low - 0.5, high + 0.5
    room = (high - low) * 0.06
    return low - room, high + room


def distribution(values: Sequence[float], bands: Mapping[str, float], marks: Sequence[tuple[float, str, str]] = ()) -> Picture:
    """How many users have which value, over the bands; `marks` are numbers with their look and words."""
    rising = ordered(bands)
    low, high = span([*values, *(bound for _, bound in rising), *(at for at, _, _ in marks)])
    place = _placed(low, high)
    width = (high - low) / BARS
    counts = [0] * BARS
    for value in values:
        counts[min(int((value - low) / width), BARS - 1)] += 1
    most = max(counts, default=0) or 1
    bars = []
    for number, count in enumerate(counts):
        if count:
            start = low + number * width
            height = round((BASE - 26) * count / most, 1)
            look = f"band-{(band_of(rising, start + width / 2) + 1) % 6}" if rising else "band-2"
            words = f"{count} from {number_said(start)} to {number_said(start + width)}"
            bars.append(Bar(place(start), round(BASE - height, 1), round(place(start + width) - place(start) - 1, 1), height, look, words))
    return Picture(bars, _bands(rising, low, high, place), _marks(marks, place), _ticks(low, high, place))


def _placed(low: float, high: float) -> Place:
    return lambda value: round(LEFT + (RIGHT - LEFT) * (value - low) / (high - low), 1)


def _bands(rising: Sequence[tuple[str, float]], low: float, high: float, place: Place) -> list[Bar]:
    found = []
    for number, (name, bound) in enumerate(rising):
        start = max(bound, low)
        end = rising[number + 1][1] if number + 1 < len(rising) else high
        if end > start:
            found.append(Bar(place(start), BASE + 2, round(place(end) - place(start), 1), 16, f"band-{(number + 1) % 6}", name))
    return found


def _marks(marks: Sequence[tuple[float, str, str]], place: Place) -> list[Mark]:
    return [
        Mark(place(at), look, words, "end" if place(at) > WIDTH * 0.6 else "start", 10 + 13 * number)
        for number, (at, look, words) in enumerate(sorted(marks))
    ]


def _ticks(low: float, high: float, place: Place) -> list[Tick]:
    step = nice((high - low) / 5)
    first = math.ceil(low / step)
    numbers = [(first + each) * step for each in range(int((high - low) / step) + 1)]
    return [
        Tick(place(one), number_said(one), "start" if place(one) < 20 else "end" if place(one) > RIGHT - 20 else "middle")
        for one in numbers
        if one <= high
    ]


def over_time(dots: Sequence[tuple[float, float]], line: Sequence[tuple[float, float]], start: float, end: float) -> Picture:
    """Values against time, both ends given in seconds, and a number that followed them."""
    low, high = span([value for _, value in (*dots, *line)])

    def place(at: float, value: float) -> tuple[float, float]:
        across = LEFT + (RIGHT - LEFT) * (at - start) / ((end - start) or 1)
        return round(across, 1), round(12 + (BASE - 12) * (high - value) / (high - low), 1)

    drawn = " ".join(f"{x},{y}" for x, y in (place(*one) for one in line))
    grades = [Tick(place(start, one)[1], number_said(one), "start") for one in (low + (high - low) * 0.1, low + (high - low) * 0.9)]
    return Picture(dots=[place(*one) for one in dots], line=drawn, ticks=grades)


def nice(step: float) -> float:
    """1, 2 or 5 times a power of ten, the next one up."""
    power = 10 ** math.floor(math.log10(step)) if step > 0 else 1.0
    return next(power * one for one in (1, 2, 5, 10) if power * one >= step * 0.999)


def number_said(number: float) -> str:
    return plain(float(f"{number:.4g}"))


def share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else NOTHING
