"""What a template that is not saved shows to somebody made up: a sample user, with values typed in over theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string

from admin_ui.writing import names
from decisioning import trying
from rules import given, words
from rules.engine import DocumentError, Vocabulary
from rules.engine.workspace import Template, Workspace
from rules.models import SampleUser
from rules.models import Workspace as Row
from rules.templating import Rendered, RenderError, compile_template

POLICY = "sandbox; default-src 'none'; img-src 'self' data: https: http:; style-src 'unsafe-inline'; font-src data:; frame-ancestors 'self'"
"""Of the preview's own document: it may look like anything and do nothing."""
ASKS = "unsaved-template"
"""Of a placement and template that are never saved: only what somebody asks for is kept of events, so somebody has to ask."""
LONGEST = 2_000
"""Characters of one value that is typed in to try."""


@dataclass(frozen=True, slots=True)
class Person:
    """`data` is what the template is given; `refused` says by name why a value typed in could not be read."""

    data: Mapping[str, Any]
    refused: Mapping[str, str]
    note: str = ""


def person(
    row: Row,
    workspace: Workspace,
    *,
    reader_id: int,
    sample: SampleUser | None,
    typed: Mapping[tuple[str, ...], str],
    locale: str | None,
    at: float,
) -> Person:
    """The sample user (nobody: one of whom nothing is known) with a value typed in, or none, for every name that is read."""
    known = Vocabulary.of(workspace)
    facts: dict[str, Any] = dict(sample.facts) if sample else {}
    refused, beside = {}, {}
    for path, text in typed.items():
        name = names.as_fact(path, workspace)
        if not text.strip():
            continue
        if not name:
            beside[path] = text[:LONGEST]
            continue
        try:
            facts |= given.read(f"{name} = {' '.join(text[:LONGEST].split())}", known)
        except DocumentError as error:
            refused[".".join(path)] = " ".join(problem.message.removeprefix("line 1: ") for problem in error.problems)
    data, note = _data(row, facts, list(typed), reader_id=reader_id, locale=locale, at=at)
    for path, text in beside.items():
        data = _put(data, path, text)
    return Person(data, refused, note)


def _data(
    row: Row, facts: Mapping[str, Any], reads: list[tuple[str, ...]], *, reader_id: int, locale: str | None, at: float
) -> tuple[dict[str, Any], str]:
    """As a decision would hand it over, by the reader's draft; where that can't be compiled, plainly what was given."""
    asking = "".join(f"{{{{ {names.Readable(path, '', '', '').liquid} }}}}" for path in reads)
    change: dict[Any, Any] = {("template", ASKS): {"body": asking or "-"}, ("placement", ASKS): {"fallback": {"template": ASKS}}}
    try:
        by = trying.under(row, trying.DRAFT, reader_id=reader_id, placements=[ASKS], change=change)
    except trying.CantTry:
        plain: dict[str, Any] = {"locale": locale}
        for name, value in facts.items():
            path = tuple(name.split("."))
            plain = _put(plain, (*path, "value") if path[0] == "scores" and len(path) == 2 else path, value)
        traits = plain.get("traits")
        note = "Your drafts have problems elsewhere, so scores and counts are shown only as far as you give them."
        return {**(traits if isinstance(traits, dict) else {}), **plain}, note
    tried = trying.try_given(by, facts, [], at=at, locale=locale, explain=False)
    return dict(tried.data), ""


def _put(into: Mapping[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    first, *rest = path
    held = into.get(first)
    return {**into, first: _put(held if isinstance(held, Mapping) else {}, tuple(rest), value) if rest else value}


def rendered(template: Template, data: Mapping[str, Any], locale: str | None) -> Rendered | str:
    """What is shown, or why nothing is."""
    try:
        return compile_template(template).render(locale, data)
    except DocumentError as error:
        return error.problems[0].message
    except RenderError as error:
        return str(error)


def page(shown: Rendered | str, content: str) -> str:
    """The preview as a document of its own. `content` is the placement's kind of content: html is shown as such, text as text."""
    fields = {} if isinstance(shown, str) else {words.humanised(key).capitalize(): text for key, text in shown.fields.items()}
    context = {"shown": shown, "fails": isinstance(shown, str), "content": content, "fields": fields}
    return render_to_string("admin/signpost/writing/preview.html", context)
