"""What conditions that are being written may name: a working copy without rules and templates, read again only when it changed."""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache

import msgspec
from django.db.models import Count, Max, Sum

from rules import bodies
from rules.engine.workspace import Workspace as Document
from rules.models import Draft, ReleaseChange, Version, Workspace
from rules.selectors.things import things, working_bodies

NAMING = tuple(kind for kind in bodies.KINDS if kind not in {"rule", "placement", "template"})
"""The kinds whose things conditions can speak of."""


def naming(workspace: Workspace, author_id: int) -> Document:
    """The author's working copy of everything that conditions can name."""
    return _read(workspace, author_id, _stamp(workspace, author_id))


@lru_cache(maxsize=32)
def _read(workspace: Workspace, author_id: int, stamp: Hashable) -> Document:
    """`stamp` is only there to tell one state of the workspace from the next. Rows of one workspace are equal to Django."""
    known = working_bodies(things(workspace, NAMING), author_id)
    return msgspec.convert(bodies.nest(workspace.settings, known)[0], Document)


def _stamp(workspace: Workspace, author_id: int) -> Hashable:
    """Differs whenever what the author sees has changed: their drafts, anybody's versions, or what is released."""
    own = Draft.objects.filter(item__workspace=workspace, author_id=author_id)
    drafts = own.aggregate(Count("pk"), Max("pk"), Sum("revision"), Max("updated_at"))
    newest = Version.objects.filter(item__workspace=workspace).aggregate(Max("pk"))
    released = ReleaseChange.objects.filter(item__workspace=workspace).aggregate(Max("pk"))
    return workspace.settings.timezone, tuple(drafts.values()), tuple(newest.values()), tuple(released.values())
