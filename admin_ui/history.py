"""Versions and approvals, to be read; with the buttons that add to history: review, and restore as a draft."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import JSONField, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from admin_ui import reviewing, saying
from admin_ui.filters import ItemWorkspaceFilter, VersionStateFilter, VersionWorkspaceFilter
from admin_ui.forms import ReviewForm
from admin_ui.links import hash_shown, item_address, item_link, release_link, state_shown, version_name, with_key
from admin_ui.moments import exact, exactly
from admin_ui.pages import ReadOnlyAdmin, changed_shown, tell
from admin_ui.trying import effect
from rules import selectors, services, words
from rules.engine import DocumentError
from rules.models import PROXIES, Approval, Release, Version
from rules.selectors import MEANINGS


def _since(release: Release) -> str:
    return format_html("{} from {}", release_link(release), exactly(release.effective_from))


def _until(release: Release | None) -> str:
    if release is None:
        return " on"
    return format_html(" until {} at {}", release_link(release), exactly(release.effective_from))


WAITING = ("submitted", "changes_asked", "approved")
"""States of a version that is not live, and may become so: what it would change can be asked."""


class VersionAdmin(ReadOnlyAdmin):
    list_display = ("title", "says", "author_name", "reason", "state_shown", "created_at")
    list_filter = (VersionStateFilter, ItemWorkspaceFilter, "item__kind", "author_name")
    list_select_related = ("item__workspace",)
    search_fields = ("item__key", "reason", "author_name", "body_hash")
    fieldsets = (
        (None, {"fields": ("state_shown", "changed_shown", "reason", "author_name", "created_shown", "live_shown")}),
        ("What it says", {"fields": ("item_shown", "workspace", "body_shown")}),
        (
            "For auditors",
            {"fields": ("number", "based_on", "author_id", "contributors_shown", "hash_shown", "schema"), "classes": ("collapse",)},
        ),
    )
    readonly_fields = tuple(name for _, options in fieldsets for name in options["fields"])
    created_shown = exact("created_at", "created")
    change_form_template = "admin/signpost/version.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        before = Version.objects.filter(item=OuterRef("item"), number=OuterRef("number") - 1)
        versions = selectors.with_review_state(super().get_queryset(request), timezone.now())
        return versions.annotate(body_before=Subquery(before.values("body"), output_field=JSONField()))

    @admin.display(description="item", ordering="item__key")
    def item_shown(self, version: Any) -> str:
        return item_link(version.item, version.body, version.body_before)

    @admin.display(description="version", ordering="item__key")
    def title(self, version: Any) -> str:
        small = words.WITHIN.join((version.item.workspace.key, version.item.kind, version.item.key))
        return with_key(self.called(version), small)

    def called(self, obj: Any) -> str:
        return version_name(obj, obj.body_before)

    def workspace(self, version: Version) -> str:
        return version.item.workspace.key

    @admin.display(description="says")
    def says(self, version: Any) -> str:
        if version.body is None:
            return "removed"
        changed = words.changes(version.item.kind, version.body_before, version.body)
        return format_html("{}{}", words.summary(version.item.kind, version.body), changed_shown(changed))

    @admin.display(description="what it changed")
    def changed_shown(self, version: Any) -> str:
        """Each difference from the version before it, as a sentence."""
        found = words.differences(version.item.kind, version.body_before, version.body)
        lines = format_html_join("", "<li>{}</li>", ([one.words] for one in found))
        return format_html('<ul class="plain">{}</ul>', lines) if lines else words.NOTHING

    @admin.display(description="state", ordering="state")
    def state_shown(self, version: Any) -> str:
        by = f" by {version.verdict_by}" if version.state in Approval.Verdict.values else ""
        return format_html("{}{}", state_shown(version.state), by)

    @admin.display(description="contributors")
    def contributors_shown(self, version: Version) -> str:
        """None of them may approve it, as its author may not."""
        return ", ".join(version.contributor_names) or words.NOTHING

    @admin.display(description="live in")
    def live_shown(self, version: Version) -> str:
        spans = next(entry.live for entry in selectors.history(version.item, timezone.now()) if entry.version.pk == version.pk)
        return format_html_join(mark_safe("<br>"), "{}{}", ((_since(start), _until(end)) for start, end in spans)) or words.NOTHING

    @admin.display(description="body hash")
    def hash_shown(self, version: Version) -> str:
        return hash_shown(version.body_hash)

    @admin.display(description="what it says")
    def body_shown(self, version: Version) -> str:
        return saying.said(version.item.kind, version.body)

    def get_urls(self) -> list[Any]:
        wrapped = self.admin_site.admin_view
        own = [
            path("<int:version_id>/review/", wrapped(self.review_view), name="rules_version_review"),
            path("<int:version_id>/restore/", wrapped(self.restore_view), name="rules_version_restore"),
        ]
        return [*own, *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, obj: Any = None, **kwargs: Any) -> HttpResponse:
        context |= {
            "approvals": obj.approvals.all() if obj else [],
            "may_review": obj is not None and reviewing.may_approve(request, obj),
            "wrote": obj is not None and _wrote(request.user.pk, obj),
            "meaning": MEANINGS[obj.state] if obj else "",
            "review": ReviewForm(),
            "effect": reverse("admin:try_effect", args=[obj.pk])
            if obj is not None and effect.may_ask(request) and obj.state in WAITING
            else "",
            "may_restore": obj is not None and obj.body is not None and _may_draft(request, obj) and not _says(obj),
        }
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def review_view(self, request: HttpRequest, version_id: int) -> HttpResponse:
        if request.method != "POST" or not request.user.has_perm(reviewing.PERMISSION):
            raise PermissionDenied
        version = get_object_or_404(Version.objects.select_related("item__workspace"), pk=version_id)
        form = ReviewForm(request.POST)
        verdict = Approval.Verdict.APPROVED if "approve" in request.POST else Approval.Verdict.CHANGES_ASKED
        if form.is_valid():
            try:
                services.approve(version, reviewer=request.user, now=timezone.now(), verdict=verdict, comment=form.cleaned_data["comment"])
                messages.success(request, f"{version_name(version)}: {verdict.label}.")
            except DocumentError as refused:
                tell(request, refused)
        return HttpResponseRedirect(reverse("admin:rules_version_change", args=[version_id]))

    def restore_view(self, request: HttpRequest, version_id: int) -> HttpResponse:
        """What the version said becomes the reader's draft, and its form is opened."""
        version = get_object_or_404(Version.objects.select_related("item__workspace"), pk=version_id)
        if request.method != "POST" or not _may_draft(request, version):
            raise PermissionDenied
        try:
            services.restore_version(version, author=request.user, now=timezone.now())
        except DocumentError as refused:
            tell(request, refused)
            return HttpResponseRedirect(reverse("admin:rules_version_change", args=[version_id]))
        messages.success(request, f"Your draft says what {version_name(version)} said. It goes live when it is published.")
        return HttpResponseRedirect(item_address(version.item))


def _may_draft(request: HttpRequest, version: Version) -> bool:
    return request.user.has_perm(f"rules.change_{PROXIES[version.item.kind].__name__.lower()}")


def _says(version: Version) -> bool:
    """Whether it is what its thing says now."""
    thing = selectors.thing(version.item.workspace, version.item.kind, version.item.key)
    return thing is not None and thing.says(version.body)


def _wrote(reader_id: int, version: Version) -> bool:
    return reader_id in (version.author_id, *version.contributors)


class ApprovalAdmin(ReadOnlyAdmin):
    list_display = ("title", "workspace", "verdict", "reviewer_name", "comment", "created_at")
    list_filter = (VersionWorkspaceFilter, "verdict", "reviewer_name")
    list_select_related = ("version__item__workspace",)
    search_fields = ("version__item__key", "reviewer_name", "comment")
    fields = ("version", "workspace", "verdict", "reviewer_name", "reviewer_id", "author_id", "comment", "created_shown", "body_hash")
    readonly_fields = fields
    created_shown = exact("created_at", "created")

    @admin.display(description="version", ordering="version")
    def title(self, approval: Approval) -> str:
        return with_key(version_name(approval.version), approval.version.item.key)

    def called(self, obj: Approval) -> str:
        return f"{version_name(obj.version)}: {obj.get_verdict_display()} by {obj.reviewer_name}"

    def workspace(self, approval: Approval) -> str:
        return approval.version.item.workspace.key
