"""Conditions as a row can hold them: comparisons that must all hold, and nothing in groups within each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rules.engine.tables.cells import VALUELESS

Leaf = dict[str, Any]


def comparisons(when: Any) -> list[Leaf] | None:
    """The comparisons of flat conditions in the form a table gives back; None for conditions that are not flat."""
    if when is None:
        return []
    if not isinstance(when, Mapping):
        return None
    parts = when["all"] if set(when) == {"all"} else [when]
    if not isinstance(parts, Sequence) or isinstance(parts, str) or not parts:
        return None
    found = [_leaf(part) for part in parts]
    return None if None in found else [leaf for leaf in found if leaf is not None]


def normal(leaves: Sequence[Leaf]) -> Any:
    """Conditions of these comparisons: none, the only one, or all."""
    return None if not leaves else leaves[0] if len(leaves) == 1 else {"all": list(leaves)}


def _leaf(part: Any) -> Leaf | None:
    if not isinstance(part, Mapping) or not {"name", "operator"} <= set(part) <= {"name", "operator", "value", "missing"}:
        return None
    if not isinstance(part["name"], str) or not isinstance(part["operator"], str):
        return None
    # A value beside an operator that needs none says nothing, so a table does not keep it.
    kept = ("name", "operator", "missing") if part["operator"] in VALUELESS else ("name", "operator", "value", "missing")
    return {name: part[name] for name in kept if part.get(name) is not None}
