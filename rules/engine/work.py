"""What the stages of compiling work on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rules.engine import limits
from rules.engine.errors import Problem
from rules.engine.linked import Linked, Source
from rules.engine.nodes import Node
from rules.engine.operators import Operator
from rules.engine.values import READERS, Type
from rules.engine.vocabulary import Variable, Vocabulary


@dataclass(slots=True)
class Site:
    """One place of the document that holds conditions, and what the stages have made of them so far."""

    path: str
    source: object
    vocabulary: Vocabulary
    node: Node | None = None
    linked: Linked | None = None


@dataclass(slots=True)
class Work:
    """All sites together. Sources are shared by them, so that a name used by many rules is read once."""

    sites: list[Site]
    thresholds: Mapping[str, float]
    variables: dict[tuple[str, bool], Variable] = field(default_factory=dict)
    operands: dict[int, object] = field(default_factory=dict)
    numbers: dict[tuple[str, Type], int] = field(default_factory=dict)
    patterns: dict[str, object] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def note(self, code: str, path: str, message: str, fix: str = "") -> None:
        self.add(Problem(code, path, message, fix))

    def add(self, problem: Problem) -> None:
        """More than PROBLEMS would fill memory and help nobody; one more than that is kept, to show that there are more."""
        if len(self.problems) <= limits.PROBLEMS:
            self.problems.append(problem)

    def names(self) -> frozenset[str]:
        return frozenset(name for name, _ in self.numbers)

    def source(self, variable: Variable, operator: Operator) -> int:
        """By name and type, so that an untyped name that is read as text here and as a list there has two sources."""
        return self.numbers.setdefault((variable.name, operator.reads or variable.type), len(self.numbers))

    def sources(self) -> tuple[Source, ...]:
        defaults = {variable.name: variable.default for variable in self.variables.values()}
        return tuple(Source(name, READERS[reads], defaults[name]) for name, reads in self.numbers)
