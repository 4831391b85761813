"""What conditions that are being written may name: a working copy without rules and templates, read again only when it changed."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from rules import bodies
from rules.engine.workspace import Workspace as Document
from rules.models import Workspace
from rules.selectors.desks import desk_token
from rules.selectors.things import things, working_bodies

NAMING = tuple(kind for kind in bodies.KINDS if kind not in {"rule", "placement", "template"})
"""The kinds whose things conditions can speak of."""


def naming(workspace: Workspace, author_id: int) -> Document:
    """The author's working copy of everything that conditions can name."""
    return _read(workspace, author_id, desk_token(workspace, author_id))


@lru_cache(maxsize=32)
def _read(workspace: Workspace, author_id: int, token: str) -> Document:
    """`token` is only there to tell one state of the workspace from the next. Rows of one workspace are equal to Django."""
    known = working_bodies(things(workspace, NAMING), author_id)
    return msgspec.convert(bodies.nest(workspace.settings, known)[0], Document)
