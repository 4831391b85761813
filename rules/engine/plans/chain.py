"""The plan for wide sets of rules that are for many: the first of them as nested ifs, and an index for those who get past these."""

from __future__ import annotations

from collections.abc import Container

from rules.engine.linked import Readings
from rules.engine.plans.code import Code
from rules.engine.plans.index import Index


class Chain:
    """`head` has the first endings of the placement, `tail` all others."""

    __slots__ = ("_head", "_tail")

    def __init__(self, head: Code, tail: Index) -> None:
        self._head, self._tail = head, tail

    def first(self, readings: Readings, capped: Container[str]) -> tuple[int, int]:
        found, passed = self._head.first(readings, capped)
        if found >= 0:
            return found, passed
        found, later = self._tail.first(readings, capped)
        return found, passed if passed >= 0 else later

    def every(self, readings: Readings, capped: Container[str]) -> tuple[list[int], int]:
        found, passed = self._head.every(readings, capped)
        more, later = self._tail.every(readings, capped)
        return found + more, passed if passed >= 0 else later
