"""The windows values are kept in, as numbered slots: sliding ones, calendar ones, and those that hold everything in one slot.

A slot counts at a moment when its number is at least the span's oldest one then. Sliding windows are as in windows.py. A calendar
window has one slot per day, week or month of its time zone, of which only the newest is kept: today's values are gone tomorrow.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec

from decisioning.tagging.windows import MOST
from rules.engine import durations
from rules.engine.aggregates import PERIODS
from rules.engine.clock import local

Cell = TypeVar("Cell")


class Span(msgspec.Struct, frozen=True):
    """`text` is the window as it is asked for: `1h`, `this_week`, `session`, `total`. `name` is the same for equal lengths."""

    text: str
    name: str
    reach: int = 0
    """How many slots count before the one now filling."""
    width: float = 0.0
    zone: str = "UTC"

    @property
    def of_session(self) -> bool:
        return self.text == "session"

    def slot(self, at: float) -> int:
        """The number of the slot a moment falls into."""
        if self.width:
            return int(at // self.width)
        return _period(self.text, at, self.zone) if self.text in PERIODS else 0

    def oldest(self, now: float) -> int:
        """The oldest slot that counts."""
        return self.slot(now) - self.reach


def span(text: str, zone: str, most: int = MOST) -> Span:
    """`most` slots at most for a sliding window. Raises ValueError for a text that is no window."""
    if text in PERIODS or text in ("session", "total"):
        return Span(text, text, zone=zone)
    seconds = durations.seconds(text)
    slots = min(most, seconds)
    return Span(text, str(seconds), slots, seconds / slots)


def placed(held: dict[int, Cell], span: Span, at: float, cell: Cell, join: Callable[[Cell, Cell], Cell]) -> dict[int, Cell]:
    """The slots with a cell in that of its moment. What lies out of reach of the newest slot is dropped: no later read needs it."""
    slot = span.slot(at)
    if slot in held:
        return {**held, slot: join(held[slot], cell)}
    newest = max(held, default=slot)
    if slot < newest - span.reach:
        return held
    if slot > newest:
        held = {number: one for number, one in held.items() if number >= slot - span.reach}
    return {**held, slot: cell}


def joined(one: dict[int, Cell], other: dict[int, Cell], reach: int, join: Callable[[Cell, Cell], Cell]) -> dict[int, Cell]:
    """The slots of two states in one."""
    both = {**one, **{slot: join(one[slot], cell) if slot in one else cell for slot, cell in other.items()}}
    newest = max(both, default=0)
    return {slot: both[slot] for slot in sorted(both) if slot >= newest - reach}


def live(held: dict[int, Cell], span: Span, now: float) -> list[Cell]:
    """The cells that count, the oldest first."""
    oldest = span.oldest(now)
    return [held[slot] for slot in sorted(held) if slot >= oldest]


def _period(kind: str, at: float, zone: str) -> int:
    """The number of the day, of the week (from Monday on) or of the month, on the clocks of the zone."""
    moment = local(at, zone) or local(at, "UTC")
    if moment is None:
        return 0
    if kind == "this_month":
        return moment.year * 12 + moment.month - 1
    day = moment.toordinal()
    return day if kind == "today" else (day - 1) // 7
