"""The page of one folder, and the acts on it: renamed, moved, put in order, removed."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from admin_ui.filing.asked import shelf_of, workspace_of
from admin_ui.filing.forms import FolderForm
from admin_ui.filing.lists import number
from admin_ui.pages import tell
from admin_ui.sure import ask_sure, sure
from rules import filing, selectors, services
from rules.engine import DocumentError
from rules.models import Folder, Workspace


def folder_page(site: AdminSite, request: HttpRequest, *, workspace_id: int, folder_id: int) -> HttpResponse:
    """Its name and where it lies."""
    workspace = workspace_of(request, workspace_id, to_keep=True)
    shelf = shelf_of(workspace, folder_id)
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
        "opts": Folder._meta,  # noqa: SLF001  Django's public word
        "deepest": shelf.level >= filing.DEPTH,
    }
    return TemplateResponse(request, "admin/signpost/filing/folder.html", {**site.each_context(request), **context})


def order_view(site: AdminSite, request: HttpRequest, *, workspace_id: int, folder_id: int) -> HttpResponse:
    workspace = workspace_of(request, workspace_id, to_keep=True, acts=True)
    way = request.POST.get("way")
    if way not in ("up", "down"):
        raise BadRequest("A folder goes up or down.")
    try:
        services.order_folder(workspace.key, folder_id, up=way == "up", actor=request.user, now=timezone.now())
    except DocumentError as refused:
        tell(request, refused)
    return HttpResponseRedirect(reverse("admin:folders", args=[workspace.pk]))


def remove_view(site: AdminSite, request: HttpRequest, *, workspace_id: int, folder_id: int) -> HttpResponse:
    workspace = workspace_of(request, workspace_id, to_keep=True, acts=True)
    shelf, there = shelf_of(workspace, folder_id), reverse("admin:folders", args=[workspace.pk])
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
