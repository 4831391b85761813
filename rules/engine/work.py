"""What the stages of compiling work on."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rules.engine import limits
from rules.engine.errors import Problem
from rules.engine.linked import Answer, Linked, Readings, Source, Test, answer
from rules.engine.nodes import Compare, Node
from rules.engine.values import EXACT, READERS, Reading
from rules.engine.vocabulary import Variable, Vocabulary
from rules.engine.workspace import Rule


@dataclass(slots=True)
class Site:
    """One place of the document that holds conditions, and what the stages have made of them so far.

    `segment` names the segment whose they are, `rule` the rule. Without a source the node is there already: that of a list's items.
    """

    path: str
    source: object
    vocabulary: Vocabulary
    node: Node | None = None
    leaves: tuple[Compare, ...] = ()
    rule: Rule | None = None
    segment: str | None = None
    linked: Linked | None = None
    holds: Answer | None = None
    gates: tuple[Test, ...] = ()


@dataclass(slots=True)
class Work:
    """All sites together. Sources are shared by them, so that a name used by many rules is read once."""

    sites: list[Site]
    thresholds: Mapping[str, float | None]
    """By key; None for an adaptive one."""
    timezone: str = "UTC"
    sharing: bool = False
    """Whether comparisons that say the same may be one test. Not where each has to be told by where it stands."""
    variables: dict[tuple[str, tuple[str, ...]], Variable] = field(default_factory=dict)
    operands: dict[int, object] = field(default_factory=dict)
    table: list[Source] = field(default_factory=list)
    """The sources by number. It grows while linking goes on, and what is linked may hold on to it."""
    numbers: dict[tuple[str, Reading], int] = field(default_factory=dict)
    tests: dict[Hashable, Test] = field(default_factory=dict)
    """By what the comparison says, where `sharing`."""
    patterns: dict[str, object] = field(default_factory=dict)
    segments: dict[str, Site] = field(default_factory=dict)
    inner: dict[int, Site] = field(default_factory=dict)
    """The conditions on a list's items, by their node."""
    problems: list[Problem] = field(default_factory=list)

    def note(self, code: str, path: str, message: str, fix: str = "") -> None:
        self.add(Problem(code, path, message, fix))

    def add(self, problem: Problem) -> None:
        """More than PROBLEMS would fill memory and help nobody; one more than that is kept, to show that there are more."""
        if len(self.problems) <= limits.PROBLEMS:
            self.problems.append(problem)

    def names(self) -> frozenset[str]:
        return frozenset(name for name, _ in self.numbers if not name.startswith(("item.", "segments.")))

    def source(self, variable: Variable, reads: Reading | None = None) -> int:
        """By name and reading, so that an untyped name that is read as text here and as a list there has two sources."""
        wanted = reads or variable.type
        number = self.numbers.setdefault((variable.name, wanted), len(self.table))
        if number == len(self.table):
            kind, _, key = variable.name.partition(".")
            asked = _late(self.segments[key]) if kind == "segments" and key in self.segments else None
            self.table.append(Source(variable.name, READERS[wanted], variable.default, asked, EXACT.get(wanted, ())))
        return number


def _late(site: Site) -> Answer:
    """A segment's answer. It may be linked after the first rule that uses it."""

    def ask(readings: Readings) -> bool:
        if site.holds is None:
            site.holds = answer(site.linked)
        return site.holds(readings)

    return ask


class ItemFacts:
    """One item of a list, as its conditions see it: `item.<path>`."""

    __slots__ = ("_item",)

    def __init__(self, item: Mapping[str, Any]) -> None:
        self._item = item

    def get(self, name: str, default: Any, /) -> Any:
        value: Any = self._item
        for step in name.split(".")[1:]:
            if not isinstance(value, Mapping) or step not in value:
                return default
            value = value[step]
        return value
