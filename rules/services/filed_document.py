"""What a document says of folders, carried out: as many queries for five hundred new folders as for one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from rules import selectors
from rules.filing import DEPTH, Folders, Path
from rules.models import Folder, Item, Workspace
from rules.selectors import Shelf
from rules.services import filed_acts as acts
from rules.services.audit import Act, note
from rules.services.filed import lies, put_in
from rules.services.folders import MOST, folded, folder_exists, too_many
from rules.services.people import person

Place = tuple[str, ...]
"""A path in small letters: a document names a folder that is there, however it writes it."""


def file_document(workspace: Workspace, folders: Folders, *, actor: Any, now: datetime) -> None:
    """Makes the folders that a document names and puts into them what it says, which is there. The rest stays where it is.

    For a transaction that holds the workspace. Raises DocumentError.
    """
    who, there = person(actor), selectors.shelves([workspace])
    tree = {_place(shelf.path): shelf for shelf in there}
    new = _grow(workspace, tree, folders)
    _check(len(there), tree, new)
    for level in range(1, DEPTH + 1):
        Folder.objects.bulk_create([tree[place].folder for place in new if len(place) == level])

    items = {(item.kind, item.key): item for item in Item.objects.filter(workspace=workspace)}
    lay_in, told, untold = lies(items.values()), list[Act](), set(new)
    where: dict[int | None, list[Item]] = {}
    for path, identities in folders.items():
        for place in _way(path):
            if place in untold:
                untold.remove(place)
                told.append(acts.made(tree[place].path, who))
        shelf = tree[_place(path)]
        if going := [items[one] for one in identities if lay_in.get(items[one].pk) != shelf.folder.pk]:
            where[shelf.folder.pk] = going
            told.append(acts.filed(going, shelf.path, who))
    put_in(where)
    if told:
        note(workspace, who, now, *told)


def _grow(workspace: Workspace, tree: dict[Place, Shelf], folders: Folders) -> list[Place]:
    """Adds to the tree what the document names and it has not, each after its siblings; nothing of it is written yet."""
    new: list[Place] = []
    last: dict[Place, int] = {}
    for place, shelf in tree.items():
        last[place[:-1]] = max(last.get(place[:-1], 0), shelf.folder.position + 1)
    for path in folders:
        for place in _way(path):
            if place in tree:
                continue
            above, name = tree.get(place[:-1]), path[len(place) - 1]
            position = last.get(place[:-1], 0)
            folder = Folder(workspace=workspace, parent=above.folder if above else None, name=name, position=position)
            tree[place] = Shelf(folder, (*(above.path if above else ()), name))
            last[place[:-1]] = position + 1
            new.append(place)
    return new


def _check(there: int, tree: dict[Place, Shelf], new: Collection[Place]) -> None:
    """That there are not too many, and that PostgreSQL takes no two siblings for one."""
    if there + len(new) > MOST:
        raise too_many()
    folds = folded([shelf.folder.name for shelf in tree.values()]) if new else {}
    taken = {(place[:-1], folds[shelf.folder.name]) for place, shelf in tree.items() if folds and shelf.folder.pk}
    for place in new:
        name = tree[place].folder.name
        if (place[:-1], folds[name]) in taken:
            raise folder_exists(name)
        taken.add((place[:-1], folds[name]))


def _place(path: Path) -> Place:
    return tuple(name.lower() for name in path)


def _way(path: Path) -> list[Place]:
    """The places from the top down to it."""
    return [_place(path[:level]) for level in range(1, len(path) + 1)]
