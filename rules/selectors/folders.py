"""The tree of folders, and what lies where. Read at once for a whole workspace: there are few of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.db.models import Count

from rules import bodies, filing
from rules.bodies import Body, Identity
from rules.engine.workspace import Workspace as Document
from rules.filing import Folders, Path, text_of
from rules.models import Filed, Folder, Item, Workspace
from rules.selectors.lists import with_state
from rules.selectors.things import working_document


@dataclass(frozen=True, slots=True)
class Shelf:
    """One folder with its names from the top down."""

    folder: Folder
    path: Path

    @property
    def words(self) -> str:
        return text_of(self.path)

    @property
    def level(self) -> int:
        """1 at the top."""
        return len(self.path)


def shelves(workspaces: Iterable[Workspace]) -> list[Shelf]:
    """Every folder, each right after the one above it and before its next sibling; one query."""
    beneath: dict[tuple[int, int | None], list[Folder]] = {}
    order = [workspace.pk for workspace in workspaces]
    for folder in Folder.objects.filter(workspace__in=order).order_by("position", "name", "pk"):
        beneath.setdefault((folder.workspace_id, folder.parent_id), []).append(folder)

    def branch(workspace_id: int, parent: int | None, above: Path) -> Iterable[Shelf]:
        for folder in beneath.get((workspace_id, parent), []):
            yield Shelf(folder, (*above, folder.name))
            yield from branch(workspace_id, folder.pk, (*above, folder.name))

    return [shelf for pk in order for shelf in branch(pk, None, ())]


def with_beneath(found: Sequence[Shelf], folder_id: int) -> set[int]:
    """A folder's id and those of all beneath it; empty where it is none of them."""
    whole: set[int] = set()
    for shelf in found:
        if shelf.folder.pk == folder_id or shelf.folder.parent_id in whole:
            whole.add(shelf.folder.pk)
    return whole


def filed_counts(found: Sequence[Shelf], now: datetime, kinds: Collection[str] = ()) -> dict[int, Counter[str]]:
    """By folder, how much of each kind lies in it or beneath it, without what is removed. One query; none without folders."""
    if not found:
        return {}
    items = Item.objects.filter(filed__folder__in=[shelf.folder.pk for shelf in found])
    items = items.filter(kind__in=kinds) if kinds else items
    present = with_state(items, now).exclude(state="removed").order_by().values_list("filed__folder", "kind").annotate(Count("pk"))
    counts: dict[int, Counter[str]] = {shelf.folder.pk: Counter() for shelf in found}
    for folder_id, kind, count in present:
        counts[folder_id][kind] = count
    for shelf in reversed(found):
        if shelf.folder.parent_id is not None:
            counts[shelf.folder.parent_id].update(counts[shelf.folder.pk])
    return counts


def filed_in(folder_ids: Collection[int], kind: str) -> set[str]:
    """The keys of what lies in these folders."""
    return set(Item.objects.filter(kind=kind, filed__folder__in=folder_ids).values_list("key", flat=True))


def filed_at_all(workspace: Workspace, kind: str) -> set[str]:
    return set(Item.objects.filter(workspace=workspace, kind=kind, filed__isnull=False).values_list("key", flat=True))


def paths_of(items: Collection[Item]) -> dict[int, str]:
    """By item that lies in a folder, the folder's path in words. Two queries; one where none of them does."""
    lies = dict(Filed.objects.filter(item__in=[item.pk for item in items]).values_list("item_id", "folder_id"))
    if not lies:
        return {}
    words = {shelf.folder.pk: shelf.words for shelf in shelves({item.workspace for item in items})}
    return {item_id: words[folder_id] for item_id, folder_id in lies.items() if folder_id in words}


def filed_document(workspace_key: str, *, author_id: int | None = None) -> Body:
    """The working document with `folders`, where there are any. Raises DocumentError as `working_document` does."""
    document = working_document(workspace_key, author_id=author_id)
    there = bodies.flatten(msgspec.convert(document, Document))
    folders = folders_said(Workspace.objects.get(key=workspace_key), there)
    return {**document, filing.FIELD: filing.written(folders)} if folders else document


def filings(workspace: Workspace, folders: Folders) -> list[str]:
    """What a document would move, folder by folder, in words; folders it would make are named with nothing."""
    found = {shelf.folder.pk: shelf.words for shelf in shelves([workspace])}
    lies = {
        (kind, key): found[pk] for pk, kind, key in Filed.objects.filter(folder__in=found).values_list("folder", "item__kind", "item__key")
    }
    known = {words.lower() for words in found.values()}
    said = []
    for path, identities in folders.items():
        words = text_of(path)
        going = [f"{kind} {key}" for kind, key in identities if lies.get((kind, key), "").lower() != words.lower()]
        if going or words.lower() not in known:
            said.append(f"{words}: {', '.join(going) or 'a new folder'}")
    return said


def folders_said(workspace: Workspace, there: Collection[Identity]) -> Folders:
    """As a document says them: every folder, with what of `there` lies in it."""
    found = {shelf.folder.pk: shelf.path for shelf in shelves([workspace])}
    said: Folders = {path: [] for path in found.values()}
    for folder_id, kind, key in Filed.objects.filter(folder__in=found).values_list("folder_id", "item__kind", "item__key"):
        if (kind, key) in there:
            said[found[folder_id]].append((kind, key))
    return said
