"""What an open form asks by itself: keep this, forget it, and who else is here."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from redis.exceptions import RedisError

from admin_ui.editing import said
from admin_ui.editing.shown import kept_fields, may_type, opened_of, sitting_of
from decisioning import presence
from decisioning.redis import decision_client
from rules import selectors, services
from rules.engine import DocumentError, Problem
from rules.models import PROXIES, Item, Workspace
from rules.selectors import TypedIn

NO_SITTING = Problem("unknown_sitting", "$._sitting", "This does not say which form it was typed in.", "Open the form again.")


def urls(site: AdminSite) -> list[Any]:
    pages = {"keep": keep, "forget": forget, "here": here}
    return [
        path(f"editing/<slug:workspace>/<slug:kind>/{name}/", site.admin_view(page), name=f"editing_{name}") for name, page in pages.items()
    ]


@never_cache
@require_POST
def keep(request: HttpRequest, workspace: str, kind: str) -> JsonResponse:
    """Keeps the fields of the form, which comes as it would be saved. 409, with why, where another window's typing would be lost."""
    form, now = _form(request, workspace, kind), timezone.now()
    sitting = sitting_of(request, "_sitting")
    if not sitting:
        return _refused(NO_SITTING, 400)
    token = request.POST.get("token", "")[:64].replace("\0", "")
    try:
        services.keep_typed(form, sitting=sitting, over=sitting_of(request, "_over"), token=token, typed=kept_fields(request), now=now)
    except DocumentError as refused:
        return _refused(refused.problems[0], 409)
    return JsonResponse({"words": f"Kept at {date_format(now, 'H:i:s')}, not in your draft yet.", "at": now.isoformat()})


@never_cache
@require_POST
def forget(request: HttpRequest, workspace: str, kind: str) -> JsonResponse:
    """Forgets what the sitting typed: it is not wanted, or is what was there before."""
    sitting = sitting_of(request, "_sitting")
    if not sitting:
        return _refused(NO_SITTING, 400)
    services.forget_typed(_form(request, workspace, kind), sitting=sitting)
    return JsonResponse({"words": "Discarded."})


@never_cache
@require_POST
def here(request: HttpRequest, workspace: str, kind: str) -> JsonResponse:
    """Says that the form is open (with `_left`: no more), and tells who else has it open and what came since it was opened.

    `both`: whether the form can be saved beside that all the same.
    """
    form, now, reader = _form(request, workspace, kind), timezone.now(), request.user
    if not form.key:
        return JsonResponse({"others": [], "news": [], "both": True})
    place = {"workspace": workspace, "kind": kind, "key": form.key, "person_id": reader.pk}
    try:
        if "_left" in request.POST:
            presence.left(decision_client(), **place)
            return JsonResponse({"others": [], "news": [], "both": True})
        found = presence.here(decision_client(), **place, name=services.person(reader).name, now=now.timestamp())
    except RedisError:  # who else is here can't be told now; what was saved can
        found = []
    thing = selectors.thing(form.workspace, kind, form.key)
    token = request.POST.get("token", "")
    came = selectors.meanwhile(thing, reader.pk, token=token, since=opened_of(request, now)) if thing else []
    told = {"others": [said.editor(one, now) for one in found], "news": [said.news(one, reader.pk, now) for one in came]}
    return JsonResponse({**told, "both": thing is not None and thing.goes_on(reader.pk, token)})


def _form(request: HttpRequest, workspace: str, kind: str) -> TypedIn:
    """Whose form of what it is, for whoever may save it."""
    key = request.POST.get("_item", "")
    if kind not in PROXIES:
        raise Http404
    if not may_type(request, kind, new=not key):
        raise PermissionDenied
    found = get_object_or_404(Workspace, key=workspace)
    if key:
        if "\0" in key:
            raise Http404
        get_object_or_404(Item, workspace=found, kind=kind, key=key)
    return TypedIn(found, kind, key, request.user.pk)


def _refused(problem: Problem, status: int) -> JsonResponse:
    said_of = {"code": problem.code, "path": problem.path, "message": problem.message, "fix": problem.fix}
    return JsonResponse(said_of, status=status)
