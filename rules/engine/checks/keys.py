"""Keys that name two things."""

from __future__ import annotations

from collections.abc import Iterator

from rules.engine.errors import Problem
from rules.engine.tree import walk
from rules.engine.workspace import Workspace

KINDS = ("purposes", "traits", "context", "events", "signals", "tags", "scores", "segments", "thresholds", "templates", "placements")


def used_once(workspace: Workspace) -> Iterator[Problem]:
    """A key stands for one thing of its kind; a rule's key for one rule in the whole workspace, since caps are counted by it."""
    for kind in KINDS:
        authored = [(one.key, f"$.{kind}[{index}].key") for index, one in enumerate(getattr(workspace, kind))]
        yield from _repeated(authored, kind)
    yield from _repeated([(place.rule.key, f"{place.path}.key") for place in walk(workspace)], "rules")


def _repeated(authored: list[tuple[str, str]], kind: str) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for key, path in authored:
        if key in first:
            yield Problem("duplicate_key", path, f"the key {key!r} of {kind} is taken by {first[key]}", "Give one of them another key.")
        else:
            first[key] = path
