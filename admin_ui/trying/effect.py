"""What would change for users if a version that waits went live: for who reviews it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone

from admin_ui.findings import in_words
from admin_ui.links import version_name
from admin_ui.opening import may_open
from decisioning import effects, profiles
from decisioning.trying import CantTry
from rules import selectors
from rules.models import Version

SHOWN = 12
"""Changes that are listed, those that most users see first."""


def urls(site: admin.AdminSite) -> list[Any]:
    return [
        path(
            "try/effect/<int:version_id>/", site.admin_view(lambda request, version_id: page(site, request, version_id)), name="try_effect"
        )
    ]


def may_ask(request: HttpRequest) -> bool:
    return may_open(request.user, "admin:try_effect")


def page(site: admin.AdminSite, request: HttpRequest, version_id: int) -> HttpResponse:
    """With the header `X-Signpost-Part`, what is said comes without the page around it."""
    if not may_ask(request):
        raise PermissionDenied
    version = get_object_or_404(Version.objects.select_related("item__workspace"), pk=version_id)
    now, context = (
        timezone.now(),
        {"version": version, "workspace": version.item.workspace, "title": f"What {version_name(version)} would change"},
    )
    if selectors.live_release(version.item.workspace, now) is None:
        context["refused"] = ["Nothing was published here yet, so nobody sees anything that could change."]
    else:
        try:
            found = effects.effect(version, now=now.timestamp())
            context |= {"found": found, "moves": found.moves[:SHOWN], "more": max(0, len(found.moves) - SHOWN)}
        except CantTry as error:
            context["refused"] = ["As things stand it can't go live.", *(in_words(problem) for problem in error.problems[:5])]
        except profiles.Unavailable:
            context["refused"] = ["The users' states can't be read now."]
    if request.headers.get("X-Signpost-Part"):
        return TemplateResponse(request, "admin/signpost/trying/effect_answer.html", context)
    return TemplateResponse(request, "admin/signpost/trying/effect.html", {**site.each_context(request), **context})
