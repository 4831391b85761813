"""Writes folders: made, renamed, moved, ordered and removed. Nothing of it makes a draft or touches what is live.

All raise DocumentError for what is refused, and all write what they did into the audit log.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from rules import filing, selectors
from rules.engine import DocumentError, Problem
from rules.models import Filed, Folder, Workspace
from rules.selectors import Shelf
from rules.services import filed_acts as acts
from rules.services.audit import note
from rules.services.people import person
from rules.services.workspaces import hold

MOST = 500
"""Folders of a workspace: they are shown in one tree."""
GONE = "\x01"
"""What a folder is called while it is removed: a name that nobody can give, so that one in it may have its own."""


@transaction.atomic
def make_folder(workspace_key: str, name: str, *, parent: int | None = None, actor: Any, now: datetime) -> Folder:
    """A new one within `parent` (None: at the top), after its siblings."""
    workspace = hold(workspace_key)
    shelves = selectors.shelves([workspace])
    if len(shelves) >= MOST:
        raise too_many()
    above = _above(shelves, parent)
    if above and above.level >= filing.DEPTH:
        raise DocumentError([filing.too_deep()])
    name = _free(shelves, name, parent)
    folder = Folder.objects.create(workspace=workspace, parent_id=parent, name=name, position=_last(shelves, parent))
    note(workspace, actor, now, acts.made((*(above.path if above else ()), name), person(actor)))
    return folder


@transaction.atomic
def move_folder(workspace_key: str, folder_id: int, parent: int | None, *, name: str | None = None, actor: Any, now: datetime) -> Folder:
    """With all beneath it, within another one (None: to the top), after its siblings there. `name`: what it is called from then on."""
    workspace, shelves, shelf = _opened(workspace_key, folder_id)
    folder, above = shelf.folder, _above(shelves, parent)
    name = _free(shelves, folder.name if name is None else name, parent, folder_id)
    within = selectors.with_beneath(shelves, folder_id)
    if parent in within:
        raise refused("folder_circle", "A folder can't lie within itself.", "Choose one that is not beneath it.")
    levels = max(one.level for one in shelves if one.folder.pk in within) - shelf.level + 1
    if (above.level if above else 0) + levels > filing.DEPTH:
        raise DocumentError([filing.too_deep()])
    path, told, who = shelf.path, [], person(actor)
    if parent != folder.parent_id:
        folder.parent_id, folder.position = parent, _last(shelves, parent)
        told.append(acts.moved(path, above.path if above else (), who))
        path = (*(above.path if above else ()), folder.name)
    if name != folder.name:
        folder.name = name
        told.append(acts.renamed(path, name, who))
    folder.save()
    note(workspace, actor, now, *told)
    return folder


@transaction.atomic
def order_folder(workspace_key: str, folder_id: int, *, up: bool, actor: Any, now: datetime) -> None:
    """One place up or down among its siblings; at the end of them nothing happens."""
    workspace, shelves, shelf = _opened(workspace_key, folder_id)
    siblings = [one.folder for one in shelves if one.folder.parent_id == shelf.folder.parent_id]
    here = next(index for index, folder in enumerate(siblings) if folder.pk == folder_id)
    there = here - 1 if up else here + 1
    if not 0 <= there < len(siblings):
        return
    siblings.insert(there, siblings.pop(here))
    for position, folder in enumerate(siblings):
        folder.position = position
    Folder.objects.bulk_update(siblings, ["position"])
    note(workspace, actor, now, acts.ordered(shelf.path, person(actor), up=up))


@transaction.atomic
def remove_folder(workspace_key: str, folder_id: int, *, actor: Any, now: datetime) -> None:
    """What lies in it, folders too, goes up to where it lay."""
    workspace, shelves, shelf = _opened(workspace_key, folder_id)
    folder = shelf.folder
    inner = [one.folder for one in shelves if one.folder.parent_id == folder_id]
    for one in inner:
        _free(shelves, one.name, folder.parent_id, folder_id)
    last = _last(shelves, folder.parent_id)
    Folder.objects.filter(pk=folder_id).update(name=GONE)
    for index, one in enumerate(inner):
        one.parent_id, one.position = folder.parent_id, last + index
    Folder.objects.bulk_update(inner, ["parent", "position"])
    filed = Filed.objects.filter(folder=folder)
    count = filed.count()
    if folder.parent_id is None:
        filed.delete()
    else:
        filed.update(folder_id=folder.parent_id)
    folder.delete()
    note(workspace, actor, now, acts.removed(shelf.path, count, [one.name for one in inner], person(actor)))


def refused(code: str, message: str, fix: str) -> DocumentError:
    return DocumentError([Problem(code, "$", message, fix)])


def too_many() -> DocumentError:
    return refused("too_many", f"A workspace has at most {MOST} folders.", "Remove some of them first.")


def folder_exists(name: str) -> DocumentError:
    return refused("folder_exists", f"There is a folder {name} there already.", "Choose another name or another place.")


def folded(names: Iterable[str]) -> dict[str, str]:
    """Each in the small letters of PostgreSQL, whose index holds names apart: it folds some otherwise than Python."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, lower(name) FROM unnest(%s::text[]) AS name", [list(names)])
        return dict(cursor.fetchall())


def shelf_of(shelves: list[Shelf], folder_id: int) -> Shelf:
    found = next((one for one in shelves if one.folder.pk == folder_id), None)
    if found is None:
        raise refused("unknown_folder", "This folder is gone.", "Load the page again.")
    return found


def _opened(workspace_key: str, folder_id: int) -> tuple[Workspace, list[Shelf], Shelf]:
    workspace = hold(workspace_key)
    shelves = selectors.shelves([workspace])
    return workspace, shelves, shelf_of(shelves, folder_id)


def _above(shelves: list[Shelf], parent: int | None) -> Shelf | None:
    return None if parent is None else shelf_of(shelves, parent)


def _last(shelves: list[Shelf], parent: int | None) -> int:
    return max((one.folder.position + 1 for one in shelves if one.folder.parent_id == parent), default=0)


def _free(shelves: list[Shelf], name: str, parent: int | None, without: int | None = None) -> str:
    """The name as it is kept, where no other folder beneath `parent` has it."""
    name = name.strip()
    if problem := filing.name_problem(name):
        raise DocumentError([problem])
    siblings = [one.folder for one in shelves if one.folder.parent_id == parent and one.folder.pk != without]
    folds = folded([name, *(one.name for one in siblings)]) if siblings else {}
    if any(one.name.lower() == name.lower() or folds[one.name] == folds[name] for one in siblings):
        raise folder_exists(name)
    return name
