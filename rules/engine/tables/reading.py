"""A table to rules, with every problem told by its cell: `$.rows[3].B` is what a spreadsheet calls B3."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rules.engine import limits
from rules.engine.errors import DocumentError, Problem
from rules.engine.strict import faults
from rules.engine.structure import mismatches
from rules.engine.tables.cells import NO, VALUELESS, YES, Unreadable, read_number, read_value, unshielded
from rules.engine.tables.columns import FIELDS, NUMBERS, REQUIRED, Column, Comparison, letters, read_head
from rules.engine.tables.flat import Leaf, normal
from rules.engine.vocabulary import Vocabulary
from rules.engine.workspace import Rule

AS_THEY_ARE = frozenset({"name", "description"})
"""Words for people: their spaces and lines are their author's."""
HEADS = 1
"""The row of the heads, counted as spreadsheets count."""


@dataclass(frozen=True, slots=True)
class Row:
    """A rule, the number of its row, and which column each part of it came from."""

    number: int
    rule: dict[str, Any]
    columns: Mapping[str, int]

    def cell(self, path: str) -> str:
        """The cell a path within the rule points at; what is missing is missing in the first one."""
        found = max((part for part in self.columns if path == part or path.startswith((f"{part}.", f"{part}["))), key=len, default="")
        return f"$.rows[{self.number}].{letters(self.columns.get(found, self.columns.get(path, 0)))}"


@dataclass(frozen=True, slots=True)
class Table:
    rows: tuple[Row, ...]

    @property
    def rules(self) -> list[dict[str, Any]]:
        """As they stand in a workspace document."""
        return [row.rule for row in self.rows]


def read_table(text: str, vocabulary: Vocabulary | None = None) -> list[dict[str, Any]]:
    """The rules in the order of their rows. Raises DocumentError with every problem.

    With a vocabulary a cell is read by its name's type: 10 is a text where the name holds text.
    """
    return parse_table(text, vocabulary).rules


def parse_table(text: str, vocabulary: Vocabulary | None = None) -> Table:
    """`read_table` with the places the rules came from."""
    lines = list(_lines(text))
    reading = _Reading(vocabulary)
    columns = reading.heads(lines[0])
    if not reading.problems:
        for number, line in enumerate(lines[1:], HEADS + 1):
            reading.row(number, line, columns)
    if reading.problems:
        raise DocumentError(reading.problems)
    return Table(tuple(reading.rows))


def _lines(text: str) -> Iterator[list[str]]:
    if len(text) > limits.TABLE_CHARACTERS:
        raise _found(
            "too_large",
            f"the table has {len(text)} characters; at most {limits.TABLE_CHARACTERS} are read",
            "Split it, or load a document.",
        )
    if "\0" in text:
        raise _found("bad_text", "the table holds a NUL character, which the database can't keep", "Save it as CSV (UTF-8).")
    text = text.removeprefix("\ufeff")
    first = text.partition("\n")[0]
    # Spreadsheets take the separator of the reader's country, and no head has any of these in it.
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    found = 0
    try:
        for line in reader:
            found += 1
            if found > limits.TABLE_ROWS + HEADS:
                raise _found("too_large", f"the table has more than {limits.TABLE_ROWS} rows", "Split it, or load a document.")
            if len(line) > limits.TABLE_COLUMNS and any(map(str.strip, line[limits.TABLE_COLUMNS :])):
                raise _found(
                    "too_large", f"row {found} has {len(line)} cells; at most {limits.TABLE_COLUMNS} are read", "Use fewer columns."
                )
            yield line[: limits.TABLE_COLUMNS]
    except csv.Error as error:
        raise _found("table_syntax", f"this is not CSV: {error} in line {reader.line_num}", "Correct the quotes there.") from error
    if not found:
        raise _found("table_empty", "the table has no heads", "Write at least a row of them: key, name, then.")


def _found(code: str, message: str, fix: str) -> DocumentError:
    return DocumentError([Problem(code, "$", message, fix)])


class _Reading:
    """One table on its way. Tells at most as many problems as everything else does."""

    def __init__(self, vocabulary: Vocabulary | None) -> None:
        self.vocabulary = vocabulary
        self.problems: list[Problem] = []
        self.rows: list[Row] = []
        self.seen: dict[object, int] = {}

    def heads(self, line: Sequence[str]) -> list[Column | None]:
        columns = [read_head(unshielded(text).strip()) for text in line]
        for index, (text, column) in enumerate(zip(line, columns, strict=True)):
            path = f"$.rows[{HEADS}].{letters(index)}"
            if column is None and text.strip():
                words = f"{text.strip()[:100]!r} is no head of a column"
                fix = f"Write a field ({', '.join(sorted(FIELDS))}) or a name and an operator, such as traits.plan =."
                self.note("unknown_column", path, words, fix)
            elif isinstance(column, str) and column in columns[:index]:
                self.note("duplicate_column", path, f"the column {column} stands there twice", "Keep one of them.")
        for field in REQUIRED:
            if field not in columns:
                self.note("missing_column", f"$.rows[{HEADS}]", f"there is no column {field}", f"Add a column with the head {field}.")
        return columns

    def row(self, number: int, line: Sequence[str], columns: Sequence[Column | None]) -> None:
        if not any(map(str.strip, line)):
            return
        rule: dict[str, Any] = {}
        places: dict[str, int] = {}
        leaves: list[tuple[Leaf, int]] = []
        before = len(self.problems)
        for index, text in enumerate(line):
            path, column = f"$.rows[{number}].{letters(index)}", columns[index] if index < len(columns) else None
            if not (text if column in AS_THEY_ARE else text.strip()):
                continue
            if len(text) > limits.TABLE_CELL:
                words = f"the cell has {len(text)} characters; at most {limits.TABLE_CELL} are read"
                self.note("too_large", path, words, "Shorten it.")
            elif column is None:
                self.note("cell_without_column", path, "there is no head above this cell", "Give its column a head, or empty the cell.")
            else:
                try:
                    if isinstance(column, Comparison):
                        leaves.append((self.leaf(column, unshielded(text).strip()), index))
                    else:
                        _set(rule, column, _field(column, unshielded(text)))
                        places[f"$.{column}"] = index
                except Unreadable as error:
                    self.note("bad_cell", path, error.message, error.fix)
        for index, (_, column_index) in enumerate(leaves):
            places["$.when" if len(leaves) == 1 else f"$.when.all[{index}]"] = column_index
        if leaves:
            rule["when"] = normal([leaf for leaf, _ in leaves])
        if len(self.problems) == before:
            places |= {"$": columns.index("key")}
            self.keep(Row(number, rule, places))

    def leaf(self, column: Comparison, text: str) -> Leaf:
        leaf: Leaf = {"name": column.name, "operator": column.operator}
        if column.operator in VALUELESS:
            if text.lower() not in YES:
                fix = f"Write yes, or leave the cell empty; {text[:40]!r} would be another operator."
                raise Unreadable(f"{column.operator} compares with nothing", fix)
        else:
            variable = self.vocabulary.get(column.name) if self.vocabulary else None
            leaf["value"] = read_value(text, column.operator, variable)
        return leaf if column.missing is None else {**leaf, "missing": column.missing}

    def keep(self, row: Row) -> None:
        """The rule as the document's own structure has it, or what is wrong with it."""
        problems = faults(row.rule) or list(mismatches(row.rule, Rule, "$"))
        for found in problems:
            self.note(found.code, row.cell(found.path), found.message, found.fix)
        key = row.rule.get("key")
        if not problems and key in self.seen:
            words = f"the key {key!r} is taken by row {self.seen[key]}"
            self.note("duplicate_key", row.cell("$.key"), words, "Give one of them another key.")
        self.seen.setdefault(key, row.number)
        self.rows.append(row)

    def note(self, code: str, path: str, message: str, fix: str) -> None:
        if len(self.problems) < limits.PROBLEMS:
            self.problems.append(Problem(code, path, message, fix))


def _field(column: str, text: str) -> object:
    if column in NUMBERS:
        return read_number(text.strip())
    if column != "enabled":
        return text if column in AS_THEY_ARE else text.strip()
    word = text.strip().lower()
    if word not in YES | NO:
        raise Unreadable(f"{word[:40]!r} is neither yes nor no", "Write yes or no; an empty cell is yes.")
    return word in YES


def _set(rule: dict[str, Any], column: str, value: object) -> None:
    """Columns without a word of their own in the document: `then` names a template, and caps are in an object of theirs."""
    if column == "then":
        rule["then"] = {"template": value}
    elif column.startswith("cap."):
        rule.setdefault("cap", {})[column.removeprefix("cap.")] = value
    else:
        rule[column] = value
