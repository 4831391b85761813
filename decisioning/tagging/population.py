"""What all users' values of a signal come to, for thresholds that follow them: moments and a histogram, in which old values fade.

A value's weight halves with each half-life. With all weights w_j as of the newest time, the moments are

    W = sum w_j        m = sum w_j x_j / W        S = sum w_j (x_j - m)^2        deviation = sqrt(S / W)

Fading multiplies W and S and leaves m. A value of weight w joins by  W' = W + w,  m' = m + w (x - m) / W',  S' = S + w (x - m)(x - m')
(West, CACM 22, 1979), and two populations by  m = m_a + d W_b / W,  S = S_a + S_b + d^2 W_a W_b / W  with d = m_b - m_a  (Chan, Golub
and LeVeque, 1979): in any order, up to rounding. The histogram has the buckets of a log scale with an accuracy of 2 %.

Each partition of the log keeps a document of its own, so that nothing is counted twice; whoever reads merges them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import exp2, sqrt
from typing import Literal

import msgspec

from decisioning.tagging.logscale import LogScale
from decisioning.tagging.numbers import tidy

SCHEMA = 1
FORGOTTEN = 1e-3
"""Weights below it are nothing: so a population that nobody adds to ends, and its document with it."""
SCALE = LogScale(accuracy=0.02, least=1e-6, most=1e12)

Measure = Literal["moments", "histogram"]
Sample = tuple[str, float]
"""What is watched (`sample_name`) and a value of it."""


class Moments(msgspec.Struct, array_like=True, frozen=True, gc=False):
    at: float
    weight: float
    mean: float
    spread: float


class Histogram(msgspec.Struct, array_like=True, frozen=True):
    at: float
    buckets: dict[int, float]


class Population(msgspec.Struct, array_like=True, frozen=True):
    """By what is watched."""

    schema: int = SCHEMA
    moments: dict[str, Moments] = {}
    histograms: dict[str, Histogram] = {}


class ThresholdPlan(msgspec.Struct, frozen=True):
    """A named number. `watched` is empty for a fixed one, whose value is all there is."""

    value: float
    watched: str = ""
    k: float | None = None
    percentile: float | None = None
    half_life: int = 0
    at_least: float = 0.0
    least: float | None = None
    most: float | None = None


_encode = msgspec.msgpack.Encoder().encode
_decoder = msgspec.msgpack.Decoder(Population)


def sample_name(signal: str, measure: Measure, half_life: int) -> str:
    """What a threshold watches; those that ask for the same share it."""
    return f"{signal}|{measure}|{half_life}"


def absorb(document: bytes | None, samples: Sequence[Sample], now: float) -> bytes:
    """A partition's document with the samples that came at `now`. One that can't be read is begun anew: it fills again by itself."""
    held = _read(document)
    moments, histograms = dict(held.moments), dict(held.histograms)
    opened: dict[str, Histogram] = {}
    for name, value in samples:
        half_life = _half_life(name)
        if name.rsplit("|", 2)[1] == "moments":
            moments[name] = _met(moments.get(name), value, now, half_life)
            continue
        if name not in opened:
            faded = _faded(histograms.get(name, Histogram(now, {})), now, half_life)
            opened[name] = histograms[name] = Histogram(faded.at, dict(faded.buckets))
        histogram, bucket = opened[name], SCALE.index(value)
        weight = _left(histogram.at - now, half_life)  # 1, or less where another batch was later
        histogram.buckets[bucket] = histogram.buckets.get(bucket, 0.0) + weight
    return _encode(
        Population(
            SCHEMA,
            {name: one for name, one in moments.items() if _moments_at(one, now, _half_life(name)).weight >= FORGOTTEN},
            {name: one for name, one in histograms.items() if _weight(_faded(one, now, _half_life(name))) >= FORGOTTEN},
        )
    )


def merge(documents: Iterable[bytes | None]) -> Population:
    """The documents of all partitions as one population."""
    merged = Population()
    for document in documents:
        merged = joined(merged, _read(document))
    return merged


def joined(one: Population, other: Population) -> Population:
    moments, histograms = dict(one.moments), dict(one.histograms)
    for name, theirs in other.moments.items():
        moments[name] = _together(moments[name], theirs, _half_life(name)) if name in moments else theirs
    for name, shown in other.histograms.items():
        histograms[name] = _added(histograms[name], shown, _half_life(name)) if name in histograms else shown
    return Population(SCHEMA, moments, histograms)


def threshold(plan: ThresholdPlan, population: Population, now: float) -> float:
    """The number now, to 5 digits: the threshold's own value for a fixed one, and while there is too little to follow."""
    found = followed(plan, population, now) if plan.watched else None
    if found is None:
        return plan.value
    found = float(f"{found:.5g}")
    if plan.least is not None:
        found = max(found, plan.least)
    return tidy(found if plan.most is None else min(found, plan.most))


def thresholds(plans: Mapping[str, ThresholdPlan], population: Population, now: float) -> dict[str, float]:
    """By key, the adaptive ones among them as they are now."""
    return {key: threshold(plan, population, now) for key, plan in plans.items() if plan.watched}


def followed(plan: ThresholdPlan, population: Population, now: float) -> float | None:
    """What it follows, whatever its bounds; None below the least sample."""
    if plan.k is not None:
        moments = population.moments.get(plan.watched)
        moments = _moments_at(moments, now, plan.half_life) if moments else None
        if moments is None or moments.weight < plan.at_least:
            return None
        return moments.mean + plan.k * sqrt(moments.spread / moments.weight)
    histogram = population.histograms.get(plan.watched)
    histogram = _faded(histogram, now, plan.half_life) if histogram else None
    if histogram is None or _weight(histogram) < plan.at_least:
        return None
    return _quantile(histogram, (plan.percentile or 50.0) / 100)


def _met(held: Moments | None, value: float, now: float, half_life: int) -> Moments:
    return _together(held, Moments(now, 1.0, float(value), 0.0), half_life) if held else Moments(now, 1.0, float(value), 0.0)


def _together(one: Moments, other: Moments, half_life: int) -> Moments:
    at = max(one.at, other.at)
    a, b = _moments_at(one, at, half_life), _moments_at(other, at, half_life)
    weight = a.weight + b.weight
    if weight <= 0:
        return b
    apart = b.mean - a.mean
    spread = a.spread + b.spread + apart * apart * (a.weight * b.weight / weight)
    return Moments(at, weight, a.mean + apart * (b.weight / weight), spread)


def _moments_at(held: Moments, now: float, half_life: int) -> Moments:
    left = _left(now - held.at, half_life)
    return Moments(max(now, held.at), held.weight * left, held.mean, held.spread * left)


def _added(one: Histogram, other: Histogram, half_life: int) -> Histogram:
    at = max(one.at, other.at)
    a, b = _faded(one, at, half_life), _faded(other, at, half_life)
    return Histogram(at, {**a.buckets, **{bucket: a.buckets.get(bucket, 0.0) + weight for bucket, weight in b.buckets.items()}})


def _faded(held: Histogram, now: float, half_life: int) -> Histogram:
    if now <= held.at:
        return held
    left = _left(now - held.at, half_life)
    return Histogram(now, {bucket: weight * left for bucket, weight in held.buckets.items() if weight * left >= FORGOTTEN / 1_000})


def _left(elapsed: float, half_life: int) -> float:
    return exp2(-elapsed / half_life) if elapsed > 0 else 1.0


def _weight(histogram: Histogram) -> float:
    return sum(histogram.buckets.values())


def _quantile(histogram: Histogram, share: float) -> float:
    """The value of the bucket in which the weights, added up from the lowest value on, reach the share."""
    wanted, passed, last = share * _weight(histogram), 0.0, 0
    for bucket in sorted(histogram.buckets):
        passed += histogram.buckets[bucket]
        last = bucket
        if passed >= wanted:
            break
    return SCALE.value(last)


def _half_life(name: str) -> int:
    return int(name.rpartition("|")[2])


def _read(document: bytes | None) -> Population:
    if document is None:
        return Population()
    try:
        held = _decoder.decode(document)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Population()
    return held if held.schema == SCHEMA else Population()
