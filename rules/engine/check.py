"""Everything that is wrong with a workspace, at once: a list of named checks."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rules.engine import limits
from rules.engine.checks import conditions, definitions, keys, tree
from rules.engine.errors import Problem
from rules.engine.workspace import Workspace

Check = tuple[str, Callable[[Workspace], Iterator[Problem]]]

CHECKS: tuple[Check, ...] = (
    ("keys are used once", keys.used_once),
    ("the time zone exists", definitions.time_zone),
    ("names are declared with values that fit their type", definitions.attributes),
    ("durations are in range", definitions.durations),
    ("scores read signals that exist and have usable bands", definitions.scores),
    ("boosts have dates in order", definitions.boosts),
    ("conditions can be compiled", conditions.compiled),
    ("outcomes name templates that exist and fit", tree.outcomes),
    ("rules have something to do", tree.effects),
    ("else branches have something to be the other branch of", tree.branches),
    ("rules can be reached", tree.reached),
)


def check(workspace: Workspace) -> list[Problem]:
    """Never raises, whatever the workspace holds. In the order of CHECKS, and within each in the document's."""
    found: list[Problem] = []
    for _, run in CHECKS:
        for problem in run(workspace):
            if len(found) == limits.PROBLEMS:
                return [
                    *found,
                    Problem("too_many_problems", "$", f"more than {limits.PROBLEMS} problems were found", "Correct these first."),
                ]
            found.append(problem)
    return found
