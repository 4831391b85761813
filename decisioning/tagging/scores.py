"""Scores: the sum over terms of weight * boost(now) * gain * min(max, x / per), and the band of a score.

x is the term's signal by `take`: the sum, the latest or the highest of its values, decayed to `now` by the score's half-life, or an
aggregate such as `average.10m`, as it is at `now` (0 where there is no value). boost(now) is the product of the factors of the boosts whose
dates hold at `now`. The result is rounded to 9 decimals, so that 0.7 + 0.1 reaches a bound of 0.8.
"""

from __future__ import annotations

import msgspec

from decisioning.tagging.aggregates import Reading, read_of
from decisioning.tagging.decay import Take, level_at
from decisioning.tagging.numbers import Number
from decisioning.tagging.sessions import Session
from decisioning.tagging.state import UserState


class BoostPlan(msgspec.Struct, frozen=True):
    factor: float
    start: float
    until: float


class TermPlan(msgspec.Struct, frozen=True):
    signal: str
    level: str | None
    """Where its x is kept: a level's name, or None for the plain sum, which is the signal's total."""
    reading: Reading | None
    """The aggregate that is its x instead."""
    weight: float
    gain: float
    per: float
    most: float | None
    boosts: tuple[BoostPlan, ...]


class ScorePlan(msgspec.Struct, frozen=True):
    key: str
    half_life: int
    terms: tuple[TermPlan, ...]
    bands: tuple[tuple[float, str], ...]
    """Lower bounds with their names, the highest first."""


def level_name(signal: str, take: Take, half_life: int) -> str | None:
    return f"{signal}|{take}|{half_life}" if half_life or take != "sum" else None


def score(plan: ScorePlan, state: UserState, now: float, session: Session | None) -> float:
    """`session` is the one that is asked in, if there is one."""
    total = 0.0
    for term in plan.terms:
        share = _x(term, plan, state, now, session) / term.per
        if term.most is not None and share > term.most:
            share = term.most
        weight = term.weight
        for boost in term.boosts:
            if boost.start <= now < boost.until:
                weight *= boost.factor
        total += weight * term.gain * share
    return round(total, 9)


def _x(term: TermPlan, plan: ScorePlan, state: UserState, now: float, session: Session | None) -> Number:
    if term.reading is not None:
        value = read_of(term.reading, state, session, now)
        return value if value is not None and not isinstance(value, str) else 0
    if term.level is None:
        return state.totals.get(term.signal, 0)
    return level_at(state.levels.get(term.level), now, plan.half_life)


def band(plan: ScorePlan, value: float) -> str | None:
    """The name of the highest lower bound reached; None below the lowest.

    By the score's first three decimals, so that one that reaches a bound is not below it for having decayed a few milliseconds.
    """
    rounded = round(value, 3)
    for lower, name in plan.bands:
        if rounded >= lower:
            return name
    return None
