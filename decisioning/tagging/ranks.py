"""The percentile of the newest value among all of a session: the share below it and half the share equal to it, from 0 to 100.

Exact up to 50 values. Above, values are counted in the buckets of a log scale with an accuracy of 5 %: values less than 10.6 % apart may
count as equal, magnitudes below 0.001 as 0, above 10^9 as that. Sketches of two parts of the values join to that of all, in any order.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

import msgspec

from decisioning.tagging.limits import RANKED
from decisioning.tagging.logscale import LogScale
from decisioning.tagging.numbers import Number

SCALE = LogScale(accuracy=0.05, least=1e-3, most=1e9)


class Ranks(msgspec.Struct, array_like=True, frozen=True):
    at: float
    newest: Number
    exact: list[Number] = []
    """All values in order, while they are few; then none."""
    buckets: dict[int, int] = {}


def ranks_of(at: float, value: Number) -> Ranks:
    return Ranks(at, value, [value])


def joined(one: Ranks, other: Ranks) -> Ranks:
    at, newest = max((one.at, one.newest), (other.at, other.newest))
    if not one.buckets and not other.buckets and len(one.exact) + len(other.exact) <= RANKED:
        return Ranks(at, newest, sorted([*one.exact, *other.exact]))
    buckets = dict(one.buckets)
    _add(buckets, other.buckets.items())
    _add(buckets, ((SCALE.index(value), 1) for value in (*one.exact, *other.exact)))
    return Ranks(at, newest, [], dict(sorted(buckets.items())))


def percentile(ranks: Ranks) -> float:
    if ranks.exact:
        below, upto, count = bisect_left(ranks.exact, ranks.newest), bisect_right(ranks.exact, ranks.newest), len(ranks.exact)
    else:
        bucket = SCALE.index(ranks.newest)
        below = sum(held for index, held in ranks.buckets.items() if index < bucket)
        upto, count = below + ranks.buckets.get(bucket, 0), sum(ranks.buckets.values())
    return 50.0 * (below + upto) / count


def _add(buckets: dict[int, int], more: Iterable[tuple[int, int]]) -> None:
    for bucket, count in more:
        buckets[bucket] = buckets.get(bucket, 0) + count
