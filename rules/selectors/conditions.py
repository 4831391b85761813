"""What conditions that are being written may name: a working copy without rules and templates, read again only when it changed."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from rules import bodies
from rules.engine.workspace import Workspace as Document
from rules.models import Workspace
from rules.selectors.desks import desk_at_hand, desk_token
from rules.selectors.things import things, working_bodies

NAMING = tuple(kind for kind in bodies.KINDS if kind not in {"rule", "placement", "template"})
"""The kinds whose things conditions can speak of."""


def naming(workspace: Workspace, author_id: int) -> Document:
    """The author's working copy of everything that conditions can name."""
    return _read(workspace, author_id, desk_token(workspace, author_id, NAMING))


@lru_cache(maxsize=32)
def _read(workspace: Workspace, author_id: int, token: str) -> Document:
    """`token` is only there to tell one state of the workspace from the next. Rows of one workspace are equal to Django.

    The form that asks has mostly read the whole working copy a moment before.
    """
    desk = desk_at_hand(workspace, author_id)
    known = working_bodies(things(workspace, NAMING), author_id) if desk is None else desk.bodies
    known = {identity: body for identity, body in known.items() if identity[0] in NAMING}
    return msgspec.convert(bodies.nest(workspace.settings, known)[0], Document)
