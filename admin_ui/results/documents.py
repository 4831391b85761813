"""The page of import and export: a workspace as one document to take away, and one to look at and take in as drafts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import urlencode

from admin_ui.findings import in_words, said, whose
from admin_ui.opening import may_open
from admin_ui.pages import tell
from rules import bodies, selectors, services
from rules.engine import DocumentError
from rules.engine.strict import loads
from rules.models import PROXIES, Workspace

MAY_TAKE_IN = tuple(f"rules.{action}_{proxy.__name__.lower()}" for proxy in PROXIES.values() for action in ("add", "change", "delete"))
BYTES = 2_000_000
"""Of a document that a page takes in: it comes back with the confirmation, which may be no longer."""
BOM = b"\xef\xbb\xbf"
SHOWN = 200
"""Things that are listed."""


class DocumentForm(forms.Form):
    file = forms.FileField(label="A file", required=False, widget=forms.FileInput(attrs={"accept": ".json,application/json"}))
    text = forms.CharField(
        label="Or the document itself", required=False, strip=False, widget=forms.Textarea(attrs={"rows": 8, "class": "json"})
    )
    keep = forms.BooleanField(
        label="Leave alone what the document does not name",
        required=False,
        initial=True,
        help_text="Without it, what is not in the document is drafted to be removed.",
    )

    def clean(self) -> Any:
        cleaned = super().clean()
        file, text = cleaned.get("file"), cleaned.get("text")
        if bool(file) == bool(text and text.strip()):
            raise forms.ValidationError("Choose a file, or paste a document: one of the two.")
        if (file.size if file else len(text.encode())) > BYTES:
            raise forms.ValidationError("A page takes in two megabytes at most. For more there is manage.py load.")
        cleaned["data"] = (file.read() if file else text.encode("utf-8", "surrogatepass")).removeprefix(BOM)
        return cleaned


def urls(site: AdminSite) -> list[Any]:
    def show(request: HttpRequest, workspace_id: int) -> HttpResponse:
        return page(site, request, workspace_id)

    return [
        path("documents/<int:workspace_id>/", site.admin_view(show), name="documents"),
        path("documents/<int:workspace_id>/<slug:which>.json", site.admin_view(download), name="documents_download"),
    ]


def page(site: AdminSite, request: HttpRequest, workspace_id: int) -> HttpResponse:
    """Nothing is written before what would be written was shown, in words, and confirmed."""
    if not may_open(request.user, "admin:documents"):
        raise PermissionDenied
    may_take_in = request.user.has_perms(MAY_TAKE_IN)
    if request.method == "POST" and not may_take_in:
        raise PermissionDenied
    workspace = get_object_or_404(Workspace, pk=workspace_id)
    form = DocumentForm(request.POST, request.FILES) if request.method == "POST" else DocumentForm()
    context: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        data, keep = form.cleaned_data["data"], form.cleaned_data["keep"]
        try:
            if expected := request.POST.get("token"):
                return _taken(request, workspace, data, keep=keep, expected=expected)
            context = _looked(workspace, data, request.user.pk, keep=keep)
        except DocumentError as refused:
            context = {"problems": [(problem.path, in_words(problem)) for problem in refused.problems]}
    context |= {
        "title": f"Import and export {workspace}",
        "workspace": workspace,
        "form": form,
        "may_take_in": may_take_in,
        "live": selectors.live_release(workspace, timezone.now()),
    }
    return TemplateResponse(request, "admin/signpost/documents.html", {**site.each_context(request), **context})


def _looked(workspace: Workspace, data: bytes, reader_id: int, *, keep: bool) -> dict[str, Any]:
    found = selectors.incoming(workspace, data, reader_id, keep=keep)
    if found.problems:
        desk = selectors.kept_desk(workspace, reader_id)
        return {"problems": list(dict.fromkeys((whose(one, desk), said(one, desk)) for one in found.problems))}
    return {
        "found": found,
        "arrivals": found.arrivals[:SHOWN],
        "more": max(0, len(found.arrivals) - SHOWN),
        "counts": {change: sum(one.change == change for one in found.arrivals) for change in ("added", "changed", "removed")},
        "data": data.decode("utf-8", "replace"),
        "keep": keep,
    }


def _taken(request: HttpRequest, workspace: Workspace, data: bytes, *, keep: bool, expected: str) -> HttpResponse:
    report = services.take_in(workspace.key, data, author=request.user, keep=keep, expected=expected, now=timezone.now())
    messages.success(request, f"Taken in as your drafts: {report}. Users see nothing of it until it is published.")
    for other in report.others:
        messages.warning(request, f"Left alone, somebody else's draft: {other}.")
    return HttpResponseRedirect(f"{reverse('admin:rules_draft_changelist')}?{urlencode({'workspace': workspace.key})}")


def download(request: HttpRequest, workspace_id: int, which: str) -> HttpResponse:
    """`mine`: the reader's working copy; `live`: what users see."""
    if not may_open(request.user, "admin:documents"):
        raise PermissionDenied
    workspace = get_object_or_404(Workspace, pk=workspace_id)
    try:
        document = _document(workspace, which, request.user.pk)
    except DocumentError as refused:
        tell(request, refused)
        return HttpResponseRedirect(reverse("admin:documents", args=[workspace_id]))
    return HttpResponse(
        bodies.pretty(document) + "\n",
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{workspace.key}-{which}.json"'},
    )


def _document(workspace: Workspace, which: str, reader_id: int) -> Any:
    if which == "mine":
        return selectors.filed_document(workspace.key, author_id=reader_id)
    live = selectors.live_release(workspace, timezone.now()) if which == "live" else None
    if live is None:
        raise Http404
    return loads(live.bundle.encode())
