"""Working copies kept between two looks: they are read anew when they changed, and most looks come after no edit."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Collection

import msgspec
from django.db.models import Max, QuerySet

from rules.models import Draft, Item, Release, Version, Workspace
from rules.selectors.desk import Desk

KEPT = 8
"""In a process; the one asked for longest ago goes first."""

Place = tuple[int, int, str]
"""Whose working copy, of which workspace, and a token of what that held."""

_desks: OrderedDict[Place, Desk] = OrderedDict()
_lock = threading.Lock()


def kept_desk(workspace: Workspace, author_id: int) -> Desk:
    """The author's working copy as it is now, with everybody's drafts, to look at: what saves takes one of its own."""
    place = _place(workspace, author_id)
    found = _at(place)
    if found is not None:
        return found
    found = Desk(workspace, author_id)
    found.read()
    if place == _place(workspace, author_id):  # nothing was saved meanwhile
        with _lock:
            _desks[place] = found
            while len(_desks) > KEPT:
                _desks.popitem(last=False)
    return found


def desk_at_hand(workspace: Workspace, author_id: int) -> Desk | None:
    """The author's working copy as it is now, where it was read already."""
    return _at(_place(workspace, author_id))


def desk_token(workspace: Workspace, author_id: int, kinds: Collection[str] = ()) -> str:
    """Differs whenever the author's working copy, or what it has of these kinds, could say something else.

    Three small queries, instead of all there is.
    """
    items = Item.objects.filter(workspace=workspace, **({"kind__in": kinds} if kinds else {}))
    return _token(workspace, items, Draft.objects.filter(item__in=items, author_id=author_id))


def _place(workspace: Workspace, author_id: int) -> Place:
    """Differs whenever anything of its things could: other people's drafts are shown too."""
    items = Item.objects.filter(workspace=workspace)
    return workspace.pk, author_id, _token(workspace, items, Draft.objects.filter(item__in=items))


def _at(place: Place) -> Desk | None:
    with _lock:
        found = _desks.get(place)
        if found is not None:
            _desks.move_to_end(place)
        return found


def _token(workspace: Workspace, items: QuerySet[Item], drafts: QuerySet[Draft]) -> str:
    newest = Version.objects.filter(item__in=items).aggregate(Max("pk"))["pk__max"]
    release = Release.objects.filter(workspace=workspace).aggregate(Max("pk"))["pk__max"]
    told = [workspace.settings, list(drafts.order_by("pk").values_list("pk", "revision")), newest, release]
    return hashlib.sha256(msgspec.json.encode(told)).hexdigest()
