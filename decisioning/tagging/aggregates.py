"""Aggregates of signals: which names ask for what to be kept, keeping an event's value, and reading it back.

What nobody asks for is not kept, so the cost of an event grows with the names that ask for its own signals and with nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from decisioning.tagging import cells, frequents, ranks, smoothing, uniques
from decisioning.tagging.cells import Value
from decisioning.tagging.kept import SLOTS, Keeper, Kept
from decisioning.tagging.numbers import Number, tidy
from decisioning.tagging.sessions import Session
from decisioning.tagging.spans import Span, live, placed, span
from decisioning.tagging.state import UserState
from rules.engine.aggregates import AGGREGATES, PERIODS, fits, split
from rules.engine.durations import seconds

KEPT_BY: Mapping[str, Keeper] = {
    **dict.fromkeys(("count", "sum", "average", "min", "max"), "tallies"),
    **dict.fromkeys(("first", "last"), "ends"),
    "unique": "uniques",
    "most_frequent": "frequents",
    "moving_average": "latest",
    "smoothed": "smoothed",
    "percentile": "ranks",
}
ZERO = frozenset({"count", "sum", "unique"})
"""Aggregates that are 0 where there are no values; the others are missing."""


class KeepPlan(msgspec.Struct, frozen=True):
    """One thing to keep of a signal. `number` is how many values, or the half-life in seconds."""

    name: str
    signal: str
    keeper: Keeper
    span: Span
    number: int = 0


class Reading(msgspec.Struct, frozen=True):
    """What one name reads. `text`: the signal reads text."""

    aggregate: str
    keep: KeepPlan
    text: bool


def readings(names: Iterable[str], texts: Mapping[str, bool], zone: str) -> dict[str, Reading]:
    """By name, what is to be read under it. Names of something else, or of no signal, are the document check's to report."""
    found = {name: reading(name, texts, zone) for name in sorted(set(names))}
    return {name: one for name, one in found.items() if one is not None}


def reading(name: str, texts: Mapping[str, bool], zone: str) -> Reading | None:
    """Of `values.<signal>.<aggregate>.<window>`, and of `counts.<signal>.<window>` for calendar windows."""
    kind, _, rest = name.partition(".")
    signal, aggregate, part = split(name)
    if kind == "counts":
        signal, _, part = rest.partition(".")
        aggregate = "sum"
    known = AGGREGATES.get(aggregate)
    if kind not in ("counts", "values") or signal not in texts or known is None or not fits(known, part):
        return None
    if kind == "counts" and part not in PERIODS:
        return None
    if texts[signal] and not known.of_text and kind == "values":
        return None
    return Reading(aggregate, _keep(signal, KEPT_BY[aggregate], part, zone), texts[signal])


def _keep(signal: str, keeper: Keeper, part: str, zone: str) -> KeepPlan:
    if keeper == "latest":
        return KeepPlan(f"{signal}|latest|{part}", signal, keeper, span("total", zone), int(part))
    if keeper == "smoothed":
        half_life = seconds(part)
        return KeepPlan(f"{signal}|smoothed|{half_life}", signal, keeper, span("total", zone), half_life)
    window = span(part, zone, SLOTS.get(keeper, 1))
    return KeepPlan(f"{signal}|{keeper}|{window.name}", signal, keeper, window)


def keep(kept: Kept, plan: KeepPlan, at: float, value: Value) -> None:
    """Takes an event's value in. Of a text the tally counts 1."""
    name, number = plan.name, 1 if isinstance(value, str) else value
    match plan.keeper:
        case "tallies":
            slots = placed(kept.tallies.get(name, {}), plan.span, at, cells.tally_of(number), cells.tallied)
            kept.tallies = {**kept.tallies, name: slots}
        case "ends":
            ends = placed(kept.ends.get(name, {}), plan.span, at, cells.ends_of(at, value), cells.ended)
            kept.ends = {**kept.ends, name: ends}
        case "uniques":
            kept.uniques = {**kept.uniques, name: uniques.seen(kept.uniques.get(name, {}), plan.span, at, value)}
        case "frequents":
            kept.frequents = {**kept.frequents, name: frequents.counted(kept.frequents.get(name, {}), plan.span, at, value)}
        case "latest":
            kept.latest = {**kept.latest, name: smoothing.latest(kept.latest.get(name, []), plan.number, at, number)}
        case "smoothed":
            kept.smoothed = {**kept.smoothed, name: smoothing.smoothed(kept.smoothed.get(name), plan.number, at, number)}
        case "ranks":
            one, held = ranks.ranks_of(at, number), kept.ranks.get(name)
            kept.ranks = {**kept.ranks, name: ranks.joined(held, one) if held else one}


def is_kept(kept: Kept, plan: KeepPlan) -> bool:
    return plan.name in getattr(kept, plan.keeper)


def read_of(asked: Reading, state: UserState, session: Session | None, now: float) -> Value | None:
    """What the name holds for a user, asked in a session."""
    if asked.keep.span.of_session:
        return read(session.kept if session else None, asked, now)
    return read(state.kept, asked, now)


def read(kept: Kept | None, asked: Reading, now: float) -> Value | None:
    """What the name holds now; None where there is no value. `kept` is the session's for a name of the session."""
    found = _read(kept, asked, now) if kept is not None else None
    if found is None:
        return 0 if asked.aggregate in ZERO else None
    return found if isinstance(found, str) else tidy(found)


def _read(kept: Kept, asked: Reading, now: float) -> Value | None:
    plan = asked.keep
    match plan.keeper:
        case "tallies":
            return _of_tallies(live(kept.tallies.get(plan.name, {}), plan.span, now), asked.aggregate)
        case "ends":
            ends = live(kept.ends.get(plan.name, {}), plan.span, now)
            return _typed((ends[0].first if asked.aggregate == "first" else ends[-1].last) if ends else None, asked)
        case "uniques":
            return uniques.unique(kept.uniques.get(plan.name, {}), plan.span, now)
        case "frequents":
            return _typed(frequents.most_frequent(kept.frequents.get(plan.name, {}), plan.span, now), asked)
        case "latest":
            latest = kept.latest.get(plan.name)
            return smoothing.mean_of(latest) if latest else None
        case "smoothed":
            smoothed = kept.smoothed.get(plan.name)
            return smoothing.level_of(smoothed, plan.number, now) if smoothed else None
    held = kept.ranks.get(plan.name)
    return ranks.percentile(held) if held else None


def _of_tallies(tallies: list[cells.Tally], aggregate: str) -> Number | None:
    if not tallies:
        return None
    match aggregate:
        case "min":
            return min(one.least for one in tallies)
        case "max":
            return max(one.most for one in tallies)
    total, count = sum(one.sum for one in tallies), sum(one.count for one in tallies)
    return count if aggregate == "count" else total / count if aggregate == "average" else total


def _typed(value: Value | None, asked: Reading) -> Value | None:
    """What an earlier release's signal of the same key read by another type is missing."""
    return value if isinstance(value, str) is asked.text else None


def nested(values: Mapping[str, Value | None]) -> dict[str, dict[str, dict[str, Value | None]]]:
    """What names of aggregates hold, by signal, aggregate and window, for templates and people."""
    told: dict[str, dict[str, dict[str, Value | None]]] = {}
    for name, value in values.items():
        if name.startswith("values."):
            signal, aggregate, part = split(name)
            told.setdefault(signal, {}).setdefault(aggregate, {})[part] = value
    return told
