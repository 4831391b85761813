"""How far a user has come towards tags that ask for more than one event, for people."""

from __future__ import annotations

from typing import Any

from decisioning.tagging.confirm import fulfilled
from decisioning.tagging.definitions import Definitions
from decisioning.tagging.numbers import tidy
from decisioning.tagging.repeats import amount, last
from decisioning.tagging.sequences import deadline
from decisioning.tagging.state import Partial, UserState
from decisioning.tagging.tagplans import AssignPlan, ConfirmPlan, SequencePlan
from decisioning.tagging.times import rfc3339


def progress(definitions: Definitions, state: UserState, now: float) -> list[dict[str, Any]]:
    """What is under way at `now`, per tag: `done` out of `of`, what comes `next`, and `until` when, where something bounds it.

    Values that are counted by themselves are left out: each is on a way of its own.
    """
    under_way = [
        *(_sequence(plan, state, now) for plan in definitions.sequences.values()),
        *(_needs(plan, state, now) if isinstance(plan, ConfirmPlan) else _repeats(plan, state, now) for plan in definitions.counting),
    ]
    return [told for told in under_way if told is not None]


def _sequence(plan: SequencePlan, state: UserState, now: float) -> dict[str, Any] | None:
    ways = [(place, way, _ends(plan, place, way)) for place, way in state.sequences.get(plan.key, {}).items()]
    live = [(place, ends) for place, _, ends in ways if ends is None or now <= ends]
    if not live:
        return None
    place, ends = max(live, key=lambda one: one[0])
    following = plan.awaited if place == plan.end else plan.steps[place + 1].event
    return _told(plan.gain.tag, place + 1, len(plan.steps), following, ends)


def _ends(plan: SequencePlan, place: int, way: Partial) -> float | None:
    """Until when the sequence can go on from there; None where nothing bounds it."""
    if place == plan.end:
        return deadline(plan, way)
    step = plan.steps[place + 1]
    ends = [way.start + plan.within] if plan.within is not None else []
    if step.within is not None:
        ends.append((way.last if step.first else way.since) + step.within)
    return min(ends, default=None)


def _needs(plan: ConfirmPlan, state: UserState, now: float) -> dict[str, Any] | None:
    met = fulfilled(plan, state, now)
    if all(met) or not any(amount(state, need.repeat, now) > 0 for need in plan.needs):
        return None
    return _told(plan.gain.tag, sum(met), len(met), plan.needs[met.index(False)].repeat.words, None)


def _repeats(plan: AssignPlan, state: UserState, now: float) -> dict[str, Any] | None:
    repeat = plan.repeat
    if repeat is None or repeat.by is not None:
        return None
    done = amount(state, repeat, max(now, last(state, repeat) or now))
    return _told(plan.gain.tag, tidy(done), tidy(repeat.at_least), repeat.words, None) if 0 < done < repeat.at_least else None


def _told(tag: str, done: float, of: float, following: str, ends: float | None) -> dict[str, Any]:
    return {"tag": tag, "done": done, "of": of, "next": following, "until": None if ends is None else rfc3339(ends)}
