"""What a step left of itself in folders, and putting things back to where they lay. It is everybody's, whoever did it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from rules.bodies import Identity
from rules.models import Folder, Item, Workspace
from rules.services.filed import lay, lies
from rules.services.people import Person
from rules.services.undoing.steps import State, States, changed_since

GONE = "gone"
"""Of a thing that is there no more; no folder's id."""


def look(workspace: Workspace, touched: Collection[Identity], author: Person) -> States:
    """Of each the folder it lies in; None: in none."""
    items = _items(workspace, touched)
    where = lies(items.values())
    return {one: State(where.get(items[one].pk), where.get(items[one].pk)) if one in items else State(None, GONE) for one in touched}


def put_back(workspace: Workspace, kept: Mapping[Identity, Any], author: Person, now: datetime) -> None:
    folders = {folder for folder in kept.values() if folder is not None}
    if Folder.objects.filter(workspace=workspace, pk__in=folders).count() < len(folders):
        raise changed_since("A folder of before is gone")
    where: dict[int | None, list[Item]] = {}
    for identity, item in _items(workspace, kept.keys()).items():
        where.setdefault(kept[identity], []).append(item)
    lay(workspace, where, actor=author, now=now)


def _items(workspace: Workspace, touched: Collection[Identity]) -> dict[Identity, Item]:
    kinds, keys = {kind for kind, _ in touched}, {key for _, key in touched}
    found = {(item.kind, item.key): item for item in Item.objects.filter(workspace=workspace, kind__in=kinds, key__in=keys)}
    return {identity: found[identity] for identity in touched if identity in found}
