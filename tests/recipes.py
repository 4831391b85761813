"""The guide's recipes as data: what is read in docs/recipes is what the tests fill in, by the words on the pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from rules import bodies
from rules.bodies import Body, Identity
from rules.engine.workspace import Workspace

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs/recipes"
NAMES = ("checkout", "homepage", "apparel", "news", "academy", "longread")
_CODE = re.compile(r"(`+)(.+?)\1")
_BULLET = re.compile(r"( *)- (.+)")


@dataclass(slots=True)
class Line:
    """`- Label: value`, `- Label` with lines beneath it, or, of conditions, `- value value value` without a label."""

    label: str
    values: list[str]
    inner: list[Line] = field(default_factory=list)

    @property
    def value(self) -> str:
        return self.values[0]


Thing = list[Line]
"""What one form is filled in with, from top to bottom."""


def read(name: str) -> dict[str, list[Thing]]:
    """By the heading of its section (Workspace, Signals), every thing that a recipe makes there, in its order."""
    found: dict[str, list[Thing]] = {}
    for heading, text in _sections((FOLDER / f"{name}.md").read_text()):
        things = [*_table(text), *(_bullets(block) for block in re.split(r"^### .*$", text, flags=re.MULTILINE))]
        if things := [thing for thing in things if thing]:
            found[heading] = things
    return found


def conditions(thing: Thing) -> Iterator[tuple[str, Line]]:
    """Those of a thing's lines that are conditions, with the label of their field."""
    for line in thing:
        if line.label and not line.values and len(line.inner) == 1 and not line.inner[0].label:
            yield line.label, line.inner[0]
        else:
            yield from conditions(line.inner)


def example(name: str) -> tuple[Workspace, dict[Identity, Body]]:
    """The example workspace that the recipe comes to, and every thing in it by kind and key."""
    document = msgspec.json.decode((ROOT / f"templates/examples/{name}.json").read_bytes(), type=Workspace)
    return document, bodies.flatten(document)


def same(one: Any, other: Any) -> bool:
    """Whether two documents say the same: what is said by leaving it out counts as said."""
    return msgspec.convert(meant(one), Workspace) == msgspec.convert(meant(other), Workspace)


def meant(part: Any) -> Any:
    """The same, with a condition that stands alone in a group of "all" or "any" out of it: it says the same there."""
    if isinstance(part, dict):
        for group in ("all", "any"):
            if set(part) == {group} and isinstance(part[group], list) and len(part[group]) == 1:
                return meant(part[group][0])
        return {key: meant(value) for key, value in part.items()}
    return [meant(one) for one in part] if isinstance(part, list) else part


def _sections(text: str) -> Iterator[tuple[str, str]]:
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    yield from zip(parts[1::2], parts[2::2], strict=True)


def _table(text: str) -> Iterator[Thing]:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    for row in rows[2:]:
        yield [Line(label, _values(cell)) for label, cell in zip(rows[0], row, strict=True) if cell]


def _bullets(text: str) -> Thing:
    top = Line("", [])
    ways = [(-1, top)]
    for found in filter(None, map(_BULLET.fullmatch, text.splitlines())):
        depth, line = len(found[1]), _line(found[2])
        while ways[-1][0] >= depth:
            ways.pop()
        ways[-1][1].inner.append(line)
        ways.append((depth, line))
    return top.inner


def _line(said: str) -> Line:
    if said.startswith("`"):
        return Line("", _values(said))
    label, colon, rest = said.partition(": ")
    return Line(label, [""] if rest == "nothing" else _values(rest) if colon else [])


def _values(text: str) -> list[str]:
    return [found[2] for found in _CODE.finditer(text)]
