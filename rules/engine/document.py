"""A workspace document as JSON to a checked Workspace, with every problem gathered before any is reported."""

from __future__ import annotations

from typing import Any

from rules.engine.check import obstacles
from rules.engine.errors import DocumentError, Problem
from rules.engine.strict import faults, loads
from rules.engine.structure import convert
from rules.engine.workspace import Workspace


def parse_workspace(data: bytes | dict[str, Any]) -> Workspace:
    """Raises DocumentError. JSON first, then its values, then the structure, then the meaning: each needs the one before."""
    plain = loads(data) if isinstance(data, bytes) else data
    if not isinstance(plain, dict):
        raise DocumentError([Problem("wrong_type", "$", "a workspace document is a JSON object", 'Write {"workspace": {...}, ...}.')])
    if problems := faults(plain):
        raise DocumentError(problems)
    workspace = convert(plain)
    if problems := obstacles(workspace):
        raise DocumentError(problems)
    return workspace
