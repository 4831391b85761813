"""Whether history is whole: the badge in the header, the page behind it, and evidence to take away."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.timesince import timesince
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from decisioning.history import asking, evidence, results, signing
from decisioning.tasks import verify_history
from rules.models import Workspace

EXPORT = "rules.export_history"
SCRIPT = Path(__file__).resolve().parents[1] / "docs/verify_evidence.py"
LATE = 60.0
"""Seconds after which a page says that a worker should have begun: it looks twice a minute."""


class Badge(NamedTuple):
    """`state`: good, stale, bad or unknown."""

    state: str
    words: str


def may_see(request: HttpRequest) -> bool:
    return request.user.has_perm("rules.view_release")


def may_verify(request: HttpRequest) -> bool:
    """Auditors, and administrators, who are called when something is wrong and export nothing."""
    return request.user.has_perm(EXPORT) or request.user.has_perm("rules.change_workspace")


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
        return Badge("stale", f"History last verified {ago}, {counted}")
    return Badge("good", f"History verified {ago}, {counted}")


def urls(site: AdminSite) -> list[Any]:
    return [
        path("history/", site.admin_view(lambda request: page(site, request)), name="history"),
        path("history/verify/", site.admin_view(verify_now), name="history_verify"),
        path("history/verify_evidence.py", site.admin_view(script), name="history_script"),
        path(
            "history/<int:workspace_id>/evidence/",
            site.admin_view(lambda request, workspace_id: download(site, request, workspace_id)),
            name="history_evidence",
        ),
    ]


def page(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """What the newest verification found, by workspace."""
    if not may_see(request):
        raise PermissionDenied
    now = timezone.now().timestamp()
    try:
        result, asked, running = results.read(), asking.asked(), asking.running()
    except RedisError:
        result = asked = running = None
    known = {workspace.key: workspace for workspace in Workspace.objects.all()}
    chains = result.chains if result else {}
    context = {
        "title": "Is history whole?",
        "result": result,
        "verified_at": datetime.fromtimestamp(result.at, UTC) if result else None,
        "stale": result is not None and result.is_stale(now),
        "due_at": datetime.fromtimestamp(result.due_at, UTC) if result else None,
        "overdue": result is not None and result.due_at < now - LATE,
        "asked": asked if asked and asked.is_open(result) else None,
        "asked_at": datetime.fromtimestamp(asked.at, UTC) if asked else None,
        "waits_long": asked is not None and now - asked.at > LATE,
        "running": running,
        "may_verify": may_verify(request),
        "anchored_at": datetime.fromisoformat(result.anchored_at) if result and result.anchored_at else None,
        "rows": [(known.get(key), key, chain) for key, chain in chains.items() if key] or [(one, one.key, None) for one in known.values()],
        "installation": chains.get(""),
        "public_keys": signing.public_keys(),
        "script_hash": hashlib.sha256(SCRIPT.read_bytes()).hexdigest(),
        "may_export": request.user.has_perm(EXPORT),
    }
    return TemplateResponse(request, "admin/signpost/history.html", {**site.each_context(request), **context})


def script(request: HttpRequest) -> HttpResponse:
    """What checks evidence, for those who have a login and no copy of Signpost."""
    if not may_see(request):
        raise PermissionDenied
    return FileResponse(SCRIPT.open("rb"), as_attachment=True, filename=SCRIPT.name, content_type="text/x-python")


def verify_now(request: HttpRequest) -> HttpResponse:
    """A POST gives a verification to the task worker; the page shows how far it is."""
    if not may_verify(request):
        raise PermissionDenied
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    problem = ask_for_one(request)
    if problem:
        messages.error(request, problem)
    return HttpResponseRedirect(reverse("admin:history"))


def ask_for_one(request: HttpRequest) -> str:
    """Words for why nobody can be asked; empty where the worker was told."""
    try:
        asking.ask(by=request.user.get_username(), now=timezone.now().timestamp())
        try:
            verify_history.apply_async(kwargs={"always": True}, retry=False)
        except OperationalError:
            asking.take_back()
            return "No worker can be told of it: the broker does not answer. Try again when it does."
    except RedisError:
        return "Redis does not answer, so nobody can be asked. Try again when it does, or run `manage.py verify_history`."
    return ""


def download(site: AdminSite, request: HttpRequest, workspace_id: int) -> HttpResponse:
    """The evidence package of a workspace, made and checked on the spot. One that does not hold is warned of: `broken=yes` takes it."""
    if not request.user.has_perm(EXPORT):
        raise PermissionDenied
    workspace = get_object_or_404(Workspace, pk=workspace_id)
    now = timezone.now()
    try:
        file, found = evidence.temporary(workspace, now=now)
    except signing.NoKey as error:
        return HttpResponse(str(error), status=503, content_type="text/plain; charset=utf-8")
    if found and request.GET.get("broken") != "yes":
        file.close()
        ask_for_one(request)  # the badge is to tell everybody
        context = {"title": f"Evidence of {workspace}", "workspace": workspace, "found": found}
        return TemplateResponse(request, "admin/signpost/evidence_broken.html", {**site.each_context(request), **context}, status=409)
    broken = "-BROKEN" if found else ""
    return FileResponse(file, as_attachment=True, filename=f"evidence-{workspace.key}-{now:%Y%m%d-%H%M%S}{broken}.zip")
