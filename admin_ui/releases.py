"""Releases and reviews of emergencies, to be read; with the buttons that add to history: roll back, and review."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, Func, IntegerField, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import capfirst

from admin_ui import comparing
from admin_ui.emergencies import OWED, ROUND
from admin_ui.filters import ReleaseStateFilter, WorkspaceFilter
from admin_ui.forms import EmergencyReviewForm, RollBackForm
from admin_ui.links import approvals_shown, hash_shown, item_link, release_link, version_link, with_key
from admin_ui.moments import exact, exactly
from admin_ui.pages import ReadOnlyAdmin, ReadOnlyInline, ask, tell
from rules import selectors, services, words
from rules.engine import DocumentError
from rules.models import EmergencyReview, Release, ReleaseChange, Version
from rules.selectors import RELEASE_STATES, Difference


def manifest_rows(release: Release) -> list[dict[str, Any]]:
    """The manifest's entries, each with the version it `found` (None: not there as it was) and its approvals."""
    hashes = {entry["body_hash"] for entry in release.manifest}
    found = (
        Version.objects.filter(item__workspace=release.workspace_id, body_hash__in=hashes)
        .select_related("item")
        .defer("body")
        .annotate(name=F("body__name"))
    )
    there = {(one.item.kind, one.item.key, one.number, one.body_hash): one for one in found.prefetch_related("approvals")}
    rows = []
    for entry in release.manifest:
        version = there.get((entry["kind"], entry["key"], entry["version"], entry["body_hash"]))
        rows.append(
            {**entry, "name": version.name if version else "", "found": version, "approved": approvals_shown(version) if version else ""}
        )
    return rows


class ReleaseChangeInline(ReadOnlyInline):
    model = ReleaseChange
    verbose_name_plural = "what it changed"
    fields = readonly_fields = ("item_shown", "before_shown", "after_shown", "changed", "by", "why", "approved")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        changes = super().get_queryset(request).select_related("item", "before__item", "after__item", "release__workspace")
        return changes.prefetch_related("after__approvals").defer("release__bundle", "release__manifest")

    @admin.display(description="item")
    def item_shown(self, change: ReleaseChange) -> str:
        return item_link(change.item, *(version.body for version in (change.after, change.before) if version))

    @admin.display(description="before")
    def before_shown(self, change: ReleaseChange) -> str:
        return version_link(change.before)

    @admin.display(description="after")
    def after_shown(self, change: ReleaseChange) -> str:
        return version_link(change.after)

    @admin.display(description="approved")
    def approved(self, change: ReleaseChange) -> str:
        return approvals_shown(change.after) if change.after else words.NOTHING

    @admin.display(description="changed")
    def changed(self, change: ReleaseChange) -> str:
        before, after = (version.body if version else None for version in (change.before, change.after))
        return words.changes(change.item.kind, before, after) or words.NOTHING

    def by(self, change: ReleaseChange) -> str:
        return change.after.author_name if change.after else words.NOTHING

    def why(self, change: ReleaseChange) -> str:
        if change.after is None:
            return "not there in the release it goes back to"
        return change.after.reason if change.after.body is not None else f"removed: {change.after.reason}"


class ReleaseAdmin(ReadOnlyAdmin):
    list_display = ("title", "state_shown", "reason", "publisher_name", "effective_shown", "four_eyes_said", "back_to")
    list_filter = (ReleaseStateFilter, WorkspaceFilter, "four_eyes", "emergency", "publisher_name")
    list_select_related = ("workspace",)
    search_fields = ("workspace__key", "reason", "publisher_name", "hash", "digest")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "workspace",
                    "state_shown",
                    "reason",
                    "publisher_name",
                    "effective_shown",
                    "until_shown",
                    "four_eyes_said",
                    "back_to",
                    "manifest_shown",
                )
            },
        ),
        (
            "For auditors",
            {
                "fields": ("number", "publisher_id", "published_shown", "hash_shown", "prev_hash_shown", "digest_shown", "bundle_shown"),
                "classes": ("collapse",),
            },
        ),
    )
    readonly_fields = tuple(name for _, options in fieldsets for name in options["fields"])
    effective_shown, published_shown = exact("effective_from"), exact("published_at")
    inlines = (ReleaseChangeInline,)
    change_form_template = "admin/signpost/release.html"
    change_list_template = "admin/signpost/release_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        queryset = selectors.with_release_state(super().get_queryset(request), timezone.now()).select_related("workspace", "review")
        return queryset.defer("bundle", "manifest").annotate(
            versions=Func("manifest", function="jsonb_array_length", output_field=IntegerField()),
            bundle_bytes=Func("bundle", function="octet_length", output_field=IntegerField()),
        )

    @admin.display(description="release", ordering="number")
    def title(self, release: Release) -> str:
        return with_key(self.called(release), release.workspace.key)

    @admin.display(description="state", ordering="state")
    def state_shown(self, release: Any) -> str:
        return format_html('<span class="state state-{}">{}</span>', release.state, RELEASE_STATES[release.state])

    @admin.display(description="live until")
    def until_shown(self, release: Any) -> str:
        if release.state != "superseded":
            return words.NOTHING
        after = selectors.release_after(release)
        return format_html("{}, when {} took its place", exactly(after.effective_from), release_link(after))

    @admin.display(description="second approval", ordering="four_eyes")
    def four_eyes_said(self, release: Any) -> str:
        if not release.emergency:
            return words.asked_for(release.four_eyes)
        reviewed = f"reviewed by {release.review.reviewer_name}" if hasattr(release, "review") else "not reviewed yet"
        return format_html('<span class="state state-emergency">Emergency</span> {}', reviewed)

    @admin.display(description="rolled back to")
    def back_to(self, release: Release) -> str:
        return f"release {release.rolled_back_to}" if release.rolled_back_to else words.NOTHING

    @admin.display(description="hash")
    def hash_shown(self, release: Release) -> str:
        return hash_shown(release.hash)

    @admin.display(description="hash of the release before")
    def prev_hash_shown(self, release: Release) -> str:
        return hash_shown(release.prev_hash)

    @admin.display(description="digest of the bundle")
    def digest_shown(self, release: Release) -> str:
        return hash_shown(release.digest)

    @admin.display(description="versions live in it")
    def manifest_shown(self, release: Any) -> str:
        """On a page of their own: a thousand of them would make who asks for one release wait."""
        count = release.versions
        address = reverse("admin:rules_release_versions", args=[release.pk])
        return format_html('<a href="{}">{} version{}, who wrote and who approved each</a>', address, count, "" if count == 1 else "s")

    @admin.display(description="bundle")
    def bundle_shown(self, release: Any) -> str:
        """By itself: some are megabytes."""
        address = reverse("admin:rules_release_bundle", args=[release.pk])
        return format_html('<a href="{}">{} bytes, canonical JSON</a>', address, release.bundle_bytes)

    def get_urls(self) -> list[Any]:
        own = [
            path("<int:release_id>/roll-back/", self.admin_site.admin_view(self.roll_back_view), name="rules_release_roll_back"),
            path("<int:release_id>/review/", self.admin_site.admin_view(self.review_view), name="rules_release_review"),
            path("<int:release_id>/versions/", self.admin_site.admin_view(self.versions_view), name="rules_release_versions"),
            path("<int:release_id>/bundle/", self.admin_site.admin_view(self.bundle_view), name="rules_release_bundle"),
            *comparing.addresses(self),
        ]
        return [*own, *super().get_urls()]

    def versions_view(self, request: HttpRequest, release_id: int) -> HttpResponse:
        """Every version that is live in it, with its author and what others said of it; the rest of what it says is a click away."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        release = get_object_or_404(Release.objects.defer("bundle").select_related("workspace"), pk=release_id)
        context = {
            "title": f"Versions live in {release}",
            "subtitle": None,
            "opts": self.opts,
            "release": release,
            "rows": manifest_rows(release),
        }
        return TemplateResponse(request, "admin/signpost/manifest.html", {**self.admin_site.each_context(request), **context})

    def bundle_view(self, request: HttpRequest, release_id: int) -> HttpResponse:
        """What processes load, to the byte: its SHA-256 is the digest of the bundle."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return HttpResponse(get_object_or_404(Release, pk=release_id).bundle, content_type="application/json")

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, obj: Any = None, **kwargs: Any) -> HttpResponse:
        waits = obj is not None and obj.emergency and not hasattr(obj, "review")
        live = selectors.live_release(obj.workspace, timezone.now()) if obj is not None and obj.state == "upcoming" else None
        context |= {
            "waits_for_review": waits,
            "may_review": waits and request.user.has_perm("rules.approve_version") and request.user.pk != obj.publisher_id,
            "review_form": EmergencyReviewForm(),
            "live": live,
        }
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def review_view(self, request: HttpRequest, release_id: int) -> HttpResponse:
        """Somebody else's look, afterwards, at what was published in an emergency."""
        if request.method != "POST" or not request.user.has_perm("rules.approve_version"):
            raise PermissionDenied
        release = get_object_or_404(Release.objects.select_related("workspace"), pk=release_id)
        form = EmergencyReviewForm(request.POST)
        try:
            comment = form.cleaned_data["comment"] if form.is_valid() else ""
            services.review_emergency(release, reviewer=request.user, comment=comment, now=timezone.now())
            messages.success(request, f"Your review of {release} is kept.")
        except DocumentError as refused:
            tell(request, refused)
        return HttpResponseRedirect(reverse("admin:rules_release_change", args=[release_id]))

    def roll_back_view(self, request: HttpRequest, release_id: int) -> HttpResponse:
        if not request.user.has_perm("rules.publish_workspace"):
            raise PermissionDenied
        release = get_object_or_404(Release.objects.select_related("workspace"), pk=release_id)
        form, may_emergency = RollBackForm(request.POST or None), request.user.has_perm("rules.emergency_publish")
        if request.method == "POST" and form.is_valid():
            emergency = form.cleaned_data["emergency"]
            if emergency and not may_emergency:
                raise PermissionDenied
            try:
                made = services.roll_back(
                    release.workspace.key,
                    number=release.number,
                    actor=request.user,
                    reason=form.cleaned_data["reason"],
                    now=timezone.now(),
                    emergency=emergency,
                )
                owed = f" {OWED}" if made.emergency else ""
                messages.success(request, f"Release {made.number} is live. It says what release {release.number} said.{owed}")
                return HttpResponseRedirect(reverse("admin:rules_release_change", args=[made.pk]))
            except DocumentError as refused:
                tell(request, refused)
        newest, live = selectors.newest_release(release.workspace), selectors.live_release(release.workspace, timezone.now())
        upcoming = newest if newest and newest.effective_from > timezone.now() else None
        return ask(
            self,
            request,
            "roll_back.html",
            form,
            title=f"Roll back to {release}",
            release=release,
            live=live,
            found=_for_users(selectors.release_differences(live, release)) if live else [],
            upcoming=upcoming,
            may_emergency=may_emergency and release.workspace.four_eyes,
            unapproved=_unapproved(live, release) if release.workspace.four_eyes else [],
            going_round=ROUND,
        )


def _unapproved(live: Release | None, release: Release) -> list[Version]:
    """What would come back that no second person approved."""
    chosen, _ = selectors.manifest_versions(release)
    return selectors.unapproved_back(live, chosen)


def _for_users(found: list[Difference]) -> list[Difference]:
    """Without what only those who work here notice: a release notes whether it had to be approved, and a roll-back leaves that as it is."""
    felt = [replace(one, changes=[change for change in one.changes if change.path != "$.four_eyes"]) for one in found]
    return [one for one in felt if one.changes]


class EmergencyReviewAdmin(ReadOnlyAdmin):
    list_display = ("title", "reviewer_name", "comment", "created_at")
    list_filter = ("reviewer_name",)
    list_select_related = ("release__workspace",)
    search_fields = ("release__workspace__key", "reviewer_name", "comment")
    fields = ("release_shown", "reviewer_name", "reviewer_id", "publisher_id", "comment", "created_at", "release_hash")
    readonly_fields = fields

    @admin.display(description="release", ordering="release")
    def title(self, review: EmergencyReview) -> str:
        return with_key(capfirst(str(review.release)), review.release.workspace.key)

    @admin.display(description="release")
    def release_shown(self, review: EmergencyReview) -> str:
        return release_link(review.release)
