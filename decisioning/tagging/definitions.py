"""A workspace's signals, tags and scores compiled for folding: indexed by event name, so that an event touches only its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from decisioning.tagging.aggregates import KeepPlan, Reading, readings
from decisioning.tagging.decay import TAKES, Take
from decisioning.tagging.limits import ALLOWED_LATENESS
from decisioning.tagging.population import ThresholdPlan, sample_name
from decisioning.tagging.scores import BoostPlan, ScorePlan, TermPlan, level_name
from decisioning.tagging.tagcompile import TagCompiler
from decisioning.tagging.tagplans import AssignPlan, ConfirmPlan, Matches, RemovePlan, SequencePlan, SequenceTouch, Trigger
from decisioning.tagging.windows import Window, window
from rules.engine import compile_conditions, compile_user_conditions
from rules.engine.aggregates import DEFAULT_HALF_LIFE, DEFAULT_SAMPLE
from rules.engine.compile import thresholds_of
from rules.engine.durations import seconds
from rules.engine.moments import seconds as moment
from rules.engine.workspace import ANY, Score, Signal, Term, Threshold, Workspace

T = TypeVar("T")
Thresholds = Mapping[str, float | None]


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
    text: bool = False
    """Whether it reads text."""
    keeps: tuple[KeepPlan, ...] = ()
    """What names ask for beside sums."""
    session_keeps: tuple[KeepPlan, ...] = ()
    """Those of them that end with the session."""
    watched: tuple[str, ...] = ()
    """Under which names adaptive thresholds watch its values."""


class EventPlan(msgspec.Struct):
    """Everything one event name can touch."""

    signals: list[SignalPlan] = []
    triggers: list[Trigger] = []
    removes: list[RemovePlan] = []
    moves: bool = False
    """Whether a sequence is among the triggers."""


class Purposed(msgspec.Struct, frozen=True):
    """What of a workspace needs which purpose: keys by signal, tag and trait. `events`: those without which no event is used."""

    purposes: frozenset[str]
    events: frozenset[str]
    signals: dict[str, str]
    tags: dict[str, str]
    traits: dict[str, str]
    known: dict[frozenset[str], Definitions]
    """The definitions for users who have agreed to exactly these purposes, made when first needed."""


class Definitions(msgspec.Struct, frozen=True):
    events: dict[str, EventPlan]
    scores: dict[str, ScorePlan]
    tags: frozenset[str]
    windows: dict[str, dict[str, Window]]
    """Per signal, the windows kept for it by the text that asks for them, such as `1h`."""
    tallies: frozenset[str]
    """Names that own totals and windows: the signals, and `#<tag>` for tags that count in buckets."""
    levels: frozenset[str]
    other: EventPlan
    """What events of all other names touch: tags that any event may give or take."""
    sequences: dict[str, SequencePlan]
    """By the names of their timers."""
    counting: tuple[AssignPlan | ConfirmPlan, ...]
    """The tags that ask for several events in any order."""
    progress: frozenset[str]
    """Names that own times, counts by value, and, with a `#` before them, totals and windows: tags, and their needs."""
    partials: frozenset[str]
    """Names that own the progress of sequences."""
    groups: dict[str, tuple[str, ...]]
    """Of each tag of a group, the others."""
    timezone: str
    lateness: float = ALLOWED_LATENESS
    """How long before its user's newest event one may have happened and still be folded, in seconds."""
    merges: dict[str, str] = {}
    """How a trait of two users becomes one, for those where it is not the value told latest."""
    readings: dict[str, Reading] = {}
    """What names of aggregates read, `values.<signal>.<aggregate>.<window>`, for those that somebody asks for."""
    kept: frozenset[str] = frozenset()
    """What is kept for them."""
    thresholds: dict[str, ThresholdPlan] = {}
    purposes: frozenset[str] = frozenset()
    personal: frozenset[str] = frozenset()
    """Traits that are encrypted where they are kept."""
    purposed: Purposed | None = None
    """Where the workspace has purposes, and these are the definitions before anybody was asked: see permitted.py."""
    barred: bool = False
    """No event may be used."""
    denied_signals: frozenset[str] = frozenset()
    denied_tags: frozenset[str] = frozenset()
    denied_traits: frozenset[str] = frozenset()
    withheld: frozenset[str] = frozenset()
    """Events that nothing may use any more of all that did."""

    @property
    def watches(self) -> bool:
        """Whether adaptive thresholds follow what is folded."""
        return any(plan.watched for plan in self.thresholds.values())


def compile_definitions(workspace: Workspace, names: Iterable[str] = (), *, lateness: float = ALLOWED_LATENESS) -> Definitions:
    """The definitions of a checked workspace, with the windows and aggregates asked for by `names` of rules and templates, and by tags."""
    thresholds = thresholds_of(workspace)
    conditions = compile_user_conditions(workspace)
    names = {*names, *(name for when in conditions.values() for name in when.names)}
    followed = {threshold.key: threshold_plan(threshold) for threshold in workspace.thresholds}
    texts = {signal.key: signal.type == "text" for signal in workspace.signals}
    terms = (taken_name(term) for score in workspace.scores for term in score.terms)
    asked = readings([*names, *(name for name in terms if name)], texts, workspace.workspace.timezone)
    keeps: dict[str, dict[str, KeepPlan]] = {}
    for one in asked.values():
        keeps.setdefault(one.keep.signal, {})[one.keep.name] = one.keep
    watched: dict[str, set[str]] = {}
    for plan_of in followed.values():
        if plan_of.watched:
            watched.setdefault(plan_of.watched.partition("|")[0], set()).add(plan_of.watched)
    windows = _windows(names, [signal.key for signal in workspace.signals])
    levels = _levels(workspace.scores)
    events: dict[str, EventPlan] = {}
    for signal in workspace.signals:
        plan = _signal(signal, thresholds, windows[signal.key], levels.get(signal.key, {}))
        kept = keeps.get(signal.key, {}).values()
        plan = replace(
            plan,
            text=texts[signal.key],
            keeps=tuple(one for one in kept if not one.span.of_session),
            session_keeps=tuple(one for one in kept if one.span.of_session),
            watched=tuple(sorted(watched.get(signal.key, ()))),
        )
        events.setdefault(signal.event, EventPlan()).signals.append(plan)
    other = EventPlan()
    compiler = TagCompiler(workspace, thresholds, {path: when.matches for path, when in conditions.items()})
    triggers, removals = list(compiler.triggers()), list(compiler.removals())
    named = {*(name for one in triggers for name in one), *(name for one in removals for name in one)}
    for name in sorted(named - {ANY}):
        events.setdefault(name, EventPlan())
    for trigger in triggers:
        for meeting, mine in _meeting(events, other, trigger):
            meeting.triggers.append(mine)
            meeting.moves |= isinstance(mine, SequenceTouch)
    for removal in removals:
        for meeting, taken in _meeting(events, other, removal):
            meeting.removes.append(taken)
    progress = {tag.key for tag in workspace.tags}
    progress |= {f"{tag.key}/{number}" for tag in workspace.tags if tag.assign for number in range(len(tag.assign.all))}
    return Definitions(
        events=events,
        scores={score.key: _score(score, asked) for score in workspace.scores},
        tags=frozenset(tag.key for tag in workspace.tags),
        windows=windows,
        tallies=frozenset([*windows, *(f"#{name}" for name in progress)]),
        levels=frozenset(name for plans in levels.values() for name in plans),
        other=other,
        sequences=compiler.sequences,
        counting=tuple(compiler.counting),
        progress=frozenset(progress),
        partials=frozenset(plan.key for plan in compiler.sequences.values()),
        groups=compiler.groups,
        lateness=lateness,
        merges={trait.key: trait.merge for trait in workspace.traits if trait.merge != "latest"},
        readings=asked,
        kept=frozenset(one.keep.name for one in asked.values()),
        thresholds=followed,
        timezone=workspace.workspace.timezone,
        purposes=frozenset(purpose.key for purpose in workspace.purposes),
        personal=frozenset(part for trait in workspace.traits if trait.personal for part in (trait.key, trait.key.partition(".")[0])),
        purposed=_purposed(workspace) if workspace.purposes else None,
    )


def _purposed(workspace: Workspace) -> Purposed:
    return Purposed(
        purposes=frozenset(purpose.key for purpose in workspace.purposes),
        events=frozenset(purpose.key for purpose in workspace.purposes if purpose.events),
        signals={signal.key: signal.purpose for signal in workspace.signals if signal.purpose},
        tags={tag.key: tag.purpose for tag in workspace.tags if tag.purpose},
        traits={trait.key: trait.purpose for trait in workspace.traits if trait.purpose},
        known={},
    )


def _meeting(events: Mapping[str, EventPlan], other: EventPlan, by_event: Mapping[str, T]) -> Iterator[tuple[EventPlan, T]]:
    """Each event's plan with what of a tag it meets."""
    if ANY not in by_event:
        yield from ((events[name], mine) for name, mine in by_event.items())
        return
    yield from ((plan, by_event.get(name, by_event[ANY])) for name, plan in events.items())
    yield other, by_event[ANY]


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
            take = _decayed(term)
            name = level_name(term.signal, take, half_life) if take else None
            if take is not None and name is not None:
                levels.setdefault(term.signal, {})[name] = LevelPlan(name, take, half_life)
    return levels


def _signal(signal: Signal, thresholds: Thresholds, windows: Mapping[str, Window], levels: Mapping[str, LevelPlan]) -> SignalPlan:
    return SignalPlan(
        key=signal.key,
        where=_where(signal.where, thresholds),
        path=signal.value.removeprefix("properties.") if signal.value else None,
        windows=tuple({kept.seconds: kept for kept in windows.values()}.values()),
        levels=tuple(levels.values()),
    )


def _decayed(term: Term) -> Take | None:
    """What a term takes of all values with the score's half-life; None for an aggregate."""
    return next((take for take in TAKES if take == term.take), None)


def taken_name(term: Term) -> str:
    """The name of the aggregate that a term takes; empty where it takes none."""
    return "" if _decayed(term) else f"values.{term.signal}.{term.take}"


def threshold_plan(threshold: Threshold) -> ThresholdPlan:
    follows = threshold.adaptive
    if follows is None:
        return ThresholdPlan(threshold.value)
    half_life = seconds(follows.half_life or DEFAULT_HALF_LIFE)
    return ThresholdPlan(
        value=threshold.value,
        watched=sample_name(follows.signal, "histogram" if follows.k is None else "moments", half_life),
        k=follows.k,
        percentile=follows.percentile,
        half_life=half_life,
        at_least=follows.at_least or DEFAULT_SAMPLE,
        least=follows.min,
        most=follows.max,
    )


def _score(score: Score, asked: Mapping[str, Reading]) -> ScorePlan:
    half_life = seconds(score.half_life) if score.half_life else 0
    terms = tuple(
        TermPlan(
            signal=term.signal,
            level=level_name(term.signal, take, half_life) if (take := _decayed(term)) else None,
            reading=asked.get(taken_name(term)),
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


def _where(conditions: Mapping[str, Any] | None, thresholds: Thresholds) -> Matches | None:
    if conditions is None:
        return None
    matches: Matches = compile_conditions(dict(conditions), thresholds=thresholds).matches
    return matches
