"""What a step left of itself in the drafts of its author, and putting these back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from rules import selectors
from rules.bodies import Identity
from rules.models import Draft, Filed, Folder, Item, Workspace
from rules.selectors import Thing
from rules.services import acts
from rules.services.audit import Act, note
from rules.services.drafts import forget_if_empty
from rules.services.filed import file_items
from rules.services.people import Person
from rules.services.undoing.steps import State, States, step

OF = "drafts"
KEPT = ("body", "based_on", "before", "contributors", "contributor_names")
"""Of a draft that is written over: what undoing puts back."""


def look(workspace: Workspace, touched: Collection[Identity], author: Person, things: Mapping[Identity, Thing] | None = None) -> States:
    """Of each the author's draft with the folder it lies in; kept is None where there is no draft. `things`: read already."""
    if things is None:
        things = selectors.things(workspace, {kind for kind, _ in touched})
    found = {identity: things.get(identity) for identity in touched}
    there = [thing.item.pk for thing in found.values() if thing]
    lies = dict(Filed.objects.filter(item__in=there).values_list("item_id", "folder_id"))
    return {identity: _state(thing, author, lies) for identity, thing in found.items()}


def since(workspace: Workspace, before: States, author: Person, said: str) -> dict[str, Any]:
    """The step that leads from `before` to what is there now."""
    return step(OF, before, look(workspace, before.keys(), author), said)


def put_back(workspace: Workspace, kept: Mapping[Identity, Any], author: Person, now: datetime) -> None:
    """The author's drafts as they were kept; where none was, no draft."""
    items = {
        (item.kind, item.key): item
        for item in Item.objects.filter(workspace=workspace, kind__in={kind for kind, _ in kept}, key__in={key for _, key in kept})
    }
    drafts = {draft.item_id: draft for draft in Draft.objects.filter(item__in=items.values(), author_id=author.id).select_related("item")}
    told: list[Act] = []
    for identity, was in kept.items():
        item = items.get(identity)
        draft = drafts.get(item.pk) if item else None
        if was is not None:
            told += _written(item or _made_again(workspace, identity, was, author, now), draft, was, author, now)
        elif draft is not None:
            told.append(acts.draft_discarded(draft, author))
            draft.delete()
            forget_if_empty(draft.item_id)
    note(workspace, author, now, *told)


def _state(thing: Thing | None, author: Person, lies: Mapping[int, int]) -> State:
    draft = thing.draft_of(author.id) if thing else None
    kept = {**{name: getattr(draft, name) for name in KEPT}, "folder": lies.get(draft.item_id)} if draft else None
    return State(kept, thing.token(author.id) if thing else selectors.NEW)


def _written(item: Item, had: Draft | None, was: Mapping[str, Any], author: Person, now: datetime) -> list[Act]:
    draft = had or Draft(item=item, author_id=author.id, revision=0)
    for name in KEPT:
        setattr(draft, name, was[name])
    draft.author_name, draft.updated_at = author.name, now
    draft.revision += 1
    draft.save()
    return [] if had else [acts.draft_begun(draft)]


def _made_again(workspace: Workspace, identity: Identity, was: Mapping[str, Any], author: Person, now: datetime) -> Item:
    """What went with its draft, in the folder it lay in, if that is still there."""
    kind, key = identity
    item = Item.objects.create(workspace=workspace, kind=kind, key=key, created_at=now)
    folder = was.get("folder")
    if folder and Folder.objects.filter(workspace=workspace, pk=folder).exists():
        file_items(workspace.key, [item.pk], folder, actor=author, now=now)
    return item
