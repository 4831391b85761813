"""The one undo: of any step that left something of itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from rules.services.people import person
from rules.services.undoing import drafts, places
from rules.services.undoing.steps import Done, changed_since, step
from rules.services.workspaces import hold

TRACES = {"drafts": drafts, "places": places}
"""Each can `look` at the states of things and `put_back` what was kept of them."""


@transaction.atomic
def undo(workspace_key: str, recorded: Mapping[str, Any], *, author: Any, now: datetime) -> Done:
    """Puts back what a step changed; the answer's own `undo` does it again. Raises DocumentError where anything of it was changed since."""
    workspace, author = hold(workspace_key), person(author)
    trace = TRACES[recorded["of"]]
    touched = {(one["kind"], one["key"]): one for one in recorded["things"]}
    before = trace.look(workspace, touched.keys(), author)
    for (kind, key), one in touched.items():
        if before[kind, key].token != one["after"]:
            raise changed_since(f"The {kind} {key} was changed since")
    trace.put_back(workspace, {identity: one["before"] for identity, one in touched.items()}, author, now)
    said, redo = recorded["words"], recorded["redo"]
    again = step(recorded["of"], before, trace.look(workspace, touched.keys(), author), said, redo=not redo)
    return Done(f"{'Done again' if redo else 'Undone'}: {said[:1].lower()}{said[1:]}.", tuple(key for _, key in touched), again)
