"""Everything that is wrong with a workspace, or worth a look, at once: two lists of named checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import TypeVar

from rules.engine import limits
from rules.engine.analysis.study import Study
from rules.engine.checks import conditions, definitions, effects, keys, logic, order, purposes, tags, tree
from rules.engine.errors import Advice, Problem
from rules.engine.workspace import Workspace

P = TypeVar("P", bound=Problem)
Check = tuple[str, Callable[[Workspace], Iterator[Problem]]]

CHECKS: tuple[Check, ...] = (
    ("keys are used once", keys.used_once),
    ("the time zone exists", definitions.time_zone),
    ("names are declared with values that fit their type", definitions.attributes),
    ("an event has one schema", definitions.events),
    ("traits can be merged as they say", definitions.merging),
    ("purposes that are named exist", purposes.named),
    ("durations are in range", definitions.durations),
    ("one thing gives a tag, and its parts go together", tags.triggers),
    ("sequences can be completed", tags.sequences),
    ("several needs are several", tags.needs),
    ("tags cost no event too much", tags.ceilings),
    ("signals say where their text stands", definitions.signals),
    ("adaptive thresholds follow a signal", definitions.adaptive),
    ("scores read signals that exist and have usable bands", definitions.scores),
    ("boosts have dates in order", definitions.boosts),
    ("conditions can be compiled", conditions.compiled),
    ("outcomes name templates that exist and fit", tree.outcomes),
    ("rules have something to do", tree.effects),
    ("else branches have something to be the other branch of", tree.branches),
    ("rules can be reached", tree.reached),
)


Advise = tuple[str, Callable[[Study], Iterator[Advice]]]

ADVICE: tuple[Advise, ...] = (
    ("conditions can be true", logic.contradictions),
    ("rules can be come to", logic.never_true),
    ("conditions can be false", logic.always_true),
    ("rules can win", order.shadowed),
    ("rules of one group have an order", order.equal_priority),
    ("what is written has an effect", effects.unused_settings),
    ("parts of tags have an effect", tags.unlikely),
    ("schedules have not ended", effects.schedules_ended),
    ("what is defined is used", effects.unused_definitions),
    ("all could be looked at", logic.unfinished),  # last, since the others spend the effort
)


def check(workspace: Workspace, *, now: float | None = None) -> list[Problem]:
    """Never raises, whatever the workspace holds: what keeps it from going live; and where nothing does, what is worth a look."""
    return obstacles(workspace) or [*advice(workspace, now=now)]


def obstacles(workspace: Workspace) -> list[Problem]:
    """What keeps a workspace from going live, in the order of CHECKS, and within each in the document's."""
    more = Problem("too_many_problems", "$", f"more than {limits.PROBLEMS} problems were found", "Correct these first.")
    return _few((run(workspace) for _, run in CHECKS), more)


def advice(workspace: Workspace, *, now: float | None = None) -> list[Advice]:
    """What is worth a look in a workspace that nothing keeps from going live. `now`: the moment to judge schedules by."""
    study = Study(workspace, now)
    more = Advice("too_many_problems", "$", f"more than {limits.PROBLEMS} things are worth a look", "See to these first.")
    return _few((run(study) for _, run in ADVICE), more)


def _few(checks: Iterable[Iterator[P]], more: P) -> list[P]:
    found: list[P] = []
    for problem in chain.from_iterable(checks):
        if len(found) == limits.PROBLEMS:
            return [*found, more]
        found.append(problem)
    return found
