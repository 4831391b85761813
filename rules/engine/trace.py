"""Why a decision came out as it did: which rules were met on the way, and what they lacked. Runs only when asked for."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

from rules.engine import limits
from rules.engine.linked import Readings
from rules.engine.steps import Step
from rules.engine.told import conditions, leaf, misses

__all__ = ["conditions", "rules"]

Path = tuple[str, ...]


def rules(steps: Sequence[Step], readings: Readings, capped: Container[str], won: Sequence[Path], *, collects: bool) -> dict[str, Any]:
    """Every rule on the way, up to the one that won or, where all are collected, to the last; and those that nearly matched.

    Past EXPLAINED rules only the ways to the winners are told; `left_out` says how many others were met.
    """
    telling = _Telling(readings, capped, won, collects=collects)
    told: dict[str, Any] = {"rules": telling.rules(steps, ())}
    if telling.missed:
        told["nearest"] = [miss for _, _, miss in sorted(telling.missed, key=lambda one: one[:2])[: limits.NEAREST]]
    if telling.left_out:
        told["left_out"] = telling.left_out
    return told


def _rule(step: Step, readings: Readings) -> dict[str, Any]:
    """One rule by itself."""
    rule = step.rule
    if not rule.enabled:
        return {"key": rule.key, "matched": False, "reason": "disabled", "children": []}
    seen = conditions(step.linked, readings)
    told: dict[str, Any] = {"key": rule.key, "matched": seen["matched"], "conditions": seen, "children": []}
    if step.gates:
        told["gates"] = gates = [leaf(gate, readings, wanted=True) for gate in step.gates]
        for gate in reversed(gates):  # the first that is closed is named
            if not gate["matched"]:
                told |= {"matched": False, "reason": gate["operator"]}
    return told


class _Telling:
    """One explanation on its way."""

    def __init__(self, readings: Readings, capped: Container[str], won: Sequence[Path], *, collects: bool) -> None:
        self.readings, self.capped, self.collects = readings, capped, collects
        self.won = frozenset(won)
        self.ways = frozenset(path[:length] for path in won for length in range(1, len(path) + 1))
        self.count = self.left_out = 0
        self.missed: list[tuple[int, int, dict[str, Any]]] = []
        self.done = False

    def rules(self, steps: Sequence[Step], above: Path) -> list[dict[str, Any]]:
        told: list[dict[str, Any]] = []
        for step in steps:
            path = (*above, step.rule.key)
            if self.count >= limits.EXPLAINED and path not in self.ways:
                self.left_out += 1
                continue
            self.count += 1
            told.append(self._one(step, path))
            if self.done:
                break
        return told

    def _one(self, step: Step, path: Path) -> dict[str, Any]:
        one = _rule(step, self.readings)
        if one.get("reason"):
            return one
        if not one["matched"]:
            self._miss(one, path)
            if step.otherwise:
                one["otherwise"] = self.rules(step.otherwise, path)
            return one
        one["children"] = self.rules(step.children, path)
        if self.done or step.ending is None:
            return one
        if path in self.won:
            one["won"] = True
            self.done = not self.collects
        elif step.rule.key in self.capped:
            one["reason"] = "capped"
        elif self.collects and not any(_matched(child) for child in one["children"]):
            one["reason"] = "trimmed"
        return one

    def _miss(self, one: dict[str, Any], path: Path) -> None:
        changes, needs = misses(one["conditions"], wanted=True)
        self.missed.append((changes, self.count, {"key": path[-1], "path": list(path), "changes": changes, "needs": needs}))


def _matched(told: dict[str, Any]) -> bool:
    """Whether this rule, or one beneath it, won or would have, had there been room."""
    return told.get("won", False) or told.get("reason") == "trimmed" or any(map(_matched, [*told["children"], *told.get("otherwise", [])]))
