"""The tree of one placement's rules, linked: what the plain walk follows, explanations tell of, and faster plans are made from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rules.engine.linked import Answer, Group, Linked, Test, answer
from rules.engine.workspace import Rule

Demands: TypeAlias = tuple[tuple[Linked, bool], ...]
"""Conditions that must all be answered so."""

Parts: TypeAlias = Mapping[int, tuple[tuple[Test, ...], Linked | None]]
"""By a rule's identity: its gates and its conditions."""


@dataclass(frozen=True, slots=True)
class Step:
    """A rule: its gates and its conditions, each as a tree and as one function (None: always true), and where the search goes on.

    `ending` is the number of its own outcome among those of its placement; None without one.
    """

    rule: Rule
    gates: tuple[Test, ...]
    linked: Linked | None
    open: Answer | None
    holds: Answer | None
    children: tuple[Step, ...] = ()
    otherwise: tuple[Step, ...] = ()
    ending: int | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """One way for a placement's search to end: a rule's outcome, what must be true to come to it, and the first ending beneath that rule.

    Every condition on the way down counts; of a parent whose `else` branch this is, that its conditions do not hold.
    """

    rule: Rule
    path: tuple[str, ...]
    way: Demands
    beneath: int


class Planting:
    """Grows one placement's tree and numbers its endings as they are come to: children before their parent, since they are tried first."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.endings: list[Ending] = []

    def steps(
        self, rules: list[Rule], above: tuple[str, ...] = (), way: Demands = (), branch: Literal["then", "else"] | None = None
    ) -> tuple[Step, ...]:
        return tuple(self._step(rule, above, way) for rule in rules if branch is None or rule.branch == branch)

    def _step(self, rule: Rule, above: tuple[str, ...], way: Demands) -> Step:
        gates, linked = self._parts[id(rule)]
        gate = answer(gates[0] if len(gates) == 1 else Group("all", gates)) if gates else None
        holds = answer(linked) if linked is not None else None
        if not rule.enabled:
            return Step(rule, gates, linked, gate, holds)
        path, first = (*above, rule.key), len(self.endings)
        opened = (*way, *((test, True) for test in gates))
        inside = (*opened, (linked, True)) if linked is not None else opened
        children = self.steps(rule.children, path, inside, "then")
        ending = None
        if rule.then is not None:
            ending = len(self.endings)
            self.endings.append(Ending(rule, path, inside, first))
        otherwise = self.steps(rule.children, path, (*opened, (linked, False)), "else") if linked is not None else ()
        return Step(rule, gates, linked, gate, holds, children, otherwise, ending)


def under(steps: tuple[Step, ...]) -> Iterator[Step]:
    """Every step of a tree."""
    waiting = list(steps)
    while waiting:
        step = waiting.pop()
        yield step
        waiting += (*step.children, *step.otherwise)
