"""How many different values there are in a window: exact up to 100 of them; 100 stands for 100 or more.

Of each value the newest slot it came in is kept, and of the values those that came last. So whatever the order of arrival, what is read is
the lesser of 100 and the true number, to the width of a slot. Values are told apart by 8 bytes of their BLAKE2b hash.
"""

from __future__ import annotations

from hashlib import blake2b

from decisioning.tagging.cells import Value
from decisioning.tagging.limits import UNIQUE
from decisioning.tagging.spans import Span

Uniques = dict[int, int]
"""Per hash, the newest slot it was seen in."""


def seen(held: Uniques, span: Span, at: float, value: Value) -> Uniques:
    """The values with one more among them."""
    slot, key = span.slot(at), _digest(value)
    if held.get(key, slot - 1) >= slot:
        return held
    return bounded({**held, key: slot}, span.reach)


def unique(held: Uniques, span: Span, now: float) -> int:
    oldest = span.oldest(now)
    return sum(slot >= oldest for slot in held.values())


def merged(one: Uniques, other: Uniques, reach: int) -> Uniques:
    """The values of two states."""
    return bounded({**one, **{key: max(slot, one.get(key, slot)) for key, slot in other.items()}}, reach)


def bounded(held: Uniques, reach: int) -> Uniques:
    """Less what is out of reach of the newest, and the oldest where there are too many."""
    oldest = max(held.values(), default=0) - reach
    kept = {key: slot for key, slot in held.items() if slot >= oldest}
    if len(kept) > UNIQUE:
        last = sorted(((slot, key) for key, slot in kept.items()), reverse=True)[:UNIQUE]
        kept = {key: slot for slot, key in last}
    return kept


def _digest(value: Value) -> int:
    text = f"t{value}" if isinstance(value, str) else f"n{float(value)!r}"
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest())
