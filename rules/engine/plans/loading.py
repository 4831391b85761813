"""Reads many sources at once, in code written for them: a table asks all of its names, and one by one that takes longer than the table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from rules.engine import inline
from rules.engine.linked import Readings, Source
from rules.engine.plans.columns import Room
from rules.engine.values import LARGEST

Load: TypeAlias = Callable[[Readings], None]

CHECKS = {
    (str,): "v.__class__ is S",
    (bool,): "v is T or v is F",
    (int, float): "-L < v < L if v.__class__ is I or v.__class__ is D else F",
}
"""By the classes a source takes as they stand: whether this value is one. Every other value goes the long way."""


class Loaders:
    """Of one placement: tables that ask the same names share a function, and all tables the room for their columns."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self.room = Room()
        self._sources = sources
        self._made: dict[tuple[int, ...], Load] = {}

    def of(self, numbers: Sequence[int]) -> Load:
        wanted = tuple(sorted(number for number in numbers if self._sources[number].exact and self._sources[number].segment is None))
        if wanted not in self._made:
            self._made[wanted] = _load({number: self._sources[number] for number in wanted})
        return self._made[wanted]


def _load(sources: dict[int, Source]) -> Load:
    """Nothing of the sources' names is in the text, only their numbers."""
    names: dict[str, Any] = {**inline.NAMES, "S": str, "I": int, "D": float, "T": True, "F": False, "L": LARGEST}
    lines = ["def load(r):", " ask, take = r.ask, r.take"]
    for number, source in sources.items():
        names[f"n{number}"] = source.name
        lines += [
            f" if {number} not in r:",
            f"  v = ask(n{number}, M)",
            f"  if {CHECKS[source.exact]}: r[{number}] = v",
            f"  else: take({number}, v)",
        ]
    exec(compile("\n".join(lines), "<load>", "exec"), names)  # noqa: S102  the text is ours to the letter
    load: Load = names["load"]
    return load
