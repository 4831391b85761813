"""What gives a tag by several events, as rows: the steps of a sequence, and things that must all come."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from admin_ui.builder.widget import asked_of
from admin_ui.lines import read_conditions, read_need, read_step, write_need, write_step
from admin_ui.writing.rows import Cell, Rows, RowsWidget, Sent

EVENT = Cell("event", "Event", hint="Product Viewed")
TIMES = Cell("times", "Times", "number", usual="1")
ONLY_IF = Cell("where", "Only if", "conditions", hint="category = shoes and price >= 100")
STEPS = Rows(
    "assign.steps",
    "Steps",
    "Step",
    (
        Cell("not", "This", "flag", choices=(("", "must come"), ("true", "must not come"))),
        EVENT,
        TIMES,
        Cell("within", "Within", hint="30m"),
        ONLY_IF,
    ),
)
NEEDS = Rows(
    "assign.all",
    "Needs",
    "Need",
    (EVENT, TIMES, Cell("sum.of", "Adding up", "property", hint="seconds"), Cell("sum.at_least", "To at least", "number"), ONLY_IF),
)


class PartsWidget(RowsWidget):
    """Rows, or lines of text: a form may send lines under the field's own name, and what rows can't say is shown as lines."""

    def __init__(self, rows: Rows, read: Callable[[str], dict[str, Any]]) -> None:
        super().__init__(rows)
        self.attrs = {"rows": 4, "spellcheck": "false", "aria-label": f"{rows.label}, one to a line"}
        self.read = read

    def of(self, workspace: str, kind: str, key: str) -> None:
        self.where = asked_of(workspace, kind, key)

    def fields_of(self, value: Any, name: str) -> dict[str, str] | None:
        if isinstance(value, str):
            try:
                value = [self.read(line.strip()) for line in value.splitlines() if line.strip()]
            except ValueError:
                return None
        return super().fields_of(value, name)


class PartsField(forms.CharField):
    """A list of objects: rows, or lines of text, one to a line."""

    rows: Rows
    read: Callable[[str], dict[str, Any]]
    write: Callable[[Mapping[str, Any]], str]

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=PartsWidget(type(self).rows, type(self).read), **options)

    def to_python(self, value: Any) -> list[dict[str, Any]]:
        if isinstance(value, list):
            return value
        if isinstance(value, Sent):
            return self._of_rows(value)
        parts, problems = [], []
        for number, line in enumerate(str(value or "").splitlines(), 1):
            try:
                parts += [type(self).read(line.strip())] if line.strip() else []
            except ValueError as error:
                problems.append(f"Line {number}: {error}")
        if problems:
            raise ValidationError(problems)
        return parts

    def _of_rows(self, sent: Sent) -> list[dict[str, Any]]:
        parts, problems = json.loads(sent), []
        for number, part in enumerate(parts, 1):
            if isinstance(part.get("where"), str):
                try:
                    part["where"] = read_conditions(part["where"])
                except ValueError as error:
                    problems.append(f"{self.rows.one} {number}: {error}")
        if problems:
            raise ValidationError(problems)
        return parts

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(type(self).write, value)) if isinstance(value, list) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(initial) != self.to_python(data)
        except ValidationError:
            return True


class StepsField(PartsField):
    rows, read, write = STEPS, staticmethod(read_step), staticmethod(write_step)


class NeedsField(PartsField):
    rows, read, write = NEEDS, staticmethod(read_need), staticmethod(write_need)
