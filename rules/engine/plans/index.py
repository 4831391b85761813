"""The plan for wide sets: rules are filed by the values they ask for, and a decision looks only at those that its user's values leave."""

from __future__ import annotations

from collections.abc import Container, Sequence

from rules.engine.linked import Readings, Source
from rules.engine.plans.filing import Files
from rules.engine.plans.loading import Loaders
from rules.engine.plans.shelves import shelf
from rules.engine.steps import Ending

NONE = -1


class Index:
    """Looks into the drawers of the values that the user has, and through the rest."""

    __slots__ = ("_beneath", "_drawers", "_flat", "_keys", "_repeats", "_rest")

    def __init__(self, endings: tuple[Ending, ...], filed: Files, sources: Sequence[Source], *, all_wanted: bool = False) -> None:
        """`filed` may leave out the first endings, where another plan has asked them before. `all_wanted`: what is fast is `every`."""
        self._keys = [ending.rule.key for ending in endings]
        self._beneath = [ending.beneath for ending in endings]
        self._flat = self._beneath == list(range(len(endings)))
        loaders = Loaders(sources, all_wanted=all_wanted)
        self._rest = shelf(filed.rest, loaders) if filed.rest else None
        self._drawers = [
            (source, {value: shelf(found, loaders) for value, found in drawer.items()}) for source, drawer in filed.drawers.items()
        ]
        loaders.settle()
        self._repeats = filed.repeats

    def first(self, readings: Readings, capped: Container[str]) -> tuple[int, int]:
        best = nothing = len(self._keys)
        if self._rest is not None:
            best = self._rest.first(readings, best)
        for source, drawer in self._drawers:
            shelf = drawer.get(readings[source])
            if shelf is not None:
                best = shelf.first(readings, best)
        if best == nothing:
            return NONE, NONE
        return (best, NONE) if self._keys[best] not in capped else self._first_free(readings, capped)

    def _first_free(self, readings: Readings, capped: Container[str]) -> tuple[int, int]:
        passed = NONE
        for ending in self._matches(readings):
            if self._keys[ending] not in capped:
                return ending, passed
            passed = ending if passed == NONE else passed
        return NONE, passed

    def every(self, readings: Readings, capped: Container[str]) -> tuple[list[int], int]:
        matches = self._matches(readings)
        if self._flat:
            if not capped:
                return matches, NONE
            keys = self._keys
            collected = [ending for ending in matches if keys[ending] not in capped]
            return collected, matches[0] if matches and not collected else NONE
        collected = []
        passed = last = NONE
        for ending in matches:
            if last >= self._beneath[ending]:  # one beneath it was collected
                continue
            if self._keys[ending] not in capped:
                collected.append(ending)
                last = ending
            elif passed == NONE:
                passed = ending
        return collected, passed

    def _matches(self, readings: Readings) -> list[int]:
        """Every ending that could be come to, in order."""
        found = self._rest.all(readings) if self._rest is not None else []
        for source, drawer in self._drawers:
            table = drawer.get(readings[source])
            if table is not None:
                found += table.all(readings)
        if self._repeats:
            return sorted(set(found)) if len(found) > 1 else found
        found.sort()
        return found
