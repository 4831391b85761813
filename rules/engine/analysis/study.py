"""A workspace taken apart once for all checks of meaning: its conditions linked, and who can come to each of its rules."""

from __future__ import annotations

from functools import cached_property

from rules.engine.analysis.reach import Reach, reaches
from rules.engine.analysis.ways import Ways
from rules.engine.compile import event_sites, run, thresholds_of, user_sites, workspace_sites
from rules.engine.linked import Test
from rules.engine.steps import Planting
from rules.engine.tree import walk
from rules.engine.workspace import Placement, Workspace


class Study:
    """Of a workspace without errors. `now` is the moment to judge schedules by; None: not at all."""

    def __init__(self, workspace: Workspace, now: float | None = None) -> None:
        self.workspace = workspace
        self.now = now
        self.places = list(walk(workspace))
        sites = [*event_sites(workspace), *workspace_sites(workspace), *user_sites(workspace)]
        self.work = run(sites, thresholds_of(workspace), workspace.workspace.timezone)
        self.ways = Ways(self.work)

    @cached_property
    def reaches(self) -> list[tuple[Placement, list[Reach]]]:
        """By placement, in the order of the endings."""
        parts = {id(site.rule): (site.gates, site.linked) for site in self.work.sites if site.rule is not None}
        paths = {id(place.rule): place.path for place in self.places}
        return [
            (placement, list(reaches(Planting(parts).steps(placement.rules), self.ways, paths))) for placement in self.workspace.placements
        ]

    def said(self, test: Test, wanted: bool = True) -> str:
        """A test as people write it."""
        leaf = self.ways.atoms.leaf(test)
        words = str(leaf) if leaf is not None else f"the {test.operator} ({test.expected})"
        return words if wanted else f"not ({words})"

    def place_of(self, test: Test) -> str | None:
        leaf = self.ways.atoms.leaf(test)
        return leaf.path if leaf is not None else None
