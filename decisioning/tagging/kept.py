"""What a state keeps of signals beside sums, each under `<signal>|<keeper>|<window>`: a name says how to join and when to forget."""

from __future__ import annotations

from collections.abc import Callable, Container
from copy import copy
from functools import lru_cache
from typing import Any, Literal, TypeVar

import msgspec

from decisioning.tagging import cells, frequents, ranks, smoothing, uniques
from decisioning.tagging.cells import Ends, Tally
from decisioning.tagging.decay import HALF_LIVES
from decisioning.tagging.frequents import Frequents
from decisioning.tagging.limits import VALUES
from decisioning.tagging.ranks import Ranks
from decisioning.tagging.smoothing import Latest, Smoothed
from decisioning.tagging.spans import Span, joined, span
from decisioning.tagging.uniques import Uniques
from decisioning.tagging.windows import MOST

Keeper = Literal["tallies", "ends", "uniques", "frequents", "latest", "smoothed", "ranks"]
SLOTS: dict[Keeper, int] = {"tallies": MOST, "ends": frequents.SLOTS, "uniques": MOST, "frequents": frequents.SLOTS}
"""Slots of a sliding window, for the keepers that have windows."""

T = TypeVar("T")


class Kept(msgspec.Struct, array_like=True):
    """By keeper and name. A draft's own copy may be written to; the dicts in it are replaced, never changed."""

    tallies: dict[str, dict[int, Tally]] = {}
    ends: dict[str, dict[int, Ends]] = {}
    uniques: dict[str, Uniques] = {}
    frequents: dict[str, Frequents] = {}
    latest: dict[str, Latest] = {}
    smoothed: dict[str, Smoothed] = {}
    ranks: dict[str, Ranks] = {}


KEEPERS: tuple[Keeper, ...] = ("tallies", "ends", "uniques", "frequents", "latest", "smoothed", "ranks")


def has_room(kept: Kept, defined: Container[str]) -> bool:
    """Whether one more thing fits. Only when full, what no live definition names makes room first."""
    if _count(kept) < VALUES:
        return True
    for keeper in KEEPERS:
        setattr(kept, keeper, {name: held for name, held in getattr(kept, keeper).items() if name in defined})
    return _count(kept) < VALUES


def live(kept: Kept | None, now: float, zone: str) -> Kept | None:
    """Without what can't be read any more: windows that are empty and averages that have faded away."""
    if kept is None:
        return None
    found = Kept(
        tallies={name: held for name, held in kept.tallies.items() if _reaches("tallies", name, zone, held, now)},
        ends={name: held for name, held in kept.ends.items() if _reaches("ends", name, zone, held, now)},
        uniques={name: held for name, held in kept.uniques.items() if _reaches("uniques", name, zone, held.values(), now)},
        frequents={
            name: held
            for name, held in kept.frequents.items()
            if any(_reaches("frequents", name, zone, slots, now) for slots in held.values())
        },
        latest=kept.latest,
        smoothed={name: held for name, held in kept.smoothed.items() if now - held.weights.at <= HALF_LIVES * int(_last(name))},
        ranks=kept.ranks,
    )
    return found if _count(found) else None


def merged(one: Kept | None, other: Kept | None, defined: Container[str]) -> tuple[Kept | None, int]:
    """What two states keep, in one, as if all had come to one of them; and how much of it there was no room for."""
    if one is None or other is None:
        return copy(one or other), 0
    both = Kept(
        tallies=_both(one.tallies, other.tallies, lambda name, a, b: joined(a, b, _span("tallies", name).reach, cells.tallied)),
        ends=_both(one.ends, other.ends, lambda name, a, b: joined(a, b, _span("ends", name).reach, cells.ended)),
        uniques=_both(one.uniques, other.uniques, lambda name, a, b: uniques.merged(a, b, _span("uniques", name).reach)),
        frequents=_both(one.frequents, other.frequents, lambda name, a, b: frequents.merged(a, b, _span("frequents", name).reach)),
        latest=_both(one.latest, other.latest, lambda name, a, b: sorted([*a, *b])[-int(_last(name)) :]),
        smoothed=_both(one.smoothed, other.smoothed, lambda name, a, b: smoothing.merged(a, b, int(_last(name)))),
        ranks=_both(one.ranks, other.ranks, lambda _, a, b: ranks.joined(a, b)),
    )
    surplus = 0 if has_room(both, defined) else _count(both) - VALUES
    for keeper in reversed(KEEPERS):
        held = getattr(both, keeper)
        more = max(0, _count(both) - VALUES)
        setattr(both, keeper, dict([*held.items()][: max(0, len(held) - more)]))
    return both, surplus


def _both(one: dict[str, T], other: dict[str, T], join: Callable[[str, T, T], T]) -> dict[str, T]:
    return {**one, **{name: join(name, one[name], held) if name in one else held for name, held in other.items()}}


def _reaches(keeper: Keeper, name: str, zone: str, slots: Any, now: float) -> bool:
    return max(slots, default=-1) >= _span(keeper, name, zone).oldest(now)


@lru_cache(maxsize=4096)
def _span(keeper: Keeper, name: str, zone: str = "UTC") -> Span:
    last = _last(name)
    return span(f"{last}s" if last.isdecimal() else last, zone, SLOTS[keeper])


def _last(name: str) -> str:
    return name.rpartition("|")[2]


def _count(kept: Kept) -> int:
    return sum(len(getattr(kept, keeper)) for keeper in KEEPERS)
