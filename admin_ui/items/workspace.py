"""In which workspace something new is made: the one asked for, or a choice."""

from __future__ import annotations

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from rules import selectors
from rules.models import Workspace


def workspace_asked(request: HttpRequest) -> Workspace | None:
    """For something new: the one asked for, the one the list was filtered by, or the only one."""
    known = {workspace.key: workspace for workspace in Workspace.objects.all()}
    if len(known) == 1:
        return next(iter(known.values()))
    filtered = dict(pair.split("=", 1) for pair in request.GET.get("_changelist_filters", "").split("&") if "=" in pair)
    return known.get(request.GET.get("workspace", filtered.get("workspace", "")))


def choose_workspace(model_admin: admin.ModelAdmin, request: HttpRequest) -> HttpResponse:
    if not model_admin.has_add_permission(request):
        raise PermissionDenied
    newest = selectors.drafts_of(request.user.pk).first()
    last = newest.item.workspace_id if newest else None
    context = {
        **model_admin.admin_site.each_context(request),
        "title": f"Add {model_admin.opts.verbose_name}",
        "opts": model_admin.opts,
        "last": last,
        "workspaces": sorted(Workspace.objects.all(), key=lambda workspace: workspace.pk != last),
    }
    return TemplateResponse(request, "admin/signpost/choose_workspace.html", context)
