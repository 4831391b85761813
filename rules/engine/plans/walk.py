"""The plain plan: the tree of rules, followed as the language describes it. It says what the faster plans must answer."""

from __future__ import annotations

from collections.abc import Container

from rules.engine.linked import Readings
from rules.engine.steps import Step

NONE = -1


class Walk:
    __slots__ = ("_steps",)

    def __init__(self, steps: tuple[Step, ...]) -> None:
        self._steps = steps

    def first(self, readings: Readings, capped: Container[str]) -> tuple[int, int]:
        search = _Search(readings, capped)
        return search.first(self._steps), search.passed

    def every(self, readings: Readings, capped: Container[str]) -> tuple[list[int], int]:
        search = _Search(readings, capped)
        return search.every(self._steps), search.passed


class _Search:
    """One search. `passed` is the first ending that would have been it, had its rule's cap not been used up."""

    __slots__ = ("capped", "passed", "readings")

    def __init__(self, readings: Readings, capped: Container[str]) -> None:
        self.readings, self.capped, self.passed = readings, capped, NONE

    def first(self, steps: tuple[Step, ...]) -> int:
        for step in filter(self.open, steps):
            if step.holds is None or step.holds(self.readings):
                found = self.first(step.children)
                found = self.own(step) if found == NONE else found
            else:
                found = self.first(step.otherwise)
            if found != NONE:
                return found
        return NONE

    def every(self, steps: tuple[Step, ...]) -> list[int]:
        collected: list[int] = []
        for step in filter(self.open, steps):
            if step.holds is not None and not step.holds(self.readings):
                collected += self.every(step.otherwise)
            elif found := self.every(step.children):
                collected += found
            elif (own := self.own(step)) != NONE:
                collected.append(own)
        return collected

    def open(self, step: Step) -> bool:
        """Whether the rule is there at all: on, and now, and for this user."""
        return step.rule.enabled and (step.open is None or step.open(self.readings))

    def own(self, step: Step) -> int:
        """The rule's own outcome, unless its cap is used up."""
        if step.ending is None:
            return NONE
        if step.rule.key not in self.capped:
            return step.ending
        if self.passed == NONE:
            self.passed = step.ending
        return NONE
