"""Several versions approved together, from the page that shows what waits to go live."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone

from admin_ui.forms import ReviewForm
from admin_ui.links import version_name
from admin_ui.pages import tell
from rules import services
from rules.engine import DocumentError
from rules.models import Version, Workspace

PERMISSION = "rules.approve_version"


def urls(view: Any) -> list[Any]:
    return [path("<int:workspace_id>/approve/", view(approve), name="rules_workspace_approve")]


def may_approve(request: HttpRequest, version: Version) -> bool:
    """Whoever may at all, unless they wrote at it."""
    return request.user.has_perm(PERMISSION) and request.user.pk not in (version.author_id, *version.contributors)


def approve(request: HttpRequest, workspace_id: int) -> HttpResponse:
    """All that are ticked, or none: a version that may not be approved is named, and nothing is."""
    if request.method != "POST" or not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    workspace, form = get_object_or_404(Workspace, pk=workspace_id), ReviewForm(request.POST)
    ticked = [int(pk) for pk in request.POST.getlist("version") if pk.isdecimal() and len(pk) < 19]
    versions = list(Version.objects.filter(item__workspace=workspace, pk__in=ticked).select_related("item__workspace").order_by("pk"))
    if not versions:
        messages.error(request, "Tick the versions first that you have looked at.")
    elif form.is_valid():
        try:
            with transaction.atomic():
                for version in versions:
                    services.approve(version, reviewer=request.user, now=timezone.now(), comment=form.cleaned_data["comment"])
            messages.success(request, f"Approved: {', '.join(map(version_name, versions))}.")
        except DocumentError as refused:
            tell(request, refused)
    return HttpResponseRedirect(reverse("admin:rules_workspace_publish", args=[workspace_id]))
