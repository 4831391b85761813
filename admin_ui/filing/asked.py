"""Which workspace and folder an address asks for, and whether the reader may."""

from __future__ import annotations

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from rules import selectors
from rules.models import Workspace
from rules.selectors import Shelf

MAY_KEEP = "rules.change_rule"
"""Who may make, rename, move and remove folders."""


def workspace_of(request: HttpRequest, workspace_id: int, *, to_keep: bool = False, acts: bool = False) -> Workspace:
    """Where the reader may look; `to_keep`, or whatever is sent: where they may keep folders; `acts`: by sending only."""
    needed = ["rules.view_rule", *([MAY_KEEP] if to_keep or request.method == "POST" else [])]
    if not request.user.has_perms(needed) or (acts and request.method != "POST"):
        raise PermissionDenied
    if any("\0" in value for _, values in request.POST.lists() for value in values):
        raise BadRequest("A form can't hold a NUL character.")
    return get_object_or_404(Workspace, pk=workspace_id)


def shelf_of(workspace: Workspace, folder_id: int) -> Shelf:
    found = next((shelf for shelf in selectors.shelves([workspace]) if shelf.folder.pk == folder_id), None)
    if found is None:
        raise Http404
    return found
