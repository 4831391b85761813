"""Pages that look at releases side by side, and at what was live at some moment."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse

from decisioning.models import DecisionRecord
from rules import selectors
from rules.models import Release, Workspace


class LiveAtForm(forms.Form):
    """A moment, or a decision."""

    workspace = forms.ModelChoiceField(Workspace.objects.order_by("key"), empty_label=None)
    at = forms.DateTimeField(
        label="Moment (UTC)", required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local", "step": 1}),
        input_formats=["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"],
    )  # fmt: skip
    decision = forms.UUIDField(
        label="or the id of a decision", required=False, help_text="The release that made it, whatever the clock said."
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and bool(given.get("at")) is bool(given.get("decision")):
            raise forms.ValidationError("Give a moment or a decision, one of the two.")
        return given


def addresses(model_admin: admin.ModelAdmin) -> list[Any]:
    def guarded(view: Any) -> Any:
        return model_admin.admin_site.admin_view(lambda request, **where: view(model_admin, request, **where))

    return [
        path("<int:release_id>/compare/", guarded(compare), name="rules_release_compare"),
        path("live-at/", guarded(live_at), name="rules_release_live_at"),
    ]


def compare(model_admin: admin.ModelAdmin, request: HttpRequest, release_id: int) -> HttpResponse:
    """What differs between a release and another of its workspace (`?with=NUMBER`; without it the one before), in words."""
    _must_see(request)
    newer = get_object_or_404(Release.objects.select_related("workspace"), pk=release_id)
    number = request.GET.get("with", "")
    others = Release.objects.filter(workspace=newer.workspace).select_related("workspace").defer("bundle")
    older = others.filter(number=int(number) if number.isdecimal() and len(number) < 10 else newer.number - 1).first()
    found = selectors.release_differences(older, newer) if older else []
    numbers = others.exclude(pk=newer.pk).order_by("-number").values_list("number", flat=True)[:500]
    title = f"{newer} beside release {older.number}" if older else f"{newer}: no other release of that number"
    return _page(model_admin, request, "compare.html", title=title, newer=newer, older=older, found=found, numbers=numbers)


def live_at(model_admin: admin.ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Which release was live at a moment, or made a decision: shows that release's page."""
    _must_see(request)
    form = LiveAtForm(request.GET if "workspace" in request.GET else None)
    if form.is_valid():
        workspace, at, decision = (form.cleaned_data[name] for name in ("workspace", "at", "decision"))
        release = _by_decision(workspace, decision) if decision else selectors.live_release(workspace, at.replace(tzinfo=UTC))
        if release is not None:
            said = f"decided {decision}" if decision else f"was live at {at:%Y-%m-%d %H:%M:%S} UTC"
            messages.info(request, f"{release} {said}.")
            return HttpResponseRedirect(reverse("admin:rules_release_change", args=[release.pk]))
        form.add_error(None, "There is no such decision in the archive." if decision else "No release was live then.")
    return _page(model_admin, request, "live_at.html", title="What was live?", form=form)


def _by_decision(workspace: Workspace, decision: UUID) -> Release | None:
    record = DecisionRecord.objects.filter(decision_id=decision, workspace=workspace.key).first()
    return Release.objects.filter(workspace=workspace, number=record.release).defer("bundle").first() if record else None


def _must_see(request: HttpRequest) -> None:
    if not request.user.has_perms(("rules.view_release", "rules.view_version")):
        raise PermissionDenied


def _page(model_admin: admin.ModelAdmin, request: HttpRequest, template: str, **context: Any) -> TemplateResponse:
    shown = {**model_admin.admin_site.each_context(request), "opts": model_admin.model._meta, "now": datetime.now(UTC), **context}  # noqa: SLF001  Django's public word
    return TemplateResponse(request, f"admin/signpost/{template}", shown)
