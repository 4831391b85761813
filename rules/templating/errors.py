"""What goes wrong with a template: while rendering (an exception) or in what was written (a finding at a place)."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass


class RenderError(Exception):
    """One rendering failed. `code` is stable; the message never holds a user's data."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(f"{message} [{code}]")


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a text as people count: both from 1."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem of one text."""

    code: str
    where: Where
    message: str
    fix: str


class Places:
    """Turns offsets into a text to lines and columns."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._starts = [0, *(index + 1 for index, character in enumerate(source) if character == "\n")]

    def at(self, offset: int) -> Where:
        line = bisect_right(self._starts, max(offset, 0))
        return Where(line, max(offset, 0) - self._starts[line - 1] + 1)

    def offset(self, where: Where) -> int:
        """Where a place is in the source; the other way round than `at`."""
        return self._starts[min(where.line, len(self._starts)) - 1] + where.column - 1

    def in_line(self, line: int, wanted: str) -> Where:
        """Where a word first stands in a line; the line's first character when it does not."""
        start = self._starts[min(line, len(self._starts)) - 1]
        end = self.source.find("\n", start)
        text = self.source[start : end if end >= 0 else len(self.source)]
        found = text.find(wanted) if wanted else -1
        return Where(line, (found if found >= 0 else len(text) - len(text.lstrip())) + 1)
