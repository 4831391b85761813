"""Reads many sources at once, in code written for them: a table asks all of its names, and one by one that takes longer than the table."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from rules.engine import inline
from rules.engine.linked import Source
from rules.engine.plans.clauses import Asks
from rules.engine.plans.columns import Room
from rules.engine.plans.marks import Load, Mark, Settled, marks
from rules.engine.values import LARGEST

CHECKS = {
    (str,): "v.__class__ is S",
    (bool,): "v is T or v is F",
    (int, float): "-L < v < L if v.__class__ is I or v.__class__ is D else F",
}
"""By the classes a source takes as they stand: whether this value is one. Every other value goes the long way."""


class Loaders:
    """Of one placement: what its tables share."""

    def __init__(self, sources: Sequence[Source], *, all_wanted: bool) -> None:
        self.room, self.asks, self.all_wanted = Room(), Asks(), all_wanted
        self.tables: list[Settled] = []
        self._sources = sources

    def settle(self) -> None:
        """Tables that ask most of all names share one function, others with those that ask the same."""
        every = frozenset(one.source for table in self.tables for one in table.columns)
        groups: defaultdict[frozenset[int], list[Settled]] = defaultdict(list)
        for table in self.tables:
            names = frozenset(one.source for one in table.columns)
            groups[every if 4 * len(names) >= 3 * len(every) else names].append(table)
        for names, tables in groups.items():
            shared = marks(tables, self.room) if len(tables) > 1 else {}
            load = _load({number: self._sources[number] for number in sorted(names)}, shared)
            for table in tables:
                columns = {one.source: one for one in table.columns}
                bits = [bits for mark in shared.values() for bits in mark.bits(columns.get(mark.source), table.every)]
                table.settle(load, bits, shared)


def _load(sources: dict[int, Source], marked: Mapping[int, Mark]) -> Load:
    """Nothing of the sources' names is in the text, only their numbers."""
    names: dict[str, Any] = {**inline.NAMES, "S": str, "I": int, "D": float, "T": True, "F": False, "L": LARGEST, "B": bisect_right}
    lines = ["def load(r):", " ask, take = r.ask, r.take"]
    starts = dict(zip(marked, accumulate((mark.size for mark in marked.values()), initial=0), strict=False))  # the last sum begins nothing
    for number, source in sources.items():
        if source.exact and source.segment is None:
            names[f"n{number}"] = source.name
            lines += [
                f" if {number} in r: v = r[{number}]",
                " else:",
                f"  v = ask(n{number}, M)",
                f"  if {CHECKS[source.exact]}: r[{number}] = v",
                f"  else: v = take({number}, v)",
            ]
        elif number in marked:
            lines.append(f" v = r[{number}]")
        if number in marked:
            text, names[f"p{number}"] = marked[number].text(starts[number])
            lines.append(f" i{number} = {text}")
    lines.append(f" return ({''.join(f'i{number}, ' for number in marked)})")
    exec(compile("\n".join(lines), "<load>", "exec"), names)  # noqa: S102  the text is ours to the letter
    load: Load = names["load"]
    return load
