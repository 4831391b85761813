"""Problems found in authored documents: a stable code, a place, what is wrong and what to do next."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec


class Problem(msgspec.Struct, frozen=True):
    """One finding. `path` is a JSON path from the document's root, such as `$.placements[0].rules[1].when`."""

    code: str
    path: str
    message: str
    fix: str = ""

    def __str__(self) -> str:
        return f"{self.path}: {self.message} [{self.code}]" + (f" {self.fix}" if self.fix else "")


class Advice(Problem, frozen=True):
    """A finding that keeps nothing from going live: it is worth a look."""


class DocumentError(ValueError):
    """A document that can't be used, with every problem found in it, not only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(str(problem) for problem in self.problems))
