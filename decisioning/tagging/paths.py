"""Dotted paths into plain JSON data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def find(data: Mapping[str, Any], path: str) -> Any:
    """The value at the path; None when there is none, and for JSON's null. A key that itself holds the dots wins over the nested one."""
    value: Any = data.get(path)
    if value is not None or "." not in path:
        return value
    value = data
    for part in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(part)
    return value
