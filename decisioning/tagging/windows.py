"""Sliding windows as buckets: a window of W seconds is at most 60 buckets of W/60 (never under a second) and the one now filling.

Read at a time not before its newest event, a window holds every event of the last W and none older than W + W/60, whatever the order
of arrival.
"""

from __future__ import annotations

from functools import lru_cache

import msgspec

from decisioning.tagging.numbers import Number, plus

MOST = 60

Buckets = dict[int, Number]


class Window(msgspec.Struct, frozen=True):
    seconds: int
    buckets: int
    width: float


@lru_cache(maxsize=4096)
def window(seconds: int) -> Window:
    buckets = min(MOST, seconds)
    return Window(seconds, buckets, seconds / buckets)


def added(held: Buckets | None, window: Window, at: float, value: Number) -> Buckets:
    """The buckets with the value in the one of its time. What lies a window behind the newest is dropped: no later read needs it."""
    bucket = int(at // window.width)
    if not held:
        return {bucket: value}
    if bucket in held:
        return {**held, bucket: plus(held[bucket], value)}
    newest = max(held)
    if bucket > newest:
        oldest = bucket - window.buckets
        kept = {number: amount for number, amount in held.items() if number >= oldest}
        kept[bucket] = value
        return kept
    return {**held, bucket: value} if bucket >= newest - window.buckets else held


def joined(one: Buckets, other: Buckets, window: Window) -> Buckets:
    """The buckets of two users who are one."""
    oldest = max(*one, *other) - window.buckets if one or other else 0
    both = {number: amount for number, amount in one.items() if number >= oldest}
    for number, amount in other.items():
        if number >= oldest:
            both[number] = plus(both[number], amount) if number in both else amount
    return both


def total(held: Buckets | None, window: Window, now: float) -> Number:
    if not held:
        return 0
    oldest = int(now // window.width) - window.buckets
    if min(held) >= oldest:  # the usual case by far, and ten times as fast
        return sum(held.values())
    return sum(amount for number, amount in held.items() if number >= oldest)


def newest(held: Buckets, window: Window) -> float:
    """The time at which the newest bucket begins."""
    return max(held) * window.width


def is_over(held: Buckets, window: Window, now: float) -> bool:
    """Whether every bucket has left the window for good."""
    return max(held) < int(now // window.width) - window.buckets
