"""From trees of rules to the plan that is fastest for their shape. Whichever it is, the answers are those of the plain walk."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from rules.engine.linked import Group, Linked, Readings, Source
from rules.engine.plans.chain import Chain
from rules.engine.plans.clauses import clauses
from rules.engine.plans.code import Code
from rules.engine.plans.columns import shape_of
from rules.engine.plans.filing import files
from rules.engine.plans.index import Index
from rules.engine.plans.walk import Walk
from rules.engine.steps import Ending, Parts, Planting, Step, under
from rules.engine.workspace import Placement, Workspace

# Found by asking each kind of plan the same, at ten sizes: tests/benchmarks/engine/crossings.py prints it anew.

FEW = 16
"""Tests up to which one code object of nested ifs is the fastest for every shape."""

CODE = {"first": 600, "collect": 400}
"""Tests up to which it is where most rules are for many users: the first match then often comes soon. Of more, the first so many."""

NARROW = 0.3
"""Share of the rules that a decision looks at below which an index is faster than anything, whatever the size."""

MOST_CODE = 4_000
"""Tests in one code object: beyond, making it takes longer than walking the tree ever costs."""


Mode: TypeAlias = Literal["first", "collect"]


MOST_FILED = 500_000
"""Tests on the ways to all endings, those of a parent counted for each rule beneath it: an index would copy them out."""


class Plan(Protocol):
    """Answers by numbers of endings. The second number is the first ending passed over because of its cap; -1 stands for none."""

    def first(self, readings: Readings, capped: Container[str]) -> tuple[int, int]:
        """The ending that wins."""

    def every(self, readings: Readings, capped: Container[str]) -> tuple[list[int], int]:
        """All that win, in their order."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One placement: its tree, the ways its search can end, what its tests read, and the plan that finds the ending."""

    placement: Placement
    steps: tuple[Step, ...]
    endings: tuple[Ending, ...]
    sources: Sequence[Source]
    plan: Plan


def plan(workspace: Workspace, parts: Parts, sources: Sequence[Source]) -> Mapping[str, Planned]:
    """Each placement's plan. `parts` are the rules' gates and conditions by the rule's identity."""
    planned = {}
    for placement in workspace.placements:
        planting = Planting(parts)
        steps = planting.steps(placement.rules)
        endings = tuple(planting.endings)
        planned[placement.key] = Planned(placement, steps, endings, sources, choose(steps, endings, placement.mode, sources))
    return planned


def choose(steps: tuple[Step, ...], endings: tuple[Ending, ...], mode: Mode, sources: Sequence[Source]) -> Plan:
    """Nested ifs for small trees; an index for large ones, and for rules that ask for rare values; or one after the other."""
    tests = _tests(steps)
    if tests <= FEW:
        return Code(steps, endings)
    found = clauses(endings) if _copied(endings) <= MOST_FILED else []
    if 2 * sum(any(shape_of(*literal) for literal in clause.literals) for clause in found) < len(endings):
        return Code(steps, endings) if tests <= MOST_CODE else Walk(steps)  # there is nothing to file most of them by
    filed = files(found)
    if filed.share <= NARROW:
        return Index(endings, filed, sources, all_wanted=mode == "collect")
    if tests <= CODE[mode]:
        return Code(steps, endings)
    if mode == "collect":
        return Index(endings, filed, sources, all_wanted=mode == "collect")
    head, start = _head(steps)
    return Chain(Code(head, endings), Index(endings, files([clause for clause in found if clause.ending >= start]), sources))


def _head(steps: tuple[Step, ...]) -> tuple[tuple[Step, ...], int]:
    """The first rules of a placement, as many as are worth asking before the rest; and the first ending that is not theirs."""
    tests = taken = start = 0
    for step in steps:
        tests += _tests((step,))
        if tests > CODE["first"]:
            break
        taken, start = taken + 1, max((inner.ending + 1 for inner in under((step,)) if inner.ending is not None), default=start)
    return steps[:taken], start


def _tests(steps: tuple[Step, ...]) -> int:
    """A parent's are counted once, as they are asked once."""
    return sum(len(step.gates) + _within(step.linked) for step in under(steps))


def _copied(endings: tuple[Ending, ...]) -> int:
    sizes = {id(linked): _within(linked) for linked in {id(linked): linked for ending in endings for linked, _ in ending.way}.values()}
    return sum(sizes[id(linked)] for ending in endings for linked, _ in ending.way)


def _within(linked: Linked | None) -> int:
    return sum(map(_within, linked.parts)) if isinstance(linked, Group) else int(linked is not None)
