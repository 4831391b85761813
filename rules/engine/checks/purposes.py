"""Purposes that are named and not declared, and more of them than a workspace can tell apart."""

from __future__ import annotations

from collections.abc import Iterator

from rules.engine import limits
from rules.engine.errors import Problem
from rules.engine.vocabulary import meant
from rules.engine.workspace import Workspace

NAMING = ("traits", "signals", "tags", "placements")


def named(workspace: Workspace) -> Iterator[Problem]:
    declared = {purpose.key for purpose in workspace.purposes}
    for kind in NAMING:
        for index, one in enumerate(getattr(workspace, kind)):
            if one.purpose is not None and one.purpose not in declared:
                words = f"there is no purpose {one.purpose!r}"
                yield Problem("unknown_purpose", f"$.{kind}[{index}].purpose", words, meant(one.purpose, declared))
    for index, purpose in list(enumerate(workspace.purposes))[limits.PURPOSES :]:
        words = f"there are more than {limits.PURPOSES} purposes before {purpose.key!r}"
        yield Problem("too_many_purposes", f"$.purposes[{index}]", words, "Let some of them be one.")
    for index in [index for index, purpose in enumerate(workspace.purposes) if purpose.events][1:]:
        words = "another purpose decides already whether events are used"
        yield Problem("second_event_purpose", f"$.purposes[{index}].events", words, "Leave it to one of them.")
