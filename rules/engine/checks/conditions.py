"""Conditions that can't be compiled, and the ceilings compiling has."""

from __future__ import annotations

from collections.abc import Iterator

from rules.engine.compile import event_sites, run, thresholds_of, user_sites, workspace_sites
from rules.engine.errors import Problem
from rules.engine.tree import ceilings
from rules.engine.workspace import Workspace


def compiled(workspace: Workspace) -> Iterator[Problem]:
    """The stages of compiling themselves, so that what passes here compiles, and what does not is told the same way."""
    sites = [*event_sites(workspace), *workspace_sites(workspace), *user_sites(workspace)]
    yield from run(sites, thresholds_of(workspace), workspace.workspace.timezone).problems
    yield from ceilings(workspace)
