"""Working copies kept between two looks: they are read anew when they changed, and most looks come after no edit."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict

import msgspec
from django.db.models import Max

from rules.models import Draft, Release, Version, Workspace
from rules.selectors.desk import Desk

KEPT = 16
"""In a process; the one asked for longest ago goes first."""

_desks: OrderedDict[tuple[int, int, str], Desk] = OrderedDict()
_lock = threading.Lock()


def kept_desk(workspace: Workspace, author_id: int) -> Desk:
    """The author's working copy as it is now, to look at: forms that save take one of their own."""
    place = workspace.pk, author_id, desk_token(workspace, author_id)
    with _lock:
        found = _desks.get(place)
        if found is None:
            found = _desks[place] = Desk(workspace, author_id)
        _desks.move_to_end(place)
        while len(_desks) > KEPT:
            _desks.popitem(last=False)
    return found


def desk_token(workspace: Workspace, author_id: int) -> str:
    """Differs whenever the author's working copy could say something else. Three small queries, instead of all there is."""
    drafts = Draft.objects.filter(item__workspace=workspace, author_id=author_id).order_by("pk").values_list("pk", "revision")
    newest = Version.objects.filter(item__workspace=workspace).aggregate(Max("pk"))["pk__max"]
    release = Release.objects.filter(workspace=workspace).aggregate(Max("pk"))["pk__max"]
    return hashlib.sha256(msgspec.json.encode([workspace.settings, list(drafts), newest, release])).hexdigest()
