"""Values that fade: half of one is left after each half-life H.

    sum    x(t) = sum over events j of  v_j * 2^-((t - t_j) / H)      a leaky accumulator
    last   x(t) = v_n * 2^-((t - t_n) / H)                            n is the newest event
    max    x(t) = max over events j of  v_j * 2^-((t - t_j) / H)

Because 2^-((t - t_j) / H) = 2^-((t - s) / H) * 2^-((s - t_j) / H), one number and the time s it holds at stand for all events, and an
event that comes late is faded to s and joins as if it had come in time: order of arrival doesn't matter (for `last`: with distinct times).
This is exponential forward decay: Cormode, Shkapenyuk, Srivastava and Xu, "Forward Decay", ICDE 2009.
Without a half-life nothing fades.
"""

from __future__ import annotations

from math import exp2
from typing import Literal

import msgspec

from decisioning.tagging.numbers import Number, plus

Take = Literal["sum", "last", "max"]
TAKES: tuple[Take, ...] = ("sum", "last", "max")

HALF_LIVES = 100
"""After so many nothing is left of the largest value (1e15 * 2^-100 < 1e-15). By age, not by value: a fresh 0 still says what came last."""


class Level(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A fading value and the time it holds at."""

    value: Number
    at: float


def faded(value: Number, elapsed: float, half_life: float) -> Number:
    """What is left of the value. Time never runs backwards: a read before the value's own time gives the value, not more."""
    if not half_life or elapsed <= 0:
        return value
    return value * exp2(-elapsed / half_life)


def level_at(level: Level | None, now: float, half_life: float) -> Number:
    return faded(level.value, now - level.at, half_life) if level else 0


def joined_levels(one: Level, other: Level, take: Take, half_life: float) -> Level:
    """The level of two users who are one. Where two are equal, what decides is the value or else the time, so that their order doesn't."""
    if take == "last":
        return max(one, other, key=lambda level: (level.at, level.value))
    if take == "max":
        meet = max(one.at, other.at)
        return max(one, other, key=lambda level: (faded(level.value, meet - level.at, half_life), level.at))
    return joined(one, take, other.value, other.at, half_life)


def joined(level: Level | None, take: Take, value: Number, at: float, half_life: float) -> Level:
    """The level once the event's value is in it."""
    if level is None:
        return Level(value, at)
    late = at < level.at
    if take == "last":
        return level if late else Level(value, at)
    if take == "max":
        meet = max(at, level.at)
        return Level(value, at) if faded(value, meet - at, half_life) > faded(level.value, meet - level.at, half_life) else level
    if late:
        return Level(plus(level.value, faded(value, level.at - at, half_life)), level.at)
    return Level(plus(faded(level.value, at - level.at, half_life), value), at)
