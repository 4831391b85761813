"""How a form is laid out: which fields stand together under a title, beside each other, or folded away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from admin_ui.form.fields import Leaf

GROUPS = {
    "rule": (
        ("Where", ("placement", "parent", "branch", "position")),
        ("When", ("when",)),
        ("Then", ("then",)),
        ("Only at certain times", ("schedule",)),
        ("Only for some users", ("rollout",)),
        ("Not too often", ("cap",)),
        ("Among several matches", ("group", "priority")),
    ),
    "tag": (
        ("Given by an event", ("assign.event", "assign.where")),
        ("Given only when it comes often", ("assign.count",)),
        ("Given only when it adds up", ("assign.sum",)),
        ("Given only when it stays away", ("assign.inactive",)),
        ("Given by several events", ("assign.steps", "assign.all", "assign.within")),
        ("Given only to some users", ("assign.when",)),
        ("Kept and taken away", ("ttl", "group", "remove")),
    ),
}
"""Titles for the fields of long forms, by how their paths begin; what is named by none comes first, with the key."""
BESIDE = {"rule": (("key", "name", "description", "enabled"), ("placement", "parent", "branch", "position"))}
"""Fields that stand in one row of a form, where the page is wide enough."""
FOLDED = {"schedule", "rollout", "cap", "group", "assign.count", "assign.sum", "assign.inactive", "assign.steps", "assign.when"}
"""Groups that most things leave empty: folded away by their first field, until something is in them."""


def fieldsets(kind: str, leaves: Iterable[Leaf]) -> list[tuple[str | None, dict[str, Any]]]:
    """Django's description of the whole form: first what is in no group, then each group in turn."""
    leaves = tuple(leaves)
    titled = [(title, firsts, [leaf.name for leaf in leaves if leaf.within(firsts)]) for title, firsts in GROUPS.get(kind, ())]
    grouped = {name for _, _, names in titled for name in names}
    rest = [leaf.name for leaf in leaves if leaf.name not in grouped]
    return [
        (None, {"fields": _rows(kind, ["token", "key", *rest])}),
        *(
            (title, {"fields": _rows(kind, names), "classes": ["collapse"] if firsts[0] in FOLDED else []})
            for title, firsts, names in titled
        ),
    ]


def _rows(kind: str, names: Sequence[str]) -> list[str | tuple[str, ...]]:
    """The fields with those that stand beside each other together, where the first of them was."""
    row_of = {name: row for row in BESIDE.get(kind, ()) for name in row}
    return [row_of.get(name, name) for name in names if name not in row_of or name == row_of[name][0]]
