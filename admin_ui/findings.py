"""Findings of a working copy in words for people: whose they are, and that a thing is missing because it is being removed."""

from __future__ import annotations

import re

from admin_ui.forms import in_words
from rules.selectors import Desk, Finding

QUOTED = re.compile(r"""(?<!\w)(['"])(.+?)\1""")  # not the apostrophe of "can't"


def whose(found: Finding) -> str:
    return " ".join(found.identity) if found.identity else "the workspace"


def said(found: Finding, desk: Desk) -> str:
    """The problem; and where what it misses is there until a removal is published, that."""
    kind, quoted = found.problem.code.removeprefix("unknown_"), QUOTED.search(found.problem.message)
    missing = (quoted[2], *quoted[2].split(".")) if quoted else ()  # a key, or a name such as scores.intent.band
    for key in missing:
        thing = desk.things.get((kind, key))
        if thing and (kind, key) not in desk.bodies and (thing.base_body or (thing.released and thing.released.body)):
            return f"{kind} {key} is being removed, but {whose(found)} uses it. Keep the one, or change the other."
    return in_words(found.problem)
