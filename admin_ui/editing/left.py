"""Forms that a person left without saving, each with its address: the first page reminds of them."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.text import capfirst

from rules import selectors, words
from rules.models import PROXIES, Autosave, Item


def left_unsaved(person_id: int) -> list[dict[str, Any]]:
    """Newest first, in two queries."""
    rows = list(selectors.typed_by(person_id))
    keys = {row.key for row in rows if row.key}
    items = {(item.workspace_id, item.kind, item.key): item for item in Item.objects.filter(key__in=keys)} if keys else {}
    found = []
    for row in rows:
        item = items.get((row.workspace_id, row.kind, row.key))
        if item is not None or not row.key:
            found.append(
                {"name": _name(row), "kind": row.kind, "workspace": row.workspace, "at": row.saved_at, "address": _address(row, item)}
            )
    return found


def _name(row: Autosave) -> str:
    fields = QueryDict(row.typed)
    named = fields.get("name", "").strip() or words.humanised(row.key or fields.get("key", "").strip())
    return capfirst(named)[:120] if named else f"A new {row.kind}"


def _address(row: Autosave, item: Item | None) -> str:
    page = f"admin:rules_{PROXIES[row.kind].__name__.lower()}"
    return reverse(f"{page}_change", args=[item.pk]) if item else f"{reverse(f'{page}_add')}?workspace={row.workspace.key}"
