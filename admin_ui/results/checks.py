"""The page of conflicts: all that the checks find in the reader's working copy of a workspace, by what a person would call it."""

from __future__ import annotations

import time
from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path

from admin_ui.findings import said
from admin_ui.links import item_address, name_of
from admin_ui.opening import may_open
from rules import selectors
from rules.models import Workspace
from rules.selectors import Desk, Finding

SHOWN = 100
"""Findings of one name on the page."""


def urls(site: AdminSite) -> list[Any]:
    return [
        path(
            "conflicts/<int:workspace_id>/",
            site.admin_view(lambda request, workspace_id: page(site, request, workspace_id)),
            name="conflicts",
        ),
        path("conflicts/<int:workspace_id>/count/", site.admin_view(count), name="conflicts_count"),
    ]


def page(site: AdminSite, request: HttpRequest, workspace_id: int) -> HttpResponse:
    """Of a large workspace it is shown before the checks have run, and they are asked for by `found=1`."""
    desk = _desk(request, workspace_id)
    later = desk.waits(time.time()) and "found" not in request.GET
    context = {"title": f"Conflicts in {desk.workspace}", "workspace": desk.workspace, "later": later, **({} if later else _found(desk))}
    return TemplateResponse(request, "admin/signpost/conflicts.html", {**site.each_context(request), **context})


def _found(desk: Desk) -> dict[str, Any]:
    found = selectors.checked(desk, time.time())
    families = [
        {
            "family": family,
            "rows": [_row(finding, desk) for finding in findings[:SHOWN]],
            "count": len(findings),
            "more": max(0, len(findings) - SHOWN),
        }
        for family, findings in found.families
    ]
    return {"families": families, "found": found}


def count(request: HttpRequest, workspace_id: int) -> HttpResponse:
    """How many there are, for the first page, which does not wait for it."""
    found = selectors.checked(_desk(request, workspace_id), time.time())
    return JsonResponse({"blocking": found.blocking, "advised": found.advised})


def _desk(request: HttpRequest, workspace_id: int) -> Desk:
    if not may_open(request.user, "admin:conflicts"):
        raise PermissionDenied
    return selectors.kept_desk(get_object_or_404(Workspace, pk=workspace_id), request.user.pk)


def _row(finding: Finding, desk: Desk) -> dict[str, Any]:
    thing = desk.things.get(finding.identity) if finding.identity else None
    return {
        "words": said(finding, desk),
        "whose": " ".join(finding.identity) if finding.identity else "the workspace",
        "name": name_of(thing.item, desk.bodies.get(finding.identity)) if thing and finding.identity else str(desk.workspace),
        "address": item_address(thing.item) if thing else None,
        "advice": selectors.is_advice(finding),
    }
