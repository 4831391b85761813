"""Which value came most often in a window: exact while it has at most 20 different values.

When there are more, a new one takes over the slots of the least frequent, which gives way; so each count is too high by at most that
of the least frequent, and in a window without end a value that makes up more than a 20th of all is never lost. From then on the order of
arrival matters.
Metwally, Agrawal and El Abbadi, "Efficient computation of frequent and top-k elements in data streams" (Space-Saving), ICDT 2005.
"""

from __future__ import annotations

from decisioning.tagging.cells import Value
from decisioning.tagging.limits import FREQUENT
from decisioning.tagging.spans import Span, joined, live, placed

SLOTS = 12
"""Slots of a sliding window here: it reaches back up to a 12th further."""

Frequents = dict[Value, dict[int, int]]
"""Per value, how often it came in each slot."""


def counted(held: Frequents, span: Span, at: float, value: Value) -> Frequents:
    """The counts with one more of a value."""
    slot = span.slot(at)
    newest = max(map(max, held.values()), default=slot)
    if slot < newest - span.reach:
        return held
    kept = _within(held, slot - span.reach) if slot > newest else dict(held)
    slots = kept.get(value)
    if slots is None and len(kept) >= FREQUENT:
        least = min(kept, key=lambda one: (sum(kept[one].values()), _order(one)))
        slots = kept.pop(least)
    kept[value] = placed(slots or {}, span, at, 1, _plus)
    return kept


def most_frequent(held: Frequents, span: Span, now: float) -> Value | None:
    """Of several that came equally often, the first in order. None where nothing came."""
    counts = {value: sum(live(slots, span, now)) for value, slots in held.items()}
    return min((value for value, count in counts.items() if count), key=lambda value: (-counts[value], _order(value)), default=None)


def merged(one: Frequents, other: Frequents, reach: int) -> Frequents:
    """The counts of two states; of more than can be kept, those that came most often."""
    both = {**one, **{value: joined(one.get(value, {}), slots, reach, _plus) for value, slots in other.items()}}
    newest = max(map(max, both.values()), default=0)
    kept = _within(both, newest - reach)
    first = sorted(kept, key=lambda value: (-sum(kept[value].values()), _order(value)))[:FREQUENT]
    return {value: kept[value] for value in first}


def _within(held: Frequents, oldest: int) -> Frequents:
    kept = {value: {slot: count for slot, count in slots.items() if slot >= oldest} for value, slots in held.items()}
    return {value: slots for value, slots in kept.items() if slots}


def _order(value: Value) -> tuple[bool, Value]:
    return isinstance(value, str), value


def _plus(one: int, other: int) -> int:
    return one + other
