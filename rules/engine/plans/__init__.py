"""From trees of rules to the plan that is fastest for their shape. Whichever it is, the answers are those of the plain walk."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Protocol

from rules.engine.linked import Group, Linked, Readings
from rules.engine.plans.code import Code
from rules.engine.plans.index import Index
from rules.engine.plans.walk import Walk
from rules.engine.steps import Ending, Parts, Planting, Step
from rules.engine.workspace import Placement, Workspace

FEW_TESTS = 40
"""Up to here one code object of nested ifs is faster than an index: `make bench-engine` prints both."""

MOST_CODE = 4_000
"""Tests in one code object: beyond, making it takes longer than walking the tree ever costs."""


class Plan(Protocol):
    """Answers by numbers of endings. The second number is the first ending passed over because of its cap; -1 stands for none."""

    def first(self, readings: Readings, capped: Container[str]) -> tuple[int, int]:
        """The ending that wins."""

    def every(self, readings: Readings, capped: Container[str]) -> tuple[list[int], int]:
        """All that win, in their order."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One placement: its tree, the ways its search can end, and the plan that finds them."""

    placement: Placement
    steps: tuple[Step, ...]
    endings: tuple[Ending, ...]
    plan: Plan


def plan(workspace: Workspace, parts: Parts) -> Mapping[str, Planned]:
    """Each placement's plan. `parts` are the rules' gates and conditions by the rule's identity."""
    planned = {}
    for placement in workspace.placements:
        planting = Planting(parts)
        steps = planting.steps(placement.rules)
        endings = tuple(planting.endings)
        planned[placement.key] = Planned(placement, steps, endings, choose(steps, endings))
    return planned


def choose(steps: tuple[Step, ...], endings: tuple[Ending, ...]) -> Plan:
    """By measurement: few tests go into one code object; many into an index, where there is enough that an index can file them by."""
    tests = sum(_tests(linked) for ending in endings for linked, _ in ending.way)
    if tests > FEW_TESTS and (index := Index.of(endings)) is not None:
        return index
    return Code(steps, endings) if tests <= MOST_CODE else Walk(steps)


def _tests(linked: Linked) -> int:
    return sum(map(_tests, linked.parts)) if isinstance(linked, Group) else 1
