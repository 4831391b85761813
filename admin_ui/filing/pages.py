"""The page of a workspace's folders, and each one's own: made, renamed, moved, ordered, removed."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import urlencode

from admin_ui.filing.lists import number
from admin_ui.filing.moving import MAY_KEEP, folder_choices, move, undo
from admin_ui.items import item_address, name_of
from admin_ui.pages import tell
from admin_ui.sure import ask_sure, sure
from rules import filing, selectors, services
from rules.engine import DocumentError
from rules.models import PROXIES, Folder, Item, Workspace
from rules.selectors import Shelf

OPTS = Folder._meta  # noqa: SLF001  Django's public word: what Help is looked up by


class FolderForm(forms.Form):
    name = forms.CharField(label="Name", max_length=filing.NAME)
    parent = forms.ChoiceField(label="Within", required=False)

    def __init__(self, *args: Any, workspace: Workspace, without: set[int] | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["parent"].choices = folder_choices(workspace, "At the top", without or ())


def urls(site: AdminSite) -> list[Any]:
    def at(view: Any) -> Any:
        return site.admin_view(lambda request, **numbers: view(site, request, **numbers))

    return [
        path("folders/", at(choose), name="folders_of"),
        path("folders/undo/", site.admin_view(undo), name="folders_undo"),
        path("folders/item/<int:item_id>/", at(item_page), name="folders_item"),
        path("folders/<int:workspace_id>/", at(page), name="folders"),
        path("folders/<int:workspace_id>/<int:folder_id>/", at(folder_page), name="folder"),
        path("folders/<int:workspace_id>/<int:folder_id>/order/", at(order_view), name="folder_order"),
        path("folders/<int:workspace_id>/<int:folder_id>/remove/", at(remove_view), name="folder_remove"),
    ]


def choose(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """To the folders of the workspace asked for, or of the only one; else a choice."""
    if not request.user.has_perm("rules.view_rule"):
        raise PermissionDenied
    workspaces = list(Workspace.objects.all())
    asked = [one for one in workspaces if one.key == request.GET.get("workspace")] or workspaces
    if len(asked) == 1:
        return HttpResponseRedirect(reverse("admin:folders", args=[asked[0].pk]))
    context = {"title": "Folders", "workspaces": workspaces, "opts": OPTS}
    return TemplateResponse(request, "admin/signpost/filing/choose.html", {**site.each_context(request), **context})


def page(site: AdminSite, request: HttpRequest, *, workspace_id: int) -> HttpResponse:
    """The tree, with what lies where; and the form for a new one."""
    workspace = _workspace(request, workspace_id)
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


def folder_page(site: AdminSite, request: HttpRequest, *, workspace_id: int, folder_id: int) -> HttpResponse:
    """Its name and where it lies."""
    workspace = _workspace(request, workspace_id, to_keep=True)
    shelf = _shelf(workspace, folder_id)
    within = selectors.with_beneath(selectors.shelves([workspace]), folder_id)
    told = {"name": shelf.folder.name, "parent": shelf.folder.parent_id or ""}
    form = FolderForm(request.POST if request.method == "POST" else None, workspace=workspace, without=within, initial=told)
    if form.is_valid():
        try:
            name, parent = form.cleaned_data["name"], number(form.cleaned_data["parent"]) or None
            services.move_folder(workspace.key, folder_id, parent, name=name, actor=request.user, now=timezone.now())
        except DocumentError as refused:
            tell(request, refused)
        else:
            messages.success(request, f"The folder {form.cleaned_data['name']} is saved.")
            return HttpResponseRedirect(reverse("admin:folders", args=[workspace.pk]))
    context = {
        "title": f"Folder {shelf.words}",
        "workspace": workspace,
        "shelf": shelf,
        "form": form,
        "opts": OPTS,
        "deepest": shelf.level >= filing.DEPTH,
    }
    return TemplateResponse(request, "admin/signpost/filing/folder.html", {**site.each_context(request), **context})


def order_view(site: AdminSite, request: HttpRequest, *, workspace_id: int, folder_id: int) -> HttpResponse:
    workspace = _workspace(request, workspace_id, to_keep=True, acts=True)
    way = request.POST.get("way")
    if way not in ("up", "down"):
        raise BadRequest("A folder goes up or down.")
    try:
        services.order_folder(workspace.key, folder_id, up=way == "up", actor=request.user, now=timezone.now())
    except DocumentError as refused:
        tell(request, refused)
    return HttpResponseRedirect(reverse("admin:folders", args=[workspace.pk]))


def remove_view(site: AdminSite, request: HttpRequest, *, workspace_id: int, folder_id: int) -> HttpResponse:
    workspace = _workspace(request, workspace_id, to_keep=True, acts=True)
    shelf, there = _shelf(workspace, folder_id), reverse("admin:folders", args=[workspace.pk])
    if not sure(request):
        above = filing.text_of(shelf.path[:-1])
        answer = ask_sure(
            site.get_model_admin(Workspace),
            request,
            [shelf.words],
            act="Remove the folder",
            title=f"Remove the folder {shelf.folder.name}?",
            consequence=f"What lies in it is kept: it goes up {f'to {above}' if above else 'to the top, into no folder'}. "
            "Nothing changes for users.",
            back=there,
        )
        answer.context_data = {**(answer.context_data or {}), "listed": "Folders", "workspace": workspace}
        return answer
    try:
        services.remove_folder(workspace.key, folder_id, actor=request.user, now=timezone.now())
        messages.success(request, f"The folder {shelf.words} is removed.")
    except DocumentError as refused:
        tell(request, refused)
    return HttpResponseRedirect(there)


def item_page(site: AdminSite, request: HttpRequest, *, item_id: int) -> HttpResponse:
    """Where one thing is to lie, asked from its own page."""
    item = get_object_or_404(selectors.with_state(Item.objects.select_related("workspace"), timezone.now(), request.user.pk), pk=item_id)
    return move(site, request, [item], [f"{PROXIES[item.kind]._meta.verbose_name} {name_of(item, item.shown)}"], item_address(item))  # noqa: SLF001


def _workspace(request: HttpRequest, workspace_id: int, *, to_keep: bool = False, acts: bool = False) -> Workspace:
    """Where the reader may look; `to_keep`, or whatever is sent: where they may keep folders; `acts`: by sending only."""
    needed = ["rules.view_rule", *([MAY_KEEP] if to_keep or request.method == "POST" else [])]
    if not request.user.has_perms(needed) or (acts and request.method != "POST"):
        raise PermissionDenied
    if any("\0" in value for _, values in request.POST.lists() for value in values):
        raise BadRequest("A form can't hold a NUL character.")
    return get_object_or_404(Workspace, pk=workspace_id)


def _shelf(workspace: Workspace, folder_id: int) -> Shelf:
    found = next((shelf for shelf in selectors.shelves([workspace]) if shelf.folder.pk == folder_id), None)
    if found is None:
        raise Http404
    return found


def _holds(workspace: Workspace, shelf: Shelf, counts: Counter[str]) -> list[tuple[str, str]]:
    """What lies in it and beneath it: words, and the list of it."""
    asked = urlencode({"workspace": workspace.key, "folder": shelf.folder.pk})
    said = []
    for kind, count in sorted(counts.items(), key=lambda one: -one[1]):
        meta = PROXIES[kind]._meta  # noqa: SLF001  Django's public word
        name = "admin:rules_rule_table" if kind == "rule" else f"admin:rules_{meta.model_name}_changelist"
        said.append((f"{count} {meta.verbose_name if count == 1 else meta.verbose_name_plural}", f"{reverse(name)}?{asked}"))
    return said
