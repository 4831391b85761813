"""The page of a workspace's folders, where new ones are made; and the addresses of all that is done with folders."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import urlencode

from admin_ui import inhand
from admin_ui.filing import folder
from admin_ui.filing.asked import MAY_KEEP, workspace_of
from admin_ui.filing.forms import FolderForm
from admin_ui.filing.lists import number
from admin_ui.filing.moving import item_page
from admin_ui.opening import may_open
from admin_ui.pages import tell
from rules import selectors, services
from rules.engine import DocumentError
from rules.models import PROXIES, Folder, Workspace
from rules.selectors import Shelf

OPTS = Folder._meta  # noqa: SLF001  Django's public word: what Help is looked up by


def urls(site: AdminSite) -> list[Any]:
    def at(view: Any) -> Any:
        return site.admin_view(lambda request, **numbers: view(site, request, **numbers))

    return [
        path("folders/", at(choose), name="folders_of"),
        path("folders/item/<int:item_id>/", at(item_page), name="folders_item"),
        path("folders/<int:workspace_id>/", at(page), name="folders"),
        path("folders/<int:workspace_id>/<int:folder_id>/", at(folder.folder_page), name="folder"),
        path("folders/<int:workspace_id>/<int:folder_id>/order/", at(folder.order_view), name="folder_order"),
        path("folders/<int:workspace_id>/<int:folder_id>/remove/", at(folder.remove_view), name="folder_remove"),
    ]


def choose(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """To the folders of the workspace asked for, or of the only one; else a choice."""
    if not may_open(request.user, "admin:folders_of"):
        raise PermissionDenied
    workspaces = inhand.known(request)
    chosen = inhand.of_page(request)
    asked = [chosen] if chosen else workspaces
    if len(asked) == 1:
        return HttpResponseRedirect(reverse("admin:folders", args=[asked[0].pk]))
    context = {"title": "Folders", "workspaces": workspaces, "opts": OPTS}
    return TemplateResponse(request, "admin/signpost/filing/choose.html", {**site.each_context(request), **context})


def page(site: AdminSite, request: HttpRequest, *, workspace_id: int) -> HttpResponse:
    """The tree, with what lies where; and the form for a new one."""
    workspace = workspace_of(request, workspace_id)
    form = FolderForm(request.POST if request.method == "POST" else None, workspace=workspace, initial={"parent": request.GET.get("in")})
    if form.is_valid():
        name, parent = form.cleaned_data["name"], number(form.cleaned_data["parent"]) or None
        try:
            services.make_folder(workspace.key, name, parent=parent, actor=request.user, now=timezone.now())
        except DocumentError as refused:
            tell(request, refused)
        else:
            messages.success(request, f"The folder {name} is made.")
            return HttpResponseRedirect(reverse("admin:folders", args=[workspace.pk]))
    shelves = selectors.shelves([workspace])
    counts = selectors.filed_counts(shelves, timezone.now())
    context = {
        "title": f"Folders of {workspace}",
        "workspace": workspace,
        "folders": [(shelf, _holds(workspace, shelf, counts[shelf.folder.pk])) for shelf in shelves],
        "form": form,
        "may_keep": request.user.has_perm(MAY_KEEP),
        "opts": OPTS,
    }
    return TemplateResponse(request, "admin/signpost/filing/folders.html", {**site.each_context(request), **context})


def _holds(workspace: Workspace, shelf: Shelf, counts: Counter[str]) -> list[tuple[str, str]]:
    """What lies in it and beneath it: words, and the list of it."""
    asked = urlencode({"workspace": workspace.key, "folder": shelf.folder.pk})
    said = []
    for kind, count in sorted(counts.items(), key=lambda one: -one[1]):
        meta = PROXIES[kind]._meta  # noqa: SLF001  Django's public word
        name = "admin:rules_rule_table" if kind == "rule" else f"admin:rules_{meta.model_name}_changelist"
        said.append((f"{count} {meta.verbose_name if count == 1 else meta.verbose_name_plural}", f"{reverse(name)}?{asked}"))
    return said
