"""Fields of several inputs: days to tick, two clock times, a day with its time."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from admin_ui.writing.parts import ROWS
from admin_ui.writing.rows import RowsField
from admin_ui.writing.schemas import SchemaField
from admin_ui.writing.steps import NeedsField, StepsField
from rules import words
from rules.engine import clock

SHAPES = {
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "time": re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?"),
}
"""What a browser's own input of this type can show. Anything else would look empty, and be gone when the form is saved."""


class PairWidget(forms.MultiWidget):
    """Two inputs with names for people who can't see that they stand beside each other."""

    def __init__(self, label: str, *inputs: tuple[str, str]) -> None:
        super().__init__(
            [forms.TextInput(attrs={"type": kind, "class": "pair", "aria-label": f"{label}: {name}"}) for kind, name in inputs]
        )

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        for one in context["widget"]["subwidgets"]:
            if one["value"] and not SHAPES[one["type"]].fullmatch(one["value"]):
                one["type"] = "text"
        return context


class MomentWidget(PairWidget):
    def __init__(self, label: str) -> None:
        super().__init__(label, ("date", "day"), ("time", "time of day"))

    def decompress(self, value: Any) -> list[str]:
        day, _, time = str(value or "").partition("T")
        return [day, time]


class MomentField(forms.MultiValueField):
    """A day such as 2026-11-27, or with a time. Whether there is such a day is for the engine to say."""

    def __init__(self, *, label: str, required: bool = False) -> None:
        super().__init__((forms.CharField(), forms.CharField()), widget=MomentWidget(label), required=required, require_all_fields=False)
        for part in self.fields:
            part.required = False

    def compress(self, parts: list[str]) -> str:
        day, time = parts or ["", ""]
        if time and not day:
            raise ValidationError("A time needs its day.")
        return "T".join(part for part in (day, time) if part)


class HoursWidget(PairWidget):
    def __init__(self, label: str) -> None:
        super().__init__(label, ("time", "beginning"), ("time", "end"))

    def decompress(self, value: Any) -> list[str]:
        return [*(value or ()), "", ""][:2]


class HoursField(forms.MultiValueField):
    """Two clock times, or neither."""

    def __init__(self, *, label: str, required: bool = False) -> None:
        super().__init__((forms.CharField(), forms.CharField()), widget=HoursWidget(label), required=required, require_all_fields=False)
        for part in self.fields:
            part.required = False

    def compress(self, parts: list[str]) -> list[str]:
        times = [part for part in parts if part]
        if len(times) == 1:
            raise ValidationError("Write both the beginning and the end, or neither.")
        return times


class TicksField(forms.MultipleChoiceField):
    """Some of a few values, each with a box to tick."""

    widget = forms.CheckboxSelectMultiple(attrs={"class": "ticks"})


class LongSelect(forms.Select):
    """A choice of hundreds, written in one go: Django would render a template for each of them."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        chosen, mark = set(self.format_value(value)), mark_safe(" selected")
        lines = ((key, mark if str(key) in chosen else "", label) for key, label in self.choices)
        options = format_html_join("\n", '<option value="{}"{}>{}</option>', lines)
        return format_html("<select{}>\n{}\n</select>", flatatt(self.build_attrs(self.attrs, {"name": name, **(attrs or {})})), options)


class ZoneField(forms.ChoiceField):
    """Whose clock a schedule is read on."""

    widget = LongSelect

    def __init__(self, *, label: str, required: bool = False) -> None:
        super().__init__(choices=_zones, label=label, required=required)


def _zones() -> list[tuple[str, str]]:
    return [("", "the workspace"), ("user", "each user"), *((name, name) for name in clock.zone_names())]


SPECIAL: dict[str, type[forms.Field]] = {
    "schedule.from": MomentField,
    "schedule.until": MomentField,
    "schedule.hours": HoursField,
    "schedule.timezone": ZoneField,
    "assign.steps": StepsField,
    "assign.all": NeedsField,
    "schema": SchemaField,
}
"""Fields whose text or list is written by more than a line of text, by their path."""


def special(kind: str, path: str, *, required: bool) -> forms.Field | None:
    if rows := ROWS.get(f"{kind}.{path}"):
        return RowsField(rows=rows, required=required)
    return SPECIAL[path](label=words.label(path), required=required) if path in SPECIAL else None
