"""What goes along with rules that are removed from a list or a page: the rules beneath them, which would have no place without them."""

from __future__ import annotations

from collections.abc import Iterable

from admin_ui.links import name_of
from rules import selectors, services
from rules.models import Item, Workspace


def beneath(items: Iterable[Item], reader_id: int) -> list[tuple[Item, str]]:
    """Those in the reader's working copies that are not among the items, each with what it is called."""
    by_workspace: dict[Workspace, list[str]] = {}
    for item in items:
        by_workspace.setdefault(item.workspace, []).append(item.key)
    found = []
    for workspace, keys in by_workspace.items():
        desk = selectors.kept_desk(workspace, reader_id)
        rules = {key: body for (kind, key), body in desk.bodies.items() if kind == "rule"}
        there = [key for key in keys if key in rules]
        goes = services.removed_with(rules, there) if there else []
        found += [(desk.things["rule", key].item, rules[key]) for key in goes if key not in keys]
    return [(item, name_of(item, body)) for item, body in found]
