"""Acts on several things at once, whatever kind they are, with what it takes to undo them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from rules import selectors
from rules.bodies import Identity
from rules.models import Draft
from rules.services.audit import note
from rules.services.drafts import discard_draft, write
from rules.services.people import person
from rules.services.undoing.drafts import look, since
from rules.services.undoing.steps import Done, listed
from rules.services.workspaces import hold


@transaction.atomic
def remove_things(workspace_key: str, chosen: Collection[Identity], *, author: Any, now: datetime) -> Done:
    """Drafts the removal of each that is still there in the author's working copy. What was only ever the author's draft is dropped."""
    workspace, author = hold(workspace_key), person(author)
    there = selectors.things(workspace, {kind for kind, _ in chosen})
    bodies = {one: there[one].body_for(author.id) for one in chosen if one in there}
    wanted = [one for one, body in bodies.items() if body is not None]
    if not wanted:
        return Done("Nothing to change: in your working copy they are not there any more.", (), None)
    before = look(workspace, wanted, author, there)
    note(workspace, author, now, *(act for one in wanted for act in write(there[one], None, author, now)))
    said = f"Removal drafted: {listed([(key, bodies[kind, key]) for kind, key in wanted])}"
    return Done(f"{said}.", tuple(key for _, key in wanted), since(workspace, before, author, said))


@transaction.atomic
def discard_drafts(workspace_key: str, drafts: Collection[Draft], *, actor: Any, now: datetime) -> Done:
    """Forgets drafts of one workspace. The actor's own come back by undoing it; other people's don't."""
    workspace, who = hold(workspace_key), person(actor)
    own = [draft for draft in drafts if draft.author_id == who.id]
    things = selectors.things(workspace, {draft.item.kind for draft in own}) if own else {}
    before = look(workspace, [(draft.item.kind, draft.item.key) for draft in own], who, things)
    for draft in drafts:
        discard_draft(draft, actor=actor, now=now)
    undo = since(workspace, before, who, f"Discarded: {_named(own)}") if own else None
    return Done(f"Discarded: {_named(drafts)}.", tuple(draft.item.key for draft in drafts), undo)


def _named(drafts: Collection[Draft]) -> str:
    return listed([(draft.item.key, draft.body) for draft in drafts])
