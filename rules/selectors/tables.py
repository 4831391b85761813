"""A placement's rules as a decision table."""

from __future__ import annotations

import msgspec

from rules import bodies
from rules.engine import DocumentError, Problem
from rules.engine.tables import write_table
from rules.engine.workspace import Rule
from rules.models import Workspace
from rules.selectors.things import things, working_bodies


def placement_table(workspace_key: str, placement: str, *, author_id: int | None = None) -> str:
    """CSV of the working copy's rules. Raises DocumentError for rules that do not fit into a table, or have lost their place."""
    workspace = Workspace.objects.filter(key=workspace_key).first()
    if workspace is None:
        raise DocumentError([Problem("unknown_workspace", "$.workspace", f"There is no workspace {workspace_key}.")])
    working = working_bodies(things(workspace), author_id)
    document, lost = bodies.nest(workspace.settings, working)
    found = next((one for one in document.get("placements", []) if one["key"] == placement), None)
    if found is None:
        raise DocumentError([no_placement(workspace_key, placement)])
    mine = [problem for problem in lost if working["rule", problem.path.split(".")[2]]["placement"] == placement]
    if mine:
        raise DocumentError(mine)
    return write_table(msgspec.convert(found.get("rules", []), list[Rule]))


def no_placement(workspace_key: str, placement: str) -> Problem:
    words = f"There is no placement {placement} in the workspace {workspace_key}."
    return Problem("unknown_placement", "$", words, "Choose another, or create it first.")
