"""The rules of a workspace with their places, in the document's order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rules.engine import limits
from rules.engine.errors import Problem
from rules.engine.workspace import Placement, Rule, Workspace


@dataclass(frozen=True, slots=True)
class Place:
    """One rule: where it stands, how deep, and under which placement."""

    rule: Rule
    path: str
    depth: int
    placement: Placement


def walk(workspace: Workspace) -> Iterator[Place]:
    """Without recursion, and not below RULE_DEPTH nor more than one beyond RULES: what is left out is a problem of `ceilings`."""
    count = 0
    for index, placement in enumerate(workspace.placements):
        waiting = _places(placement.rules, f"$.placements[{index}].rules", 1, placement)
        while waiting:
            place = waiting.pop()
            yield place
            count += 1
            if count > limits.RULES:
                return
            if place.depth < limits.RULE_DEPTH:
                waiting += _places(place.rule.children, f"{place.path}.children", place.depth + 1, placement)


def ceilings(workspace: Workspace) -> Iterator[Problem]:
    count = 0
    for place in walk(workspace):
        count += 1
        if place.depth == limits.RULE_DEPTH and place.rule.children:
            fix = "Move the conditions of some parents into their children."
            yield Problem("rules_too_deep", f"{place.path}.children", f"rules are nested more than {limits.RULE_DEPTH} deep", fix)
    if count > limits.RULES:
        yield Problem("too_many_rules", "$.placements", f"there are more than {limits.RULES} rules", "Split the workspace.")


def _places(rules: list[Rule], path: str, depth: int, placement: Placement) -> list[Place]:
    """Last first, so that popping from the end gives the document's order."""
    return [Place(rule, f"{path}[{index}]", depth, placement) for index, rule in reversed(list(enumerate(rules)))]
