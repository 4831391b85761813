"""Conditions that can't be compiled, and the ceilings compiling has."""

from __future__ import annotations

from collections.abc import Iterator

from rules.engine.compile import run, thresholds_of, workspace_sites
from rules.engine.errors import Problem
from rules.engine.tree import ceilings
from rules.engine.vocabulary import Vocabulary
from rules.engine.work import Site
from rules.engine.workspace import Workspace


def compiled(workspace: Workspace) -> Iterator[Problem]:
    """The stages of compiling themselves, so that what passes here compiles, and what does not is told the same way."""
    sites = [*_event_sites(workspace), *workspace_sites(workspace)]
    yield from run(sites, thresholds_of(workspace), workspace.workspace.timezone).problems
    yield from ceilings(workspace)


def _event_sites(workspace: Workspace) -> Iterator[Site]:
    events = Vocabulary.of_events()
    for index, signal in enumerate(workspace.signals):
        yield Site(f"$.signals[{index}].where", signal.where, events)
    for index, tag in enumerate(workspace.tags):
        for word, part in (("assign", tag.assign), ("remove", tag.remove)):
            if part is not None:
                yield Site(f"$.tags[{index}].{word}.where", part.where, events)
