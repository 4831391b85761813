"""What a body says, for who only reads: a sentence, then field by field in the words of its form. JSON is behind a closed heading."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from admin_ui.builder.widget import ConditionsWidget
from admin_ui.form.fields import Leaf, leaves
from admin_ui.lines import write_need, write_step
from admin_ui.writing.rows import Data, RowsWidget
from admin_ui.writing.steps import NEEDS, STEPS
from rules import bodies, words
from rules.bodies import Body

LINES = {STEPS.key: write_step, NEEDS.key: write_need}


def as_json(value: Any) -> SafeString:
    """JSON that nobody has to look at."""
    shown = format_html('<pre tabindex="0">{}</pre>', bodies.pretty(value))
    return format_html('<details class="as-json"><summary>As JSON, for developers</summary>{}</details>', shown)


def said(kind: str, body: Body | None) -> SafeString:
    """The whole of a body. None: it removes the thing."""
    if body is None:
        return format_html('<p class="sentence">{}</p>', "It removes it.")
    fields = format_html_join("", "<div><dt>{}</dt><dd>{}</dd></div>", _fields(kind, body))
    return format_html('<div class="says"><p class="sentence">{}</p><dl>{}</dl>{}</div>', words.summary(kind, body), fields, as_json(body))


def _fields(kind: str, body: Body) -> Iterator[tuple[str, SafeString]]:
    for leaf in leaves(kind):
        value = leaf.read(body)
        if value not in (None, "", [], {}):
            yield str(leaf.field.label), _field(leaf, value)


def _field(leaf: Leaf, value: Any) -> SafeString:
    widget, path = leaf.field.widget, ".".join(leaf.path)
    if isinstance(widget, ConditionsWidget):
        return _list([_condition(value)])
    if path in LINES:
        return _list(format_html("{}", LINES[path](part)) for part in value)
    if isinstance(widget, RowsWidget):
        spread = widget.fields_of(value, leaf.name)
        return _any(value) if spread is None else _rows(widget.rows.shown(spread, leaf.name))
    if leaf.path[-1] == "body":
        return _text(value)
    choices = {str(key): shown for key, shown in getattr(leaf.field, "choices", ())} if leaf.reference is None else {}
    if isinstance(value, list):
        return format_html("{}", ", ".join(str(choices.get(str(part), words.plain(part))) for part in value))
    return format_html("{}", "yes" if value is True else "no" if value is False else choices.get(str(value), words.plain(value)))


def _condition(part: Any) -> SafeString:
    """A group with what is in it beneath it; a comparison as a sentence."""
    for group, heading in (("all", "All of these"), ("any", "Any of these"), ("none", "None of these"), ("not", "Not this")):
        if isinstance(part, Mapping) and group in part:
            inner = part[group] if isinstance(part[group], list) else [part[group]]
            return format_html("{}: {}", heading, _list(map(_condition, inner)))
    return format_html("{}", words.sentence(part))


def _rows(part: Data) -> SafeString:
    return _list(_row(one, part["rows"].inner) for one in part["shown"])


def _row(row: Data, inner: Iterable[Any]) -> SafeString:
    cells = format_html_join(mark_safe("; "), "{} {}", ((cell.label, _cell(cell, value)) for cell, _, value in row["cells"] if value))
    beneath = format_html_join(
        "", "{}", ((_titled(of.label, part),) for of, part in zip(inner, row["inner"], strict=True) if part["shown"])
    )
    return format_html("{}{}", cells, beneath)


def _titled(title: str, part: Data) -> SafeString:
    return format_html("<p>{}</p>{}", title, _rows(part))


def _cell(cell: Any, value: str) -> SafeString:
    if cell.kind == "long":
        return _text(value)
    shown = words.sentence(json.loads(value)) if cell.kind == "conditions" else dict(cell.choices).get(value, value)
    return format_html("<strong>{}</strong>", shown)


def _any(value: Any) -> SafeString:
    """What rows can't show: names with what they hold, as deep as it goes."""
    if isinstance(value, Mapping):
        return _list(format_html("{}: {}", words.humanised(str(key)), _any(one)) for key, one in value.items())
    if isinstance(value, list):
        return _list(map(_any, value))
    return format_html("{}", words.plain(value))


def _text(value: str) -> SafeString:
    return format_html('<pre class="text" tabindex="0">{}</pre>', value)


def _list(parts: Iterable[SafeString]) -> SafeString:
    return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", ((part,) for part in parts)))
