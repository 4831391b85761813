"""What a template may read of a user, as marketers choose it: in words, with its type, and as each engine writes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rules import vocabulary
from rules.engine import Variable, Vocabulary
from rules.engine.aggregates import AGGREGATES
from rules.engine.vocabulary import meant
from rules.engine.workspace import Workspace
from rules.words import humanised

ROOTS = frozenset({"traits", "tags", "tag_values", "scores", "counts", "values", "thresholds", "context", "user", "locale"})
"""What stands at the top beside traits and signals, and wins over them."""
_PLAIN = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class Readable:
    """`path` from the top of what a template is given; `group` is where people look for it."""

    path: tuple[str, ...]
    label: str
    is_a: str
    group: str

    @property
    def name(self) -> str:
        return ".".join(self.path)

    def as_written(self, engine: str) -> str:
        """`counts.dwell.1h` in Liquid, `counts.dwell['1h']` in Jinja."""
        said = self.path[0]
        for part in self.path[1:]:
            plain = _PLAIN.fullmatch(part) or (engine == "liquid" and re.fullmatch(r"\w[\w-]*", part))
            said += f".{part}" if plain else f"['{part}']"
        return said

    @property
    def liquid(self) -> str:
        return self.as_written("liquid")

    @property
    def jinja(self) -> str:
        return self.as_written("jinja")


def readable(workspace: Workspace) -> list[Readable]:
    """Everything a template of this workspace may read; counts and other values in their usual windows."""
    return list(_readable(workspace))


def _readable(workspace: Workspace) -> Iterator[Readable]:
    typed = {name.name: name for name in vocabulary.names(workspace)}
    for trait in workspace.traits:
        words = trait.name or humanised(trait.key)
        plain = _PLAIN.fullmatch(trait.key) and trait.key not in ROOTS
        yield Readable((trait.key,) if plain else ("traits", *trait.key.split(".")), words, _type(typed, f"traits.{trait.key}"), "Traits")
    for tag in workspace.tags:
        if tag.assign is not None and any(part is not None and part.by for part in (tag.assign.count, tag.assign.sum)):
            yield Readable(("tag_values", tag.key), f"value that gave the tag {tag.name or humanised(tag.key)}", "text", "Tags")
    if workspace.tags:
        yield Readable(("tags",), "all tags of the user", "list", "Tags")
    for score in workspace.scores:
        words = score.name or f"{humanised(score.key)} score"
        yield Readable(("scores", score.key, "value"), words, "number", "Scores")
        if score.bands:
            yield Readable(("scores", score.key, "band"), f"band of {words}", "one of " + ", ".join(score.bands), "Scores")
    for signal in workspace.signals:
        for window in vocabulary.WINDOWS:
            if found := typed.get(f"counts.{signal.key}.{window}"):
                yield Readable(("counts", signal.key, window), found.label, "number", "Counts")
        for word, one in AGGREGATES.items():
            if found := typed.get(f"values.{signal.key}.{word}.{one.usual}"):
                yield Readable(("values", signal.key, word, one.usual), found.label, found.type.replace("_", " "), "Other values")
    for threshold in workspace.thresholds:
        yield Readable(("thresholds", threshold.key), threshold.name or f"threshold {humanised(threshold.key)}", "number", "Thresholds")
    for variable in typed.values():
        if variable.name.startswith("context."):
            yield Readable(tuple(variable.name.split(".")), variable.label, variable.type.replace("_", " "), "The request")
    yield Readable(("user", "known"), "whether the user is known", "boolean", "The request")
    yield Readable(("locale",), "language asked for", "text", "The request")


def _type(typed: Mapping[str, Variable], name: str) -> str:
    return typed[name].type.replace("_", " ") if name in typed else "text"


def unknown(path: tuple[str, ...], workspace: Workspace, known: Vocabulary) -> str:
    """Why a name will print nothing, with what was probably meant; "" for one that is known, or may be."""
    first, rest = path[0], path[1:]
    traits, signals = {one.key for one in workspace.traits}, {one.key for one in workspace.signals}
    if first not in ROOTS:
        near = "" if first in traits | signals else meant(first, [*traits, *signals, *ROOTS])
        return near and f"no trait or signal is called {first}. {_unless(near)}"
    if first == "traits" and rest and not any(key == rest[0] or key.startswith(f"{rest[0]}.") for key in traits):
        near = meant(rest[0], list(traits))
        return near and f"no trait is called {rest[0]}. {_unless(near)}"
    named: dict[str, Any] = {
        "scores": {one.key for one in workspace.scores},
        "tag_values": {one.key for one in workspace.tags},
        "thresholds": {one.key for one in workspace.thresholds},
        "counts": signals,
        "values": signals,
    }
    if first in named and rest and rest[0] not in named[first]:
        return f"there is no {' '.join(path[:2])}. {meant(rest[0], named[first])}"
    if first in {"counts", "values"} and known.get(".".join(path)) is None:
        return known.unknown(".".join(path), "$").fix
    if first == "scores" and len(rest) > 1 and rest[1] not in {"value", "band"}:
        return "a score has a value and a band."
    return ""


def _unless(near: str) -> str:
    return near if near.startswith("Did") else "It prints nothing unless the app tells it of its users."


def as_fact(path: tuple[str, ...], workspace: Workspace) -> str:
    """The vocabulary's name of what a template reads, to try it with; "" where it has none."""
    first, rest = path[0], path[1:]
    traits, signals = {one.key for one in workspace.traits}, {one.key for one in workspace.signals}
    if first not in ROOTS:
        return f"counts.{first}.total" if first in signals and first not in traits else ".".join(("traits", *path))
    if first == "scores":
        return f"scores.{rest[0]}{'.band' if rest[1:] == ('band',) else ''}" if rest else ""
    return "" if first in {"tag_values", "locale"} else ".".join(path)
