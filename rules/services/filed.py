"""Puts authored things into folders and takes them out again. It changes nothing of what they say, and there is no draft of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from rules import selectors
from rules.models import Filed, Item, Workspace
from rules.services import filed_acts as acts
from rules.services.audit import note
from rules.services.folders import refused, shelf_of
from rules.services.people import person
from rules.services.undoing.steps import Done, State, step
from rules.services.workspaces import hold


@transaction.atomic
def file_items(workspace_key: str, item_ids: Collection[int], folder_id: int | None, *, actor: Any, now: datetime) -> Done:
    """Puts things of a workspace into one of its folders; None: into none. Raises DocumentError."""
    workspace = hold(workspace_key)
    items = list(Item.objects.filter(workspace=workspace, pk__in=item_ids))
    if not items or len(items) < len(set(item_ids)):
        raise refused("unknown_item", "Some of this is not there any more.", "Load the page again.")
    shelf = None if folder_id is None else shelf_of(selectors.shelves([workspace]), folder_id)
    lay_in = lies(items)
    going = [item for item in items if lay_in.get(item.pk) != folder_id]
    if not going:
        return Done("Nothing to move: everything lies there already.", (), None)
    lay(workspace, {folder_id: going}, actor=actor, now=now)
    where = f"to {shelf.words}" if shelf else "out of their folders" if len(items) > 1 else "out of its folder"
    said = f"Moved {acts.counted(going)} {where}"
    before = {(item.kind, item.key): State(lay_in.get(item.pk), lay_in.get(item.pk)) for item in going}
    after = dict.fromkeys(before, State(folder_id, folder_id))
    return Done(f"{said}.", tuple(item.key for item in going), step("places", before, after, said))


def lay(workspace: Workspace, where: Mapping[int | None, Collection[Item]], *, actor: Any, now: datetime) -> None:
    """By folder (None: into none) the things that go there, told one folder after the other. For a transaction that holds the workspace."""
    shelves, who = selectors.shelves([workspace]), person(actor)
    paths = {folder_id: None if folder_id is None else shelf_of(shelves, folder_id).path for folder_id in where}
    put_in(where)
    note(workspace, who, now, *(acts.filed(items, paths[folder_id], who) for folder_id, items in where.items()))


def put_in(where: Mapping[int | None, Collection[Item]]) -> None:
    """`lay` without a word of it."""
    if None in where:
        Filed.objects.filter(item__in=where[None]).delete()
    rows = [Filed(item=item, folder_id=folder_id) for folder_id, items in where.items() if folder_id for item in items]
    Filed.objects.bulk_create(rows, update_conflicts=True, unique_fields=["item"], update_fields=["folder"])


def lies(items: Iterable[Item]) -> dict[int, int]:
    """By the ids of those that lie in a folder, its id."""
    return dict(Filed.objects.filter(item__in=[item.pk for item in items]).values_list("item_id", "folder_id"))
