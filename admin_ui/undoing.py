"""What can be undone: the reader's last step in each workspace, whether it changed drafts or folders, kept in their session."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from admin_ui.pages import tell
from rules import services
from rules.engine import DocumentError, Problem
from rules.models import PROXIES, Item

REMEMBERED = "last_steps"
OFFERED = 3
"""So many workspaces' last acts stand above a list of several workspaces."""


def urls(site: AdminSite) -> list[Any]:
    return [path("undo/", site.admin_view(undo_view), name="undo")]


def undo_view(request: HttpRequest) -> HttpResponse:
    """Undoes the last step, for whoever may change what it touched, and leads back to the page that offered it."""
    if request.method != "POST" or not request.user.has_module_perms("rules"):
        raise PermissionDenied
    workspace = request.POST.get("workspace", "")
    try:
        done = undone(request, workspace)
        remember(request, workspace, done, just=_keys(done, "rule"))
        messages.success(request, done.words)
    except DocumentError as refused:
        tell(request, refused)
    return HttpResponseRedirect(came_from(request, reverse("admin:index")))


def remember(request: HttpRequest, workspace: str, done: services.Done, *, just: Iterable[str] = ()) -> None:
    """What was done last in a workspace. A step that changed nothing leaves the one before to be undone. `just`: rules to be pointed at."""
    kept = dict(request.session.get(REMEMBERED, {}))
    before = kept.pop(workspace, {}).get("undo")
    undo = {**done.undo, "id": secrets.token_hex(8)} if done.undo else before
    request.session[REMEMBERED] = {**kept, workspace: {"undo": undo, "just": list(just)}}


def remembered(request: HttpRequest, workspace: str) -> dict[str, Any]:
    """Of the last step on rules: as `undo` what can be undone (None: nothing), as `just` the rules to be pointed at, told once."""
    kept = request.session.get(REMEMBERED, {}).get(workspace) or {}
    just = kept.pop("just", [])
    if just:
        request.session.modified = True
    undo = kept.get("undo")
    return {"undo": undo if undo and "rule" in _kinds(undo) else None, "just": just}


def offered(request: HttpRequest, kinds: Collection[str], workspace: str | None) -> list[dict[str, Any]]:
    """What a list of these kinds offers to undo, newest first. Without a workspace: in any of them."""
    kept = request.session.get(REMEMBERED, {})
    found = [{"workspace": key, **one["undo"]} for key, one in reversed(kept.items()) if one.get("undo") and workspace in (None, key)]
    return [one for one in found if not _kinds(one).isdisjoint(kinds) and may_change(request, _kinds(one))][:OFFERED]


def offered_at(request: HttpRequest, item: Item) -> list[dict[str, Any]]:
    """What the page of one thing offers to undo: that it was moved to a folder. Of drafts nothing: the page itself could go with it."""
    found = offered(request, {item.kind}, item.workspace.key)
    return [one for one in found if one["of"] == "places" and any((of["kind"], of["key"]) == (item.kind, item.key) for of in one["things"])]


def undone(request: HttpRequest, workspace: str) -> services.Done:
    """Raises DocumentError where there is nothing to undo, or it can't be undone any more: then it is not offered again."""
    kept = request.session.get(REMEMBERED, {}).get(workspace, {})
    undo = kept.get("undo")
    if not undo:
        raise _refused("There is nothing to undo.")
    if request.POST.get("which", undo["id"]) != undo["id"]:
        raise _refused("Something else was done since that, in another window. What can be undone now is offered on this page.")
    if not may_change(request, _kinds(undo)):
        raise PermissionDenied
    try:
        return services.undo(workspace, undo, author=request.user, now=timezone.now())
    except DocumentError:
        kept["undo"] = None
        request.session.modified = True
        raise


def came_from(request: HttpRequest, otherwise: str) -> str:
    """The page of ours that the form names as `back`."""
    back = request.POST.get("back", "")
    ours = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return back if back and ours else otherwise


def may_change(request: HttpRequest, kinds: Collection[str]) -> bool:
    """Whether the reader may change things of all these kinds."""
    return request.user.has_perms([f"rules.change_{PROXIES[kind].__name__.lower()}" for kind in kinds])


def _keys(done: services.Done, kind: str) -> list[str]:
    return [one["key"] for one in (done.undo or {}).get("things", ()) if one["kind"] == kind]


def _kinds(undo: dict[str, Any]) -> set[str]:
    return {one["kind"] for one in undo["things"]}


def _refused(words: str) -> DocumentError:
    return DocumentError([Problem("not_undone", "$", words)])
