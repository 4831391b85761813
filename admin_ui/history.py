"""History: versions, approvals and releases, to be read; with the buttons that add to it, review and roll back."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import JSONField, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from admin_ui import comparing
from admin_ui.filters import ItemWorkspaceFilter, ReleaseStateFilter, VersionStateFilter, VersionWorkspaceFilter, WorkspaceFilter
from admin_ui.forms import EmergencyReviewForm, ReviewForm, RollBackForm
from admin_ui.items import item_address, item_link
from admin_ui.moments import exact, exactly
from admin_ui.pages import ReadOnlyAdmin, ReadOnlyInline, ask, changed_shown, tell
from rules import bodies, selectors, services, words
from rules.engine import DocumentError
from rules.models import PROXIES, Approval, EmergencyReview, Release, ReleaseChange, Version
from rules.selectors import MEANINGS, RELEASE_STATES, VERSION_STATES


def hash_shown(digest: str) -> str:
    return format_html('<code class="hash">{}</code>', digest or words.NOTHING)


def release_link(release: Release) -> str:
    return format_html('<a href="{}">release {}</a>', reverse("admin:rules_release_change", args=[release.pk]), release.number)


def version_link(version: Version | None) -> str:
    if version is None:
        return words.NOTHING
    return format_html('<a href="{}">v{}</a>', reverse("admin:rules_version_change", args=[version.pk]), version.number)


def state_shown(state: str) -> str:
    return format_html('<span class="state state-{}" title="{}">{}</span>', state, MEANINGS[state], VERSION_STATES[state])


def approvals_shown(version: Version) -> str:
    """Each verdict with who gave it, when, and their words; `nobody` where there is none."""
    lines = (
        (
            given.get_verdict_display(),
            given.reviewer_name,
            f": “{given.comment}”" if given.comment else "",
            exactly(given.created_at),
        )
        for given in version.approvals.all()
    )
    said = format_html_join(mark_safe("<br>"), '{} by {}{} <span class="quiet">{}</span>', lines)
    return said or mark_safe('<span class="quiet">nobody</span>')


def _since(release: Release) -> str:
    return format_html("{} from {}", release_link(release), exactly(release.effective_from))


def _until(release: Release | None) -> str:
    if release is None:
        return " on"
    return format_html(" until {} at {}", release_link(release), exactly(release.effective_from))


class VersionAdmin(ReadOnlyAdmin):
    list_display = ("title", "says", "author_name", "reason", "state_shown", "created_at")
    list_filter = (VersionStateFilter, ItemWorkspaceFilter, "item__kind", "author_name")
    list_select_related = ("item__workspace",)
    search_fields = ("item__key", "reason", "author_name", "body_hash")
    fields = (
        "item_shown",
        "workspace",
        "number",
        "state_shown",
        "author_name",
        "author_id",
        "contributors_shown",
        "reason",
        "changed_shown",
        "based_on",
        "created_shown",
        "live_shown",
        "hash_shown",
        "schema",
        "body_shown",
    )
    readonly_fields = fields
    created_shown = exact("created_at", "created")
    change_form_template = "admin/signpost/version.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        before = Version.objects.filter(item=OuterRef("item"), number=OuterRef("number") - 1)
        versions = selectors.with_review_state(super().get_queryset(request), timezone.now())
        return versions.annotate(body_before=Subquery(before.values("body"), output_field=JSONField()))

    @admin.display(description="item", ordering="item__key")
    def item_shown(self, version: Version) -> str:
        return item_link(version.item)

    @admin.display(description="version", ordering="item__key")
    def title(self, version: Version) -> str:
        small = words.WITHIN.join((version.item.workspace.key, version.item.kind))
        return format_html('{}<span class="key">{}</span>', version, small)

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

    @admin.display(description="body")
    def body_shown(self, version: Version) -> str:
        return format_html("<pre>{}</pre>", bodies.pretty(version.body))

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
            "may_review": request.user.has_perm("rules.approve_version") and obj is not None and not _wrote(request.user.pk, obj),
            "wrote": obj is not None and _wrote(request.user.pk, obj),
            "meaning": MEANINGS[obj.state] if obj else "",
            "review": ReviewForm(),
            "may_restore": obj is not None and obj.body is not None and _may_draft(request, obj) and not _says(obj),
        }
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def review_view(self, request: HttpRequest, version_id: int) -> HttpResponse:
        if request.method != "POST" or not request.user.has_perm("rules.approve_version"):
            raise PermissionDenied
        version = get_object_or_404(Version.objects.select_related("item__workspace"), pk=version_id)
        form = ReviewForm(request.POST)
        verdict = Approval.Verdict.APPROVED if "approve" in request.POST else Approval.Verdict.CHANGES_ASKED
        if form.is_valid():
            try:
                services.approve(version, reviewer=request.user, now=timezone.now(), verdict=verdict, comment=form.cleaned_data["comment"])
                messages.success(request, f"{version}: {verdict.label}.")
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
        messages.success(request, f"Your draft says what {version} said. It goes live when it is published.")
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
    list_display = ("version", "workspace", "verdict", "reviewer_name", "comment", "created_at")
    list_filter = (VersionWorkspaceFilter, "verdict", "reviewer_name")
    list_select_related = ("version__item__workspace",)
    search_fields = ("version__item__key", "reviewer_name", "comment")
    fields = ("version", "workspace", "verdict", "reviewer_name", "reviewer_id", "author_id", "comment", "created_shown", "body_hash")
    readonly_fields = fields
    created_shown = exact("created_at", "created")

    def workspace(self, approval: Approval) -> str:
        return approval.version.item.workspace.key


class ReleaseChangeInline(ReadOnlyInline):
    model = ReleaseChange
    verbose_name_plural = "what it changed"
    fields = readonly_fields = ("item_shown", "before_shown", "after_shown", "changed", "by", "why", "approved")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        changes = super().get_queryset(request).select_related("item", "before__item", "after__item", "release__workspace")
        return changes.prefetch_related("after__approvals").defer("release__bundle", "release__manifest")

    @admin.display(description="item")
    def item_shown(self, change: ReleaseChange) -> str:
        return item_link(change.item)

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
    list_display = ("__str__", "state_shown", "reason", "publisher_name", "effective_shown", "four_eyes_said", "back_to")
    list_filter = (ReleaseStateFilter, WorkspaceFilter, "four_eyes", "emergency", "publisher_name")
    list_select_related = ("workspace",)
    search_fields = ("workspace__key", "reason", "publisher_name", "hash", "digest")
    fields = (
        "workspace", "number", "state_shown", "reason", "publisher_name", "publisher_id", "published_shown", "effective_shown",
        "four_eyes_said", "back_to",
        "hash_shown", "prev_hash_shown", "digest_shown", "manifest_shown", "bundle_shown",
    )  # fmt: skip
    readonly_fields = fields
    effective_shown, published_shown = exact("effective_from"), exact("published_at")
    inlines = (ReleaseChangeInline,)
    change_form_template = "admin/signpost/release.html"
    change_list_template = "admin/signpost/release_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        queryset = selectors.with_release_state(super().get_queryset(request), timezone.now()).select_related("workspace", "review")
        is_list = request.resolver_match is not None and request.resolver_match.url_name.endswith("_changelist")
        return queryset.defer("bundle", "manifest") if is_list else queryset

    @admin.display(description="state", ordering="state")
    def state_shown(self, release: Any) -> str:
        return format_html('<span class="state state-{}">{}</span>', release.state, RELEASE_STATES[release.state])

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
    def manifest_shown(self, release: Release) -> str:
        """Every version that is live in it, with its author and what others said of it; the rest of what it says is a click away."""
        hashes = {entry["body_hash"] for entry in release.manifest}
        found = Version.objects.filter(item__workspace=release.workspace_id, body_hash__in=hashes).select_related("item").defer("body")
        there = {(one.item.kind, one.item.key, one.number, one.body_hash): one for one in found.prefetch_related("approvals")}
        rows = []
        for entry in release.manifest:
            version = there.get((entry["kind"], entry["key"], entry["version"], entry["body_hash"]))
            rows.append({**entry, "found": version, "approved": approvals_shown(version) if version else ""})
        return mark_safe(render_to_string("admin/signpost/manifest.html", {"rows": rows}))  # noqa: S308  a template's own, escaped there

    @admin.display(description="bundle")
    def bundle_shown(self, release: Release) -> str:
        return format_html(
            "<details><summary>{} bytes, canonical JSON</summary><pre>{}</pre></details>", len(release.bundle.encode()), release.bundle
        )

    def get_urls(self) -> list[Any]:
        own = [
            path("<int:release_id>/roll-back/", self.admin_site.admin_view(self.roll_back_view), name="rules_release_roll_back"),
            path("<int:release_id>/review/", self.admin_site.admin_view(self.review_view), name="rules_release_review"),
            *comparing.addresses(self),
        ]
        return [*own, *super().get_urls()]

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
                messages.success(request, f"Release {made.number} is live. It says what release {release.number} said.")
                return HttpResponseRedirect(reverse("admin:rules_release_change", args=[made.pk]))
            except DocumentError as refused:
                tell(request, refused)
        newest = selectors.newest_release(release.workspace)
        upcoming = newest if newest and newest.effective_from > timezone.now() else None
        return ask(
            self,
            request,
            "roll_back.html",
            form,
            title=f"Roll back to {release}",
            release=release,
            upcoming=upcoming,
            may_emergency=may_emergency and release.workspace.four_eyes,
        )


class EmergencyReviewAdmin(ReadOnlyAdmin):
    list_display = ("release", "reviewer_name", "comment", "created_at")
    list_filter = ("reviewer_name",)
    list_select_related = ("release__workspace",)
    search_fields = ("release__workspace__key", "reviewer_name", "comment")
    fields = ("release_shown", "reviewer_name", "reviewer_id", "publisher_id", "comment", "created_at", "release_hash")
    readonly_fields = fields

    @admin.display(description="release")
    def release_shown(self, review: EmergencyReview) -> str:
        return release_link(review.release)
