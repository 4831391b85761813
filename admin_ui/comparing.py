"""Pages that look at releases side by side, and at what was live at some moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst

from admin_ui import inhand
from admin_ui.moments import exactly
from admin_ui.opening import may_open
from decisioning.models import DecisionRecord
from rules import selectors
from rules.models import Release, Workspace

SHOWN = 5
"""Of the releases that took effect within one second."""

LAST = datetime(9999, 1, 1, tzinfo=UTC)
"""Beyond it nothing can be added to a moment."""


class LiveAtForm(forms.Form):
    """A moment, or a decision."""

    workspace = forms.ModelChoiceField(Workspace.objects.order_by("key"), empty_label=None)
    at = forms.DateTimeField(
        label="Moment (UTC)", required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local", "step": "0.001"}),
        input_formats=["%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"],
        help_text="To the millisecond where it matters; to the microsecond in the address of this page.",
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
    title = capfirst(f"{newer} beside release {older.number}" if older else f"{newer}: no other release of that number")
    return _page(model_admin, request, "compare.html", title=title, newer=newer, older=older, found=found, numbers=numbers)


def live_at(model_admin: admin.ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Which release was live at a moment, or made a decision: shows that release's page."""
    _must_see(request)
    form = LiveAtForm(request.GET if "workspace" in request.GET else None)
    inhand.offer(request, form.fields["workspace"])
    if form.is_valid():
        workspace, at, decision = (form.cleaned_data[name] for name in ("workspace", "at", "decision"))
        release, found, missing = _by_decision(request, workspace, decision) if decision else _by_moment(request, workspace, at)
        if release is not None:
            messages.info(request, found)
            return model_admin.changeform_view(request, str(release.pk))
        form.add_error(None, missing)
    return _page(model_admin, request, "live_at.html", title="What was live?", form=form)


def _by_moment(request: HttpRequest, workspace: Workspace, at: datetime) -> tuple[Release | None, str, str]:
    """The release that was live, with the words for it; and the words for where there is none."""
    at = at.replace(tzinfo=UTC)
    release = selectors.live_release(workspace, at)
    name, span = _span(request.GET["at"])
    later = selectors.effective_within(workspace, at, at + span) if at < LAST else []
    more = format_html_join(
        ", ", '<a href="{}">release {}</a> from {}', ((_page_of(one), one.number, exactly(one.effective_from)) for one in later[:SHOWN])
    )
    left = f" and {len(later) - SHOWN} others" if len(later) > SHOWN else ""
    counted = f"{len(later)} {'more ' if release else ''}release{'s' if len(later) > 1 else ''} within this {name}"
    note = format_html(" {}: {}{}.", counted, more, left) if later else ""
    return release, format_html("{} was live at {}.{}", release, exactly(at), note), format_html("No release was live then.{}", note)


def _span(given: str) -> tuple[str, timedelta]:
    """How much time what was typed may mean: the digits that it leaves out."""
    fraction = given.strip().partition(".")[2]
    if fraction:
        name = "millisecond" if len(fraction) == 3 else "part of a second"
        return name, timedelta(seconds=10.0 ** -len(fraction))
    return ("second", timedelta(seconds=1)) if given.count(":") == 2 else ("minute", timedelta(minutes=1))


def _by_decision(request: HttpRequest, workspace: Workspace, decision: UUID) -> tuple[Release | None, str, str]:
    """As `_by_moment`. An id says enough, so the decision is looked for in every workspace, in the given one first."""
    if not request.user.has_perm("decisioning.view_decisionrecord"):
        return None, "", "You may not look into the archive of decisions: ask for the permission to view decisions."
    keys = DecisionRecord.objects.filter(decision_id=decision).values_list("workspace", "release")
    records = sorted(keys, key=lambda record: record[0] != workspace.key)
    if not records:
        return None, "", "There is no such decision in the archive."
    key, number = records[0]
    release = Release.objects.filter(workspace__key=key, number=number).select_related("workspace").defer("bundle").first()
    return release, f"{release} decided {decision}.", f"It was decided by {key} release {number}, which is not there any more."


def _page_of(release: Release) -> str:
    return reverse("admin:rules_release_change", args=[release.pk])


def _must_see(request: HttpRequest) -> None:
    if not may_open(request.user, "admin:rules_release_live_at"):
        raise PermissionDenied


def _page(model_admin: admin.ModelAdmin, request: HttpRequest, template: str, **context: Any) -> TemplateResponse:
    shown = {**model_admin.admin_site.each_context(request), "opts": model_admin.model._meta, "now": datetime.now(UTC), **context}  # noqa: SLF001  Django's public word
    return TemplateResponse(request, f"admin/signpost/{template}", shown)
