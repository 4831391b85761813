"""Undoing: what drafts of one person were before an act on several of them, and putting them back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from rules import selectors, words
from rules.bodies import Body, Identity
from rules.engine import DocumentError, Problem
from rules.models import Draft, Filed, Folder, Item, Workspace
from rules.selectors import Thing
from rules.services import acts
from rules.services.audit import Act, note
from rules.services.drafts import forget_if_empty
from rules.services.filed import file_items
from rules.services.people import Person, person
from rules.services.workspaces import hold

KEPT = ("body", "based_on", "before", "contributors", "contributor_names")
"""Of a draft that is written over: what undoing puts back."""
NAMED = 4
"""So many things are named in the words of an act."""
Before = Mapping[Identity, dict[str, Any] | None]
"""A person's drafts before an act, each with the folder it lay in; None: there was no draft."""


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, in words; the keys it was done to; and what `undo` needs, to be kept as JSON. None: it changed nothing."""

    words: str
    keys: tuple[str, ...]
    undo: dict[str, Any] | None


def drafts_of(things: Mapping[Identity, Thing], touched: Iterable[Identity], author: Person) -> Before:
    found = {identity: things.get(identity) for identity in touched}
    there = [thing.item.pk for thing in found.values() if thing]
    lies = dict(Filed.objects.filter(item__in=there).values_list("item_id", "folder_id"))
    return {identity: _kept(thing, author, lies) for identity, thing in found.items()}


def record(workspace: Workspace, before: Before, author: Person, said: str, *, redo: bool = False) -> dict[str, Any]:
    """For `undo`: the drafts as they were, and by which tokens it is known later that nothing came between."""
    things = selectors.things(workspace, {kind for kind, _ in before})
    touched = [
        {"kind": kind, "key": key, "before": kept, "after": _token(things.get((kind, key)), author)} for (kind, key), kept in before.items()
    ]
    return {"words": said, "things": touched, "redo": redo}


@transaction.atomic
def undo(workspace_key: str, recorded: Mapping[str, Any], *, author: Any, now: datetime) -> Done:
    """Puts the author's drafts back as they were before. Refused if anything it touched was changed since."""
    workspace, author = hold(workspace_key), person(author)
    touched = recorded["things"]
    things = selectors.things(workspace, {one["kind"] for one in touched})
    for one in touched:
        if one["after"] != _token(things.get((one["kind"], one["key"])), author):
            said = f"The {one['kind']} {one['key']} was changed since, so this can't be undone."
            raise DocumentError([Problem("draft_changed", "$", said, "Change it back by hand.")])
    before = drafts_of(things, [(one["kind"], one["key"]) for one in touched], author)
    told = [act for one in touched for act in _restore(workspace, things, one, author, now)]
    note(workspace, author, now, *told)
    said = recorded["words"]
    again = record(workspace, before, author, said, redo=not recorded["redo"])
    keys = tuple(one["key"] for one in touched)
    return Done(f"{'Done again' if recorded['redo'] else 'Undone'}: {said[:1].lower()}{said[1:]}.", keys, again)


def listed(things: Sequence[tuple[str, Body | None]]) -> str:
    """Their names, of each thing's key and what it says; of many only the first."""
    named = [(body or {}).get("name") or words.humanised(key) for key, body in things]
    return ", ".join(named) if len(named) <= NAMED else f"{', '.join(named[: NAMED - 1])} and {len(named) - NAMED + 1} more"


def _token(thing: Thing | None, author: Person) -> str:
    return thing.token(author.id) if thing else selectors.NEW


def _kept(thing: Thing | None, author: Person, lies: Mapping[int, int]) -> dict[str, Any] | None:
    draft = thing.draft_of(author.id) if thing else None
    return {**{name: getattr(draft, name) for name in KEPT}, "folder": lies.get(draft.item_id)} if draft else None


def _restore(workspace: Workspace, things: Mapping[Identity, Thing], one: Mapping[str, Any], author: Person, now: datetime) -> list[Act]:
    """The author's draft of a thing as it was kept; where none was, no draft."""
    thing = things.get((one["kind"], one["key"]))
    had = thing.draft_of(author.id) if thing else None
    if one["before"] is None:
        if thing is None or had is None:
            return []
        told = [acts.draft_discarded(had, author)]
        had.delete()
        forget_if_empty(thing.item.pk)
        return told
    item = thing.item if thing else _made_again(workspace, one, author, now)
    draft = had or Draft(item=item, author_id=author.id, revision=0)
    for name in KEPT:
        setattr(draft, name, one["before"][name])
    draft.author_name, draft.updated_at = author.name, now
    draft.revision += 1
    draft.save()
    return [] if had else [acts.draft_begun(draft)]


def _made_again(workspace: Workspace, one: Mapping[str, Any], author: Person, now: datetime) -> Item:
    """What went with its draft, in the folder it lay in, if that is still there."""
    item = Item.objects.create(workspace=workspace, kind=one["kind"], key=one["key"], created_at=now)
    folder = one["before"].get("folder")
    if folder and Folder.objects.filter(workspace=workspace, pk=folder).exists():
        file_items(workspace.key, [item.pk], folder, actor=author, now=now)
    return item
