"""Steps that can be undone: the things one touched, each as it was before, and by what it is known later that nothing came between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from rules import words
from rules.bodies import Body, Identity
from rules.engine import DocumentError, Problem

NAMED = 4
"""So many things are named in the words of an act."""


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, in words; the keys it was done to; and what `undo` needs, to be kept as JSON. None: it changed nothing."""

    words: str
    keys: tuple[str, ...]
    undo: dict[str, Any] | None


class State(NamedTuple):
    """Of one thing at one moment, both as JSON: what is put back by undoing, and what differs after any change."""

    kept: Any
    token: Any


States = Mapping[Identity, State]


def step(of: str, before: States, after: States, said: str, *, redo: bool = False) -> dict[str, Any]:
    """For `undo`. `of`: what of the things was changed, by the name it has in `undo.TRACES`; `redo`: undoing it does something again."""
    touched = [{"kind": kind, "key": key, "before": was.kept, "after": after[kind, key].token} for (kind, key), was in before.items()]
    return {"of": of, "words": said, "redo": redo, "things": touched}


def changed_since(what: str) -> DocumentError:
    return DocumentError([Problem("changed_since", "$", f"{what}, so this can't be undone.", "Change it back by hand.")])


def listed(things: Sequence[tuple[str, Body | None]]) -> str:
    """Their names, of each thing's key and what it says; of many only the first."""
    named = [(body or {}).get("name") or words.humanised(key) for key, body in things]
    return ", ".join(named) if len(named) <= NAMED else f"{', '.join(named[: NAMED - 1])} and {len(named) - NAMED + 1} more"
