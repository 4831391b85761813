"""The tags of a workspace compiled: by the event names that touch them, in the order of the document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from zlib import crc32

import msgspec

from decisioning.tagging import causes
from decisioning.tagging.limits import EXACT, GROUPED_BUCKETS
from decisioning.tagging.numbers import Number
from decisioning.tagging.tagplans import (
    AssignPlan,
    ConfirmPlan,
    ConfirmTouch,
    Gain,
    Matches,
    NeedPlan,
    RemovePlan,
    RepeatPlan,
    SequencePlan,
    SequenceTouch,
    StepPlan,
    Trigger,
)
from decisioning.tagging.windows import Window, window
from rules.engine import compile_conditions
from rules.engine.durations import seconds
from rules.engine.workspace import ANY, Assign, Count, Need, Remove, Step, Sum, Tag, Workspace


class TagCompiler:
    """`when`: the compiled conditions on users, by their paths in the document."""

    def __init__(self, workspace: Workspace, thresholds: Mapping[str, float | None], when: Mapping[str, Matches]) -> None:
        self._tags = workspace.tags
        self.groups = {
            tag.key: tuple(other.key for other in workspace.tags if other.group == tag.group and other.key != tag.key)
            for tag in workspace.tags
            if tag.group is not None
        }
        self._thresholds = thresholds
        self._when = when
        self.sequences: dict[str, SequencePlan] = {}
        """By the names of their timers."""
        self.counting: list[AssignPlan | ConfirmPlan] = []

    def triggers(self) -> Iterator[dict[str, Trigger]]:
        """What gives each tag, by event name; under `*` for the events that have no entry of their own."""
        for index, tag in enumerate(self._tags):
            if tag.assign is not None:
                gain = self._gain(tag, f"$.tags[{index}].assign.when")
                if tag.assign.steps or tag.assign.inactive:
                    yield dict(self._sequence(tag.key, tag.assign, gain))
                elif tag.assign.all:
                    yield dict(self._confirm(tag.key, tag.assign, gain))
                elif tag.assign.event is not None:
                    yield {tag.assign.event: self._assign(tag.key, tag.assign, tag.assign.event, gain)}

    def removals(self) -> Iterator[dict[str, RemovePlan]]:
        for index, tag in enumerate(self._tags):
            if tag.remove is not None:
                plan = RemovePlan(tag.key, self._where(tag.remove.where), self._when.get(f"$.tags[{index}].remove.when"))
                yield dict.fromkeys(removed_by(tag.remove), plan)

    def _gain(self, tag: Tag, when: str) -> Gain:
        return Gain(tag.key, self._when.get(when), seconds(tag.ttl) if tag.ttl else 0, self.groups.get(tag.key, ()))

    def _assign(self, key: str, assign: Assign, event: str, gain: Gain) -> AssignPlan:
        repeat, words = None, causes.named(event)
        if assign.sum is not None:
            repeat = _summed(key, words, assign.sum)
        elif assign.count is not None and (assign.count.at_least > 1 or assign.count.by):
            repeat = _counted(key, words, assign.count)
        plan = AssignPlan(gain, self._where(assign.where), repeat, causes.of_event(event, assign))
        self.counting += [plan] if repeat is not None else []
        return plan

    def _confirm(self, key: str, assign: Assign, gain: Gain) -> Iterator[tuple[str, ConfirmTouch]]:
        within = seconds(assign.within) if assign.within else None
        needs = tuple(NeedPlan(self._where(need.where), _needed(f"{key}/{number}", need, within)) for number, need in enumerate(assign.all))
        plan = ConfirmPlan(gain, needs, within, causes.of_needs(assign))
        self.counting.append(plan)
        for event in dict.fromkeys(need.event for need in assign.all):
            yield event, ConfirmTouch(plan, tuple(number for number, need in enumerate(assign.all) if need.event in {event, ANY}))

    def _sequence(self, key: str, assign: Assign, gain: Gain) -> Iterator[tuple[str, SequenceTouch]]:
        """Being inactive is a sequence of one event that begins anew with each of them, and of nothing after it for a time."""
        idle = assign.inactive is not None
        steps = [Step(assign.event or ANY, assign.where)] if idle else assign.steps
        happening = [step for step in steps if not step.negative]
        waits = idle or steps[-1].negative
        own_wait = assign.inactive or (steps[-1].within if waits else None)
        places = tuple(
            StepPlan(step.event, nth == 0, seconds(step.within) if step.within else None) for step in happening for nth in range(step.times)
        )
        plan = SequencePlan(
            gain=gain,
            key=(name := f"{key}:{_fingerprint(assign):08x}"),
            steps=places,
            end=len(places) - 1,
            timer=f"tag:{name}",
            within=seconds(assign.within) if assign.within else None,
            wait=seconds(own_wait) if own_wait else None,
            wait_from_start=waits and own_wait is None,
            awaited=causes.awaited(steps, idle=idle),
            cause=causes.of_inactivity(assign) if idle else causes.of_sequence(assign),
        )
        self.sequences[plan.timer] = plan
        yield from self._touches(plan, steps)

    def _touches(self, plan: SequencePlan, steps: list[Step]) -> Iterator[tuple[str, SequenceTouch]]:
        reaches: dict[str, list[tuple[int, Matches | None]]] = {}
        forbids: dict[str, list[tuple[int, int, Matches | None]]] = {}
        done = -1
        for number, step in enumerate(steps):
            where = self._where(step.where)
            if step.negative:
                following = next((later.times for later in steps[number:] if not later.negative), 1)
                forbids.setdefault(step.event, []).append((done, done + following - 1, where))
            else:
                reaches.setdefault(step.event, [])[:0] = [(place, where) for place in range(done + step.times, done, -1)]
                done += step.times
        for event in dict.fromkeys([*reaches, *forbids]):
            both = dict.fromkeys([event, ANY])
            mine = sorted((one for name in both for one in reaches.get(name, [])), key=lambda reach: -reach[0])
            yield event, SequenceTouch(plan, tuple(mine), tuple(one for name in both for one in forbids.get(name, [])))

    def _where(self, conditions: Mapping[str, Any] | None) -> Matches | None:
        if conditions is None:
            return None
        matches: Matches = compile_conditions(dict(conditions), thresholds=self._thresholds).matches
        return matches


def removed_by(remove: Remove) -> list[str]:
    """The names of the events that may take a tag away."""
    return list(dict.fromkeys([*([remove.event] if remove.event is not None else []), *remove.events]))


def _counted(key: str, words: str, count: Count) -> RepeatPlan:
    within = seconds(count.within) if count.within else None
    exact = count.at_least <= EXACT
    if count.by:  # in milliseconds, of which the newest are kept: as exact as times are
        kept = Window(within, within * 1_000, 0.001) if within else None
        return RepeatPlan(key, words, count.at_least, within, True, kept, by=_in_properties(count.by))
    return RepeatPlan(key, words, count.at_least, within, exact, window(within) if within and not exact else None)


def _summed(key: str, words: str, of: Sum) -> RepeatPlan:
    within = seconds(of.within) if of.within else None
    if of.by:
        buckets = min(GROUPED_BUCKETS, within) if within else 1
        kept = Window(within, buckets, within / buckets) if within else None
        return RepeatPlan(key, words, of.at_least, within, False, kept, _in_properties(of.of), _in_properties(of.by))
    return RepeatPlan(key, words, of.at_least, within, False, window(within) if within else None, _in_properties(of.of))


def _needed(name: str, need: Need, within: int | None) -> RepeatPlan:
    words = causes.needed(need)
    if need.sum is not None:
        return RepeatPlan(name, words, need.sum.at_least, within, False, window(within) if within else None, _in_properties(need.sum.of))
    at_least: Number = need.times
    exact = at_least <= EXACT
    return RepeatPlan(name, words, at_least, within, exact, window(within) if within and not exact else None)


def _in_properties(path: str) -> str:
    return path.removeprefix("properties.")


def _fingerprint(assign: Assign) -> int:
    told = (assign.event, assign.where, assign.inactive, assign.steps, assign.within)
    return crc32(msgspec.json.encode(told, order="sorted"))
