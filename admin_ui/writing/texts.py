"""A template as it stands in a form that is not saved: what is wrong with it where, what it reads, and what may be missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from admin_ui.writing import names
from rules import words
from rules.bodies import Body
from rules.engine import Vocabulary
from rules.engine.workspace import Workspace
from rules.templating import written

MOST = 60
"""Problems, warnings and names that are told of one template."""


@dataclass(frozen=True, slots=True)
class Note:
    """One thing to say about a text: which text (`path` as `fields.headline`), where, and what."""

    path: str
    place: str
    line: int
    column: int
    words: str


@dataclass(frozen=True, slots=True)
class Looked:
    problems: list[Note]
    warnings: list[Note]
    reads: dict[tuple[str, ...], list[str]]
    """The names that the texts read, each with the places where it is printed with no stand-in."""


def texts(body: Body) -> Iterator[tuple[str, str, str]]:
    """Every text of a template: its path, what people call it, and what it says."""
    yield "body", "Body", body.get("body") or ""
    yield from ((f"fields.{key}", words.humanised(key), text) for key, text in _texts(body.get("fields")))
    for locale, given in (body.get("locales") or {}).items():
        if isinstance(given, Mapping):
            yield f"locales.{locale}.body", f"Body in {locale}", str(given.get("body") or "")
            yield from (
                (f"locales.{locale}.fields.{key}", f"{words.humanised(key)} in {locale}", text) for key, text in _texts(given.get("fields"))
            )


def _texts(fields: Any) -> Iterator[tuple[str, str]]:
    if isinstance(fields, Mapping):
        yield from ((str(key), str(text)) for key, text in fields.items())


def look(body: Body, workspace: Workspace) -> Looked:
    """Everything at once, whichever parts of the template can be read."""
    engine = body.get("engine") or "liquid"
    known = Vocabulary.of(workspace)
    looked = Looked([], [], {})
    for path, place, text in texts(body):
        found = written(text, engine)
        looked.problems.extend(
            Note(path, place, one.where.line, one.where.column, f"{one.message}. {one.fix}".replace("..", ".")) for one in found.findings
        )
        bare = {(name.path, name.where) for name in found.bare}
        for name in found.names:
            where = looked.reads.setdefault(name.path, [])
            if (name.path, name.where) in bare:
                where.append(f"{place}, {name.where}")
            if said := names.unknown(name.path, workspace, known):
                looked.warnings.append(Note(path, place, name.where.line, name.where.column, f"{name}: {said}"))
    del looked.problems[MOST:], looked.warnings[MOST:]
    return looked


def missing(looked: Looked, data: Mapping[str, Any], engine: str) -> list[str]:
    """What this user has no value for although a text prints it, each with what could stand in its place."""
    said = []
    for path, places in looked.reads.items():
        if places and found(data, path) in (None, ""):
            stand_in = "default: 'friend'" if engine == "liquid" else "default('friend')"
            name = names.Readable(path, "", "", "").as_written(engine)
            said.append(f"{name} has no value here and prints nothing ({places[0]}). Give it a stand-in: {{{{ {name} | {stand_in} }}}}")
    return said[:MOST]


def found(data: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = data
    for part in path:
        if isinstance(value, list) and part in {"first", "last", "size"}:
            return (value[:1] and (len(value) if part == "size" else value[0])) or None
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
