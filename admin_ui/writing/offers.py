"""What is offered while one types the name of an event or of a value in it: those the workspace knows of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from admin_ui.writing.rows import PROPERTIES, RowsWidget
from rules.bodies import Body, Identity
from rules.engine.workspace import ANY

EVENTS, VALUES = {"event"}, {"by", "of", "value"}
"""Last steps of the paths of fields that name an event, or a value in one."""


class OfferedInput(forms.TextInput):
    """A line of text with words to choose from while one types."""

    def __init__(self, words: list[str], attrs: dict[str, Any]) -> None:
        super().__init__(attrs)
        self.words = words

    def render(self, name: str, value: Any, attrs: Mapping[str, Any] | None = None, renderer: Any = None) -> SafeString:
        offered = f"{(attrs or {}).get('id', name)}-offered"
        line = super().render(name, value, {**(attrs or {}), "list": offered, "autocomplete": "off"}, renderer)
        options = format_html_join("", '<option value="{}"></option>', ((word,) for word in self.words))
        return format_html('{}<datalist id="{}">{}</datalist>', line, offered, options)


def offer(form: forms.BaseForm, known: Mapping[Identity, Body]) -> None:
    """Gives a form's fields of events and their values the words of a working copy."""
    names, values = events(known), properties(known)
    for name, field in form.fields.items():
        last = name.rpartition("__")[2]
        if type(field.widget) is forms.TextInput and isinstance(field, forms.CharField) and last in EVENTS | VALUES:
            field.widget = OfferedInput(names if last in EVENTS else values, field.widget.attrs)
        elif isinstance(field.widget, RowsWidget):
            short = [value.removeprefix(PROPERTIES) for value in values]
            field.widget.rows = field.widget.rows.offering("event", names).offering("sum.of", short)


def events(known: Mapping[Identity, Body]) -> list[str]:
    """Every event that a signal, tag or schema of a working copy names."""
    return sorted({found for body in known.values() for found in _events(body)} - {ANY, ""})


def _events(body: Mapping[str, Any]) -> Iterator[str]:
    for part in (body, body.get("assign") or {}, body.get("remove") or {}):
        if isinstance(part.get("event"), str):
            yield part["event"]
        yield from (name for name in part.get("events") or [] if isinstance(name, str))
        for inner in (*(part.get("steps") or []), *(part.get("all") or [])):
            if isinstance(inner, Mapping) and isinstance(inner.get("event"), str):
                yield inner["event"]


def properties(known: Mapping[Identity, Body]) -> list[str]:
    """Every value in events that a signal, tag or schema of a working copy names, as `properties.price`."""
    found = set()
    for (kind, _), body in known.items():
        if kind == "signal" and isinstance(body.get("value"), str):
            found.add(body["value"])
        if kind == "event" and isinstance((body.get("schema") or {}).get("properties"), Mapping):
            found |= {f"{PROPERTIES}{name}" for name in body["schema"]["properties"]}
        if kind == "tag":
            parts = ((body.get("assign") or {}).get(part) or {} for part in ("count", "sum"))
            found |= {part[word] for part in parts for word in ("by", "of") if part.get(word)}
    return sorted(found)
