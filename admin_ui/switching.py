"""Takes a workspace in hand, or all of them, and leads back to the page one was on, or to the nearest that can be of that workspace."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import NoReverseMatch, Resolver404, path, resolve, reverse

from admin_ui.inhand import KEPT, known
from admin_ui.undoing import came_from
from rules.models import Workspace

OF_ONE = {"rules_workspace_publish", "rules_workspace_change", "conflicts", "documents", "folders"}
"""Pages of one workspace, with its number in their address, that each workspace has."""


def urls(site: AdminSite) -> list[Any]:
    return [path("workspace/", site.admin_view(switch), name="switch")]


def switch(request: HttpRequest) -> HttpResponse:
    if request.method != "POST" or not request.user.has_perm("rules.view_workspace"):
        raise PermissionDenied
    key = request.POST.get("workspace", "")
    chosen = next((workspace for workspace in known(request) if workspace.key == key), None)
    if key and chosen is None:
        raise Http404("There is no such workspace.")
    if chosen:
        request.session[KEPT] = chosen.key
    else:
        request.session.pop(KEPT, None)
    return HttpResponseRedirect(_near(came_from(request, reverse("admin:index")), chosen))


def _near(back: str, chosen: Workspace | None) -> str:
    """A list, or what else can be of any workspace, stays; a page of a workspace becomes that of the other; a thing's becomes its list."""
    there = urlsplit(back).path
    try:
        page = resolve(there)
        if not page.kwargs and not page.args:
            return there
        if chosen and page.url_name in OF_ONE:
            return reverse(f"admin:{page.url_name}", args=[chosen.pk])
        return reverse(f"admin:{'_'.join(str(page.url_name).split('_')[:2])}_changelist")
    except (Resolver404, NoReverseMatch):
        return reverse("admin:index")
