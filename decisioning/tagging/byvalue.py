"""Counts and sums of each value by itself: three clicks in the same category, half a minute on the same product.

The ten values that came last are counted. Counts keep up to 20 times to the millisecond, sums 12 buckets, which reach back up to a 12th
further.
"""

from __future__ import annotations

from decisioning.tagging import limits, windows
from decisioning.tagging.definitions import Definitions
from decisioning.tagging.event import Event
from decisioning.tagging.numbers import plus
from decisioning.tagging.paths import find
from decisioning.tagging.repeats import counted
from decisioning.tagging.state import UserState
from decisioning.tagging.tagplans import RepeatPlan
from decisioning.tagging.tallies import ignore
from decisioning.tagging.windows import Buckets

Grouped = dict[str, dict[str, Buckets]]


def reached(draft: UserState, repeat: RepeatPlan, event: Event, at: float, definitions: Definitions) -> tuple[float, str] | None:
    """The newest time and the value once there is enough of the event's own value, None while there is too little."""
    key, added = value_of(find(event.properties, repeat.by or "")), counted(repeat, event)
    if key is None or added is None:
        return None
    draft.grouped = dict(draft.grouped)
    values = dict(draft.grouped.get(repeat.name, {}))
    if not values and not limits.has_room(draft.grouped, limits.GROUPED, definitions.progress):
        ignore(draft, "grouped")
        return None
    held = values.pop(key, None)
    if repeat.window is None:
        buckets: Buckets = {0: plus((held or {}).get(0, 0), added)}
        newest, total = at, buckets[0]
    else:
        buckets = _newest(windows.added(held, repeat.window, at, added))
        newest = max(at, windows.newest(buckets, repeat.window))
        oldest = max(buckets) - repeat.window.buckets  # by the numbers: a time need not round to the bucket it came from
        total = sum(amount for number, amount in buckets.items() if number >= oldest)
    if len(values) >= limits.GROUPED_VALUES:
        del values[next(iter(values))]
    draft.grouped[repeat.name] = {**values, key: buckets}
    return (newest, key) if total >= repeat.at_least else None


def joined(one: Grouped, other: Grouped) -> Grouped:
    """The counts of two users who become one: those of the first are taken to have come last."""
    both: Grouped = {}
    for name in [*dict.fromkeys([*one, *other])][: limits.GROUPED]:
        values = {value: dict(buckets) for value, buckets in other.get(name, {}).items()}
        for value, buckets in one.get(name, {}).items():
            held = values.pop(value, {})
            values[value] = _newest({number: plus(held.get(number, 0), buckets.get(number, 0)) for number in {**held, **buckets}})
        both[name] = {value: values[value] for value in [*values][-limits.GROUPED_VALUES :]}
    return both


def value_of(told: object) -> str | None:
    """A text or number that can be counted by; nothing else can."""
    if isinstance(told, str):
        return limits.clip(told, limits.GROUPED_VALUE_BYTES)
    if isinstance(told, int | float) and not isinstance(told, bool):
        return limits.clip(str(told), limits.GROUPED_VALUE_BYTES)
    return None


def _newest(buckets: Buckets) -> Buckets:
    if len(buckets) <= limits.EXACT:
        return buckets
    return {number: buckets[number] for number in sorted(buckets)[-limits.EXACT :]}
