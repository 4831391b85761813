"""Moving averages of a signal: of its latest values, and of all of them with weights that fade.

    moving_average.n    the mean of the n values that happened last (fewer while there are fewer)
    smoothed.H          s = sum over j of v_j * 2^-((t - t_j) / H)  /  sum over j of 2^-((t - t_j) / H)

The second is the exponential moving average for values that come at uneven times: half of a value's weight is left after each half-life H.
Both sums fade alike as time passes, so s changes with values only, and a value that comes late has the weight of its own time. It is the
decayed average of Cormode, Shkapenyuk, Srivastava and Xu, "Forward Decay", ICDE 2009. For values at even distances d it is the usual
recursion s' = s + a * (v - s) with a = 1 - 2^-(d / H), once the first value has faded away.
"""

from __future__ import annotations

import msgspec

from decisioning.tagging.decay import HALF_LIVES, Level, joined
from decisioning.tagging.numbers import Number

Latest = list[tuple[float, Number]]
"""The newest values with their times, the oldest first."""


class Smoothed(msgspec.Struct, array_like=True, frozen=True):
    """The two sums, both as of the newest value."""

    values: Level
    weights: Level


def latest(held: Latest, most: int, at: float, value: Number) -> Latest:
    return sorted([*held, (at, value)])[-most:]


def mean_of(held: Latest) -> float:
    return sum(value for _, value in held) / len(held)


def smoothed(held: Smoothed | None, half_life: int, at: float, value: Number) -> Smoothed:
    """The sums with a value in them."""
    values, weights = (held.values, held.weights) if held else (None, None)
    return Smoothed(joined(values, "sum", value, at, half_life), joined(weights, "sum", 1, at, half_life))


def merged(one: Smoothed, other: Smoothed, half_life: int) -> Smoothed:
    """The sums of two states."""
    values, weights = other.values, other.weights
    return Smoothed(
        joined(one.values, "sum", values.value, values.at, half_life), joined(one.weights, "sum", weights.value, weights.at, half_life)
    )


def level_of(held: Smoothed, half_life: int, now: float) -> float | None:
    """The average; None when all of it has faded away."""
    if now - held.weights.at > HALF_LIVES * half_life:
        return None
    return held.values.value / held.weights.value
