"""Whether history is whole: the badge in the header, the page behind it, and evidence to take away."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.timesince import timesince
from redis.exceptions import RedisError

from decisioning.history import evidence, results, signing
from rules.models import Workspace

EXPORT = "rules.export_history"


class Badge(NamedTuple):
    """`state`: good, bad or unknown."""

    state: str
    words: str


def may_see(request: HttpRequest) -> bool:
    return request.user.has_perm("rules.view_release")


def badge(now: datetime) -> Badge:
    try:
        result = results.read()
    except RedisError:
        return Badge("unknown", "Whether history is whole can't be read now")
    if result is None:
        return Badge("unknown", "History not verified yet")
    ago = f"{timesince(datetime.fromtimestamp(result.at, UTC), now, depth=1)} ago" if now.timestamp() - result.at >= 60 else "just now"
    if not result.ok:
        return Badge("bad", f"HISTORY BROKEN: {result.findings[0].message}")
    counted = f"{result.releases} release{'' if result.releases == 1 else 's'}"
    if result.is_stale(now.timestamp()):
        return Badge("unknown", f"History last verified {ago}, {counted}")
    return Badge("good", f"History verified {ago}, {counted}")


def urls(site: AdminSite) -> list[Any]:
    return [
        path("history/", site.admin_view(lambda request: page(site, request)), name="history"),
        path("history/<int:workspace_id>/evidence/", site.admin_view(download), name="history_evidence"),
    ]


def page(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """What the newest verification found, by workspace."""
    if not may_see(request):
        raise PermissionDenied
    try:
        result = results.read()
    except RedisError:
        result = None
    known = {workspace.key: workspace for workspace in Workspace.objects.all()}
    chains = result.chains if result else {}
    context = {
        "title": "Is history whole?",
        "result": result,
        "verified_at": datetime.fromtimestamp(result.at, UTC) if result else None,
        "anchored_at": datetime.fromisoformat(result.anchored_at) if result and result.anchored_at else None,
        "rows": [(known.get(key), key, chain) for key, chain in chains.items() if key] or [(one, one.key, None) for one in known.values()],
        "installation": chains.get(""),
        "public_keys": signing.public_keys(),
        "may_export": request.user.has_perm(EXPORT),
    }
    return TemplateResponse(request, "admin/signpost/history.html", {**site.each_context(request), **context})


def download(request: HttpRequest, workspace_id: int) -> HttpResponse:
    """The evidence package of a workspace, made on the spot."""
    if not request.user.has_perm(EXPORT):
        raise PermissionDenied
    workspace = get_object_or_404(Workspace, pk=workspace_id)
    now = timezone.now()
    try:
        file = evidence.temporary(workspace, now=now)
    except signing.NoKey as error:
        return HttpResponse(str(error), status=503, content_type="text/plain; charset=utf-8")
    return FileResponse(file, as_attachment=True, filename=f"evidence-{workspace.key}-{now:%Y%m%d-%H%M%S}.zip")
