"""In which workspace something new is made, where no address and no choice made before says it."""

from __future__ import annotations

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from rules import selectors
from rules.models import Workspace


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
