"""The rule builder's two questions: what may be named, and what conditions say and lack as they stand."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from admin_ui.builder.names import called, offered
from admin_ui.builder.said import told
from admin_ui.opening import may_open
from rules import bodies, selectors, words
from rules.engine import DocumentError, Problem
from rules.engine.alone import PLACES, problems_alone
from rules.engine.strict import loads
from rules.models import Workspace

WRITTEN_IN = ("rule", "segment", "tag", "signal")


def urls(site: AdminSite) -> list[Any]:
    return [
        path("builder/<slug:workspace>/names/", site.admin_view(names), name="builder_names"),
        path("builder/<slug:workspace>/check/", site.admin_view(check), name="builder_check"),
    ]


@never_cache
@require_GET
def names(request: HttpRequest, workspace: str) -> JsonResponse:
    """Of the workspace as its reader is working on it: for whoever writes conditions, or tries them on facts."""
    if not (_writes(request) or may_open(request.user, "admin:try")):
        raise PermissionDenied
    return JsonResponse(offered(selectors.naming(get_object_or_404(Workspace, key=workspace), request.user.pk)))


@never_cache
@require_POST
def check(request: HttpRequest, workspace: str) -> JsonResponse:
    """Of `conditions` (JSON text) at `place` (with `key`: whose): the sentence they make, and each problem with its path from `$`."""
    if not _writes(request):
        raise PermissionDenied
    known = selectors.naming(get_object_or_404(Workspace, key=workspace), request.user.pk)
    text, place = request.POST.get("conditions", ""), request.POST.get("place", "")
    if place not in PLACES:
        return JsonResponse({"error": f"place is one of {', '.join(PLACES)}"}, status=400)
    try:
        conditions = loads(text.encode(errors="replace")) if text.strip() else None
        problems = bodies.unstorable(conditions) or _problems(known, conditions, place, request.POST.get("key", ""))
    except DocumentError as refused:
        return JsonResponse({"sentence": "", "problems": told(refused.problems, None), "readable": False})
    return JsonResponse({"sentence": words.sentence(conditions, called(known)), "problems": told(problems, conditions), "readable": True})


def _problems(known: Any, conditions: Any, place: Any, key: str) -> list[Problem]:
    return [] if conditions is None else problems_alone(known, conditions, place, key)


def _writes(request: HttpRequest) -> bool:
    """Whether somebody may write conditions anywhere."""
    return any(request.user.has_perm(f"rules.{action}_{kind}") for action in ("change", "add") for kind in WRITTEN_IN)
