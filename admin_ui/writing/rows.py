"""Rows of inputs for what a document holds as JSON: shown as rows where it reads back the same, as JSON where it does not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Literal

from django import forms
from django.template.loader import render_to_string

from admin_ui.jsontext import JsonField
from admin_ui.lines import read_conditions

Data = Mapping[str, Any]
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d{1,3})?")
PROPERTIES = "properties."
ABSENT = object()


@dataclass(frozen=True, slots=True)
class Cell:
    """One input of a row. `key` is its name in the document, or the way to it: `sum.of`."""

    key: str
    label: str
    kind: Literal["text", "number", "choice", "long", "flag", "property", "conditions"] = "text"
    choices: tuple[tuple[str, str], ...] = ()
    hint: str = ""
    usual: str = ""
    """What it is where nothing is said."""
    offered: tuple[str, ...] = ()
    """What may be typed in, to choose from while typing."""

    @property
    def usual_words(self) -> str:
        return dict(self.choices).get(self.usual, self.usual)

    @property
    def known(self) -> frozenset[str]:
        return frozenset(value for value, _ in self.choices)

    def read(self, said: str) -> Any:
        """A number as one; what is no number stays text, for the check of the document to refuse."""
        if self.kind == "number" and _NUMBER.fullmatch(said.strip()):
            number = float(said)
            return int(number) if number.is_integer() and abs(number) < 2**53 else number
        if self.kind == "flag" and said.strip() == "true":
            return True
        if self.kind == "property":
            return said.strip() if said.strip().startswith(PROPERTIES) else f"{PROPERTIES}{said.strip()}"
        if self.kind == "conditions":
            with suppress(ValueError):  # the field says what can't be read, with its row
                return read_conditions(said.strip())
        return said if self.kind == "long" else said.strip()

    def write(self, value: Any) -> str:
        if self.kind == "property":
            return str(value).removeprefix(PROPERTIES)
        if self.kind == "conditions":
            return json.dumps(value, ensure_ascii=False)  # the rule builder's script reads no other words
        if isinstance(value, bool) or value is None:
            return json.dumps(value)
        if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
            return str(int(value))
        return str(value)


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of cells. `shape`: a list of objects; a `map` of the first cell to the second; `keyed`: the first cell to an object."""

    key: str
    label: str
    one: str
    """What a row is called: Term, Band."""
    cells: tuple[Cell, ...]
    shape: Literal["list", "map", "keyed"] = "list"
    inner: tuple[Rows, ...] = ()

    def offering(self, key: str, words: Iterable[str]) -> Rows:
        """The same rows where the cells of a key offer these words while one types; not those of the rows around."""
        offered = tuple(words)
        cells = tuple(replace(cell, offered=offered) if cell.key == key and self.shape != "keyed" else cell for cell in self.cells)
        return replace(self, cells=cells, inner=tuple(inner.offering(key, offered) for inner in self.inner))

    def choosing(self, key: str, choices: Iterable[tuple[str, str]]) -> Rows:
        """The same rows where the cells of a key are chosen from these."""
        given = tuple(choices)
        cells = tuple(replace(cell, choices=given) if cell.key == key else cell for cell in self.cells)
        return replace(self, cells=cells, inner=tuple(inner.choosing(key, given) for inner in self.inner))

    def compose(self, data: Data, prefix: str) -> Any:
        """The value that a form's fields make; rows with nothing in them are left out."""
        rows = [self._row(data, f"{prefix}-{index}") for index in _indexes(data, prefix)]
        filled = [row for row in rows if row]
        if self.shape == "list":
            return filled
        first, pairs = self.cells[0].key, Pairs()
        for row in filled:
            name = row.pop(first, "")
            pairs.append((str(name), row if self.shape == "keyed" else row.get(self.cells[1].key, "")))
        return pairs

    def _row(self, data: Data, prefix: str) -> dict[str, Any]:
        said = {cell: str(data.get(f"{prefix}-{cell.key}") or "").replace("\r\n", "\n") for cell in self.cells}
        row: dict[str, Any] = {}
        for cell, text in said.items():
            if text.strip():
                *way, last = cell.key.split(".")
                into = row
                for step in way:
                    into = into.setdefault(step, {})
                into[last] = cell.read(text)
        inner = {rows.key: rows.compose(data, f"{prefix}-{rows.key}") for rows in self.inner}
        return row | {key: value for key, value in inner.items() if value}

    def spread(self, value: Any, prefix: str) -> dict[str, str]:
        """The form's fields that `compose` makes this value of; KeyError, TypeError or AttributeError for one of another shape."""
        if self.shape == "list":
            rows = list(value)
        elif self.shape == "map":
            rows = [{self.cells[0].key: key, self.cells[1].key: one} for key, one in value.items()]
            if self.cells[1].kind == "number":  # a document keeps no order of them; people count down
                rows.sort(key=lambda row: -row[self.cells[1].key])
        else:
            rows = [{self.cells[0].key: key, **one} for key, one in value.items()]
        data: dict[str, str] = {}
        for index, row in enumerate(rows):
            here = f"{prefix}-{index}"
            found = {cell: _at(row, cell.key) for cell in self.cells}
            data |= {f"{here}-{cell.key}": cell.write(value) for cell, value in found.items() if value is not ABSENT}
            for inner in self.inner:
                data |= inner.spread(row.get(inner.key, {} if inner.shape != "list" else []), f"{here}-{inner.key}")
        return data

    def shown(self, data: Data, prefix: str, depth: int = 0) -> dict[str, Any]:
        """For the page: every row with its cells, an empty one for who has no scripts, and one for scripts to copy."""
        indexes = _indexes(data, prefix)
        spare = max(indexes, default=-1) + 1
        return {
            "rows": self,
            "prefix": prefix,
            "mark": f"__{depth}__",
            "shown": [self._shown(data, f"{prefix}-{index}", depth) for index in indexes],
            "spare": self._shown({}, f"{prefix}-{spare}", depth),
            "empty": self._shown({}, f"{prefix}-__{depth}__", depth),
        }

    def _shown(self, data: Data, prefix: str, depth: int) -> dict[str, Any]:
        cells = [(cell, f"{prefix}-{cell.key}", data.get(f"{prefix}-{cell.key}", "")) for cell in self.cells]
        inner = [rows.shown(data, f"{prefix}-{rows.key}", depth + 1) for rows in self.inner]
        return {"cells": cells, "inner": inner}


class Pairs(list[tuple[str, Any]]):
    """An object as it was written, so that a name that stands twice is refused and not lost."""


def written(value: Any) -> str:
    """As JSON, pairs as objects."""
    if isinstance(value, Pairs):
        return "{" + ", ".join(f"{json.dumps(key)}: {written(one)}" for key, one in value) + "}"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {written(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    return json.dumps(value)


def _at(row: Any, key: str) -> Any:
    for step in key.split("."):
        if not isinstance(row, Mapping) or step not in row:
            return ABSENT
        row = row[step]
    return row


def _indexes(data: Data, prefix: str) -> list[int]:
    """In the order of their numbers: rows that a script adds or moves are numbered as they stand."""
    found = (re.match(rf"{re.escape(prefix)}-(\d{{1,5}})-", name) for name in data)
    return sorted({int(match[1]) for match in found if match})


class RowsWidget(forms.Textarea):
    """Rows, or a text area of JSON for what rows can't say. Both are read: a form may send JSON under the field's own name."""

    use_fieldset = True

    def __init__(self, rows: Rows) -> None:
        super().__init__(attrs={"class": "json", "rows": 8, "spellcheck": "false", "aria-label": f"{rows.label} as JSON"})
        self.rows = rows
        self.where: dict[str, str] = {}
        """For rule builders in rows: where they ask, and whose conditions they hold."""

    def fields_of(self, value: Any, name: str) -> dict[str, str] | None:
        """The fields of rows that read back as this value; None where there are none such."""
        try:
            parsed = json.loads(value) if isinstance(value, str) and value.strip() else value
            spread = self.rows.spread(parsed or ([] if self.rows.shape == "list" else {}), name)
            same = json.loads(written(self.rows.compose(spread, name))) == (parsed or json.loads(written(self.rows.compose({}, name))))
        except (AttributeError, KeyError, TypeError, ValueError):
            return None
        return spread if same else None

    def render(self, name: str, value: Any, attrs: Mapping[str, Any] | None = None, renderer: Any = None) -> Any:
        data = value.data if isinstance(value, Sent) else self.fields_of(value, name)
        if data is None:
            return super().render(name, value, attrs, renderer)
        context = {
            "part": self.rows.shown(data, name),
            "id": (attrs or {}).get("id", f"id_{name}"),
            "help": (attrs or {}).get("aria-describedby"),
            "builder": self.where,
        }
        return render_to_string("admin/signpost/writing/rows.html", context)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        if name in data:
            return data[name]
        value = self.rows.compose(data, name)
        return Sent(written(value), {key: data[key] for key in data if key.startswith(f"{name}-")}) if value else ""

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False

    def place(self, path: str) -> str:
        """A path inside the field as people say it: `terms[0].weight` as Term 1, Weight."""
        return ", ".join(_places(self.rows, path)) or path


class Sent(str):
    """JSON that rows made, with the fields it was made of: shown again as they were typed in."""

    data: dict[str, str]

    def __new__(cls, text: str, data: dict[str, str]) -> Sent:
        made = super().__new__(cls, text)
        made.data = data
        return made


def _places(rows: Rows, path: str) -> Iterator[str]:
    found = re.match(rf"{re.escape(rows.key)}\[(\d+)\]\.?(.*)", path)
    if found is None:
        return
    yield f"{rows.one} {int(found[1]) + 1}"
    for cell in rows.cells:
        if cell.key == found[2]:
            yield cell.label
    for inner in rows.inner:
        yield from _places(inner, found[2])


class RowsField(JsonField):
    """JSON that is typed in as rows."""

    def __init__(self, *, rows: Rows, required: bool = False) -> None:
        super().__init__(required=required, widget=RowsWidget(rows))

    def bound_data(self, data: Any, initial: Any) -> Any:
        """As it was sent, for the widget to show the same rows again."""
        return data
