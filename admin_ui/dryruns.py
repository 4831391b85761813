"""Dry runs: asking for one before publishing, how far it is, and what it found."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
import rfc8785
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from kombu.exceptions import OperationalError

from admin_ui.forms import DryRunForm
from admin_ui.pages import ask, tell
from decisioning import dryrun
from decisioning.models import DryRun
from decisioning.replay import REASONS
from decisioning.tasks import dry_run
from rules import bundles, selectors
from rules.engine import DocumentError
from rules.models import Workspace

PERMISSION = "rules.publish_workspace"


def addresses(model_admin: Any) -> list[Any]:
    """Beneath a workspace's own address."""

    def start(request: HttpRequest, workspace_id: int) -> HttpResponse:
        return _start(request, _workspace(request, workspace_id))

    def show(request: HttpRequest, workspace_id: int, run_id: UUID) -> HttpResponse:
        return _show(model_admin, request, _workspace(request, workspace_id), run_id)

    view = model_admin.admin_site.admin_view
    return [
        path("<int:workspace_id>/dry-run/", view(start), name="rules_workspace_dry_run"),
        path("<int:workspace_id>/dry-run/<uuid:run_id>/", view(show), name="rules_workspace_dry_run_shown"),
    ]


def latest(workspace: Workspace, shown: str) -> dict[str, Any]:
    """For the page of publishing: the newest run, and whether it was of what waits now."""
    run = DryRun.objects.filter(workspace=workspace.key).defer("document").first()
    form = DryRunForm(initial={"last": dryrun.DEFAULT})
    return {"run": run, "current": run is not None and run.shown == shown, "form": form, "found": _found(run) if run else None}


def _workspace(request: HttpRequest, workspace_id: int) -> Workspace:
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    return get_object_or_404(Workspace, pk=workspace_id)


def _start(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Notes what would go live now and gives it to a worker."""
    publishing = HttpResponseRedirect(reverse("admin:rules_workspace_publish", args=[workspace.pk]))
    form = DryRunForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        for problem in form.errors.get("last", ()):
            messages.error(request, f"How many decisions: {problem}")
        return publishing
    document, problems = selectors.candidate(workspace)
    problems += bundles.inspect(document)
    if problems:
        tell(request, DocumentError(problems))
        return publishing
    found = selectors.things(workspace).values()
    shown = selectors.proposal(workspace, found, selectors.approved_pending(found))
    run = dryrun.ask(
        workspace.key,
        rfc8785.dumps(document),
        shown=shown,
        last=form.cleaned_data["last"],
        asked_by=request.user.get_username(),
        now=timezone.now(),
    )
    try:
        dry_run.apply_async([str(run.pk)], retry=False)
    except OperationalError:
        dryrun.cancel(run)
        messages.error(request, "No worker can be told of it: the broker does not answer. Try again when it does.")
    return HttpResponseRedirect(reverse("admin:rules_workspace_dry_run_shown", args=[workspace.pk, run.pk]))


def _show(model_admin: Any, request: HttpRequest, workspace: Workspace, run_id: UUID) -> HttpResponse:
    """How far it is, looking again by itself; then what it found. A POST cancels it."""
    run = DryRun.objects.filter(pk=run_id, workspace=workspace.key).defer("document").first()
    if run is None:
        raise Http404
    if request.method == "POST":
        words = "Canceled." if dryrun.cancel(run) else "It is over already."
        messages.success(request, words)
        return HttpResponseRedirect(reverse("admin:rules_workspace_dry_run_shown", args=[workspace.pk, run.pk]))
    return ask(
        model_admin,
        request,
        "dry_run.html",
        DryRunForm(initial={"last": run.last}),
        title=f"Dry run of {workspace}",
        workspace=workspace,
        run=run,
        running=run.status in dryrun.RUNNING,
        found=_found(run),
    )


def _found(run: DryRun) -> dict[str, Any]:
    """With the words for what nobody can say."""
    unknown = [{**one, "words": REASONS[one["code"]]} for one in run.found.get("unknown", ())]
    return {**run.found, "unknown": unknown, "unknown_count": sum(one["count"] for one in unknown)}


def candidate_of(text: str, workspace: str) -> Any:
    """The compiled candidate of a run that is still there, for the page of one decision; None else."""
    try:
        run = DryRun.objects.filter(pk=UUID(text), workspace=workspace).first()
        return dryrun.candidate(run) if run else None
    except (ValueError, msgspec.DecodeError):  # no id, or a document that an older version wrote
        return None
