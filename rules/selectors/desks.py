"""Working copies kept between two looks: they are read anew when they changed, and most looks come after no edit."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict

import msgspec
from django.db.models import Max, QuerySet

from rules.models import Draft, Release, Version, Workspace
from rules.selectors.desk import Desk

KEPT = 8
"""In a process; the one asked for longest ago goes first."""

_desks: OrderedDict[tuple[int, int, str], Desk] = OrderedDict()
_lock = threading.Lock()


def kept_desk(workspace: Workspace, author_id: int) -> Desk:
    """The author's working copy as it is now, with everybody's drafts, to look at: what saves takes one of its own."""
    place = workspace.pk, author_id, _whole_token(workspace)
    with _lock:
        found = _desks.get(place)
        if found is not None:
            _desks.move_to_end(place)
            return found
    found = Desk(workspace, author_id)
    found.read()
    if place[2] == _whole_token(workspace):  # nothing was saved meanwhile
        with _lock:
            _desks[place] = found
            while len(_desks) > KEPT:
                _desks.popitem(last=False)
    return found


def desk_token(workspace: Workspace, author_id: int) -> str:
    """Differs whenever the author's working copy could say something else. Three small queries, instead of all there is."""
    return _token(workspace, Draft.objects.filter(item__workspace=workspace, author_id=author_id))


def _whole_token(workspace: Workspace) -> str:
    """Differs whenever anything of its things could: other people's drafts are shown too."""
    return _token(workspace, Draft.objects.filter(item__workspace=workspace))


def _token(workspace: Workspace, drafts: QuerySet[Draft]) -> str:
    newest = Version.objects.filter(item__workspace=workspace).aggregate(Max("pk"))["pk__max"]
    release = Release.objects.filter(workspace=workspace).aggregate(Max("pk"))["pk__max"]
    told = [workspace.settings, list(drafts.order_by("pk").values_list("pk", "revision")), newest, release]
    return hashlib.sha256(msgspec.json.encode(told)).hexdigest()
