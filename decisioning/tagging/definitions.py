"""A workspace's signals, tags and scores compiled for folding: indexed by event name, so that an event touches only its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from decisioning.tagging.decay import Take
from decisioning.tagging.limits import ALLOWED_LATENESS, EXACT
from decisioning.tagging.scores import BoostPlan, ScorePlan, TermPlan, level_name
from decisioning.tagging.windows import Window, window
from rules.engine import compile_conditions
from rules.engine.durations import seconds
from rules.engine.moments import seconds as moment
from rules.engine.workspace import Assign, Count, Score, Signal, Tag, Workspace

Matches = Callable[[Any], bool]


class LevelPlan(msgspec.Struct, frozen=True):
    """A fading value that some score reads off a signal."""

    name: str
    take: Take
    half_life: int


class SignalPlan(msgspec.Struct, frozen=True):
    key: str
    where: Matches | None
    path: str | None
    """Where the value stands in the event's properties; None: 1 per event."""
    windows: tuple[Window, ...]
    levels: tuple[LevelPlan, ...]


class RepeatPlan(msgspec.Struct, frozen=True):
    """How often an event must come for its tag: counted in exact times, or in buckets where those would be too many."""

    at_least: int
    within: int | None
    exact: bool
    tally: str
    window: Window | None


class AssignPlan(msgspec.Struct, frozen=True):
    tag: str
    where: Matches | None
    ttl: int
    repeat: RepeatPlan | None
    cause: str


class RemovePlan(msgspec.Struct, frozen=True):
    tag: str
    where: Matches | None
    cause: str


class EventPlan(msgspec.Struct):
    """Everything one event name can touch."""

    signals: list[SignalPlan] = []
    assigns: list[AssignPlan] = []
    removes: list[RemovePlan] = []


class Definitions(msgspec.Struct, frozen=True):
    events: dict[str, EventPlan]
    scores: dict[str, ScorePlan]
    tags: frozenset[str]
    windows: dict[str, dict[str, Window]]
    """Per signal, the windows kept for it by the text that asks for them, such as `1h`."""
    tallies: frozenset[str]
    """Names that own totals and windows: the signals, and `#<tag>` for count tags kept in buckets."""
    levels: frozenset[str]
    lateness: float = ALLOWED_LATENESS
    """How long before its user's newest event one may have happened and still be folded, in seconds."""


def compile_definitions(workspace: Workspace, names: Iterable[str] = (), *, lateness: float = ALLOWED_LATENESS) -> Definitions:
    """The definitions of a checked workspace, with the windows that `names` ask for: `counts.<signal>.<window>` of rules and templates."""
    thresholds = {threshold.key: threshold.value for threshold in workspace.thresholds}
    windows = _windows(names, [signal.key for signal in workspace.signals])
    levels = _levels(workspace.scores)
    events: dict[str, EventPlan] = {}
    for signal in workspace.signals:
        plan = _signal(signal, thresholds, windows[signal.key], levels.get(signal.key, {}))
        events.setdefault(signal.event, EventPlan()).signals.append(plan)
    for tag in workspace.tags:
        if tag.assign:
            events.setdefault(tag.assign.event, EventPlan()).assigns.append(_assign(tag, tag.assign, thresholds))
        if tag.remove:
            removal = RemovePlan(tag.key, _where(tag.remove.where, thresholds), tag.remove.event)
            events.setdefault(tag.remove.event, EventPlan()).removes.append(removal)
    return Definitions(
        events=events,
        scores={score.key: _score(score) for score in workspace.scores},
        tags=frozenset(tag.key for tag in workspace.tags),
        windows=windows,
        tallies=frozenset([*windows, *(f"#{tag.key}" for tag in workspace.tags)]),
        levels=frozenset(name for plans in levels.values() for name in plans),
        lateness=lateness,
    )


def _windows(names: Iterable[str], signals: Iterable[str]) -> dict[str, dict[str, Window]]:
    """The windows asked for, per signal. Names of something else, or of no signal, are the document check's to report."""
    windows: dict[str, dict[str, Window]] = {signal: {} for signal in signals}
    for name in sorted(set(names)):
        kind, _, rest = name.partition(".")
        signal, _, length = rest.partition(".")
        if kind != "counts" or signal not in windows or length in ("total", "session"):
            continue
        try:
            windows[signal][length] = window(seconds(length))
        except ValueError:
            continue
    return windows


def _levels(scores: Iterable[Score]) -> dict[str, dict[str, LevelPlan]]:
    """Per signal, the fading values its scores read; terms that ask for the same share one."""
    levels: dict[str, dict[str, LevelPlan]] = {}
    for score in scores:
        half_life = seconds(score.half_life) if score.half_life else 0
        for term in score.terms:
            name = level_name(term.signal, term.take, half_life)
            if name is not None:
                levels.setdefault(term.signal, {})[name] = LevelPlan(name, term.take, half_life)
    return levels


def _signal(signal: Signal, thresholds: Mapping[str, float], windows: Mapping[str, Window], levels: Mapping[str, LevelPlan]) -> SignalPlan:
    return SignalPlan(
        key=signal.key,
        where=_where(signal.where, thresholds),
        path=signal.value.removeprefix("properties.") if signal.value else None,
        windows=tuple({kept.seconds: kept for kept in windows.values()}.values()),
        levels=tuple(levels.values()),
    )


def _assign(tag: Tag, assign: Assign, thresholds: Mapping[str, float]) -> AssignPlan:
    count = assign.count
    return AssignPlan(
        tag=tag.key,
        where=_where(assign.where, thresholds),
        ttl=seconds(tag.ttl) if tag.ttl else 0,
        repeat=_repeat(tag.key, count) if count and count.at_least > 1 else None,
        cause=_cause(assign.event, count),
    )


def _repeat(tag: str, count: Count) -> RepeatPlan:
    within = seconds(count.within) if count.within else None
    exact = count.at_least <= EXACT
    return RepeatPlan(count.at_least, within, exact, f"#{tag}", window(within) if within and not exact else None)


def _cause(event: str, count: Count | None) -> str:
    if count is None or count.at_least == 1:
        return event
    return f"{event} {count.at_least} times{f' within {count.within}' if count.within else ''}, the last"


def _score(score: Score) -> ScorePlan:
    half_life = seconds(score.half_life) if score.half_life else 0
    terms = tuple(
        TermPlan(
            signal=term.signal,
            level=level_name(term.signal, term.take, half_life),
            weight=term.weight,
            gain=term.gain,
            per=term.per,
            most=term.max,
            boosts=tuple(BoostPlan(boost.factor, moment(boost.start), moment(boost.until)) for boost in term.boosts),
        )
        for term in score.terms
    )
    bands = sorted(((lower, name) for name, lower in score.bands.items()), reverse=True)
    return ScorePlan(score.key, half_life, terms, tuple(bands))


def _where(conditions: Mapping[str, Any] | None, thresholds: Mapping[str, float]) -> Matches | None:
    if conditions is None:
        return None
    matches: Matches = compile_conditions(dict(conditions), thresholds=thresholds).matches
    return matches
