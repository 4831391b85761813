"""Puts authored things into folders and takes them out again. It changes nothing of what they say, and there is no draft of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from rules import selectors
from rules.filing import Folders
from rules.models import Filed, Folder, Item, Workspace
from rules.services import filed_acts as acts
from rules.services.audit import note
from rules.services.folders import make_folder, refused, shelf_of
from rules.services.people import person
from rules.services.workspaces import hold


@dataclass(frozen=True, slots=True)
class Filing:
    """What was done, in words, and what `undo_filing` needs, to be kept as JSON. None: everything lay there already."""

    words: str
    undo: dict[str, Any] | None


@transaction.atomic
def file_items(workspace_key: str, item_ids: Collection[int], folder_id: int | None, *, actor: Any, now: datetime) -> Filing:
    """Puts things of a workspace into one of its folders; None: into none. Raises DocumentError."""
    workspace = hold(workspace_key)
    items = list(Item.objects.filter(workspace=workspace, pk__in=item_ids))
    if not items or len(items) < len(set(item_ids)):
        raise refused("unknown_item", "Some of this is not there any more.", "Load the page again.")
    return _file(workspace, items, folder_id, actor, now)


@transaction.atomic
def undo_filing(workspace_key: str, undo: Mapping[str, Any], *, actor: Any, now: datetime) -> Filing:
    """Puts everything back where it lay. Refused where something was moved since, or its folder is gone."""
    workspace = hold(workspace_key)
    before = {int(item_id): folder_id for item_id, folder_id in undo["before"].items()}
    items = {item.pk: item for item in Item.objects.filter(workspace=workspace, pk__in=before)}
    lies = _lies(items)
    if any(lies.get(pk) != undo["after"] for pk in items):
        raise refused("filed_since", "Some of it was moved since, so it can't be undone.", "Move it by hand.")
    groups: dict[int | None, list[Item]] = {}
    for pk, item in items.items():
        groups.setdefault(before[pk], []).append(item)
    for folder_id, group in groups.items():
        _file(workspace, group, folder_id, actor, now)
    return Filing("Undone: everything lies where it lay.", None)


def file_document(workspace: Workspace, folders: Folders, *, actor: Any, now: datetime) -> None:
    """Makes the folders that a document names and puts into them what it says, which is there. The rest stays where it is.

    For a transaction that holds the workspace.
    """
    known = {tuple(name.lower() for name in shelf.path): shelf.folder for shelf in selectors.shelves([workspace])}
    items = {(item.kind, item.key): item for item in Item.objects.filter(workspace=workspace)}
    for path, identities in folders.items():
        folder: Folder | None = None
        for level in range(1, len(path) + 1):
            place = tuple(name.lower() for name in path[:level])
            if place not in known:
                known[place] = make_folder(workspace.key, path[level - 1], parent=folder.pk if folder else None, actor=actor, now=now)
            folder = known[place]
        if folder and identities:
            _file(workspace, [items[identity] for identity in identities], folder.pk, actor, now)


def _file(workspace: Workspace, items: Collection[Item], folder_id: int | None, actor: Any, now: datetime) -> Filing:
    shelf = None if folder_id is None else shelf_of(selectors.shelves([workspace]), folder_id)
    lies = _lies({item.pk: item for item in items})
    going = [item for item in items if lies.get(item.pk) != folder_id]
    where = f"to {shelf.words}" if shelf else "out of their folders" if len(items) > 1 else "out of its folder"
    if not going:
        return Filing("Nothing to move: everything lies there already.", None)
    if folder_id is None:
        Filed.objects.filter(item__in=going).delete()
    else:
        rows = [Filed(item_id=item.pk, folder_id=folder_id) for item in going]
        Filed.objects.bulk_create(rows, update_conflicts=True, unique_fields=["item"], update_fields=["folder"])
    note(workspace, actor, now, acts.filed(going, shelf.path if shelf else None, person(actor)))
    before = {str(item.pk): lies.get(item.pk) for item in going}
    return Filing(f"Moved {acts.counted(going)} {where}.", {"workspace": workspace.key, "before": before, "after": folder_id})


def _lies(items: Mapping[int, Item]) -> dict[int, int]:
    return dict(Filed.objects.filter(item__in=list(items)).values_list("item_id", "folder_id"))
