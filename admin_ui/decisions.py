"""The archive of decisions: to be read, found by what made them, and made again."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import CharField, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join

from admin_ui import dryruns
from admin_ui.filters import DecidedInFilter, DecidedSinceFilter, NamedWorkspaceFilter, OfPlacementFilter, OfRuleFilter
from admin_ui.links import release_link
from admin_ui.moments import exact
from admin_ui.pages import ReadOnlyAdmin
from admin_ui.results.figures import OUTCOMES
from decisioning.models import DecisionRecord
from decisioning.reasons import said
from decisioning.releases import ReleaseDamaged, releases
from decisioning.replay import Replayed, refusal, replay
from decisioning.replaying import again
from decisioning.tagging.facts import USERS_CLOCK
from rules import bodies, selectors, words
from rules.models import Release, Version, Workspace

RELEASES = 200
"""Those that the page offers to replay under; an older one can be asked for by its number in the address."""


class NewestOnly(Paginator):
    """Pages of the newest rows. Counts no further than those: the archive is too large to be counted for each look at it."""

    at_most = 5_000

    @cached_property
    def count(self) -> int:
        return self.object_list.order_by()[: self.at_most].count()


class DecisionAdmin(ReadOnlyAdmin):
    list_display = ("at", "workspace", "user", "placement", "decided", "release")
    list_filter = (NamedWorkspaceFilter, OfRuleFilter, OfPlacementFilter, DecidedInFilter, DecidedSinceFilter)
    change_form_template = "admin/signpost/decision.html"
    change_list_template = "admin/signpost/item_list.html"
    paginator = NewestOnly
    search_fields = ("decision_id", "user")
    search_help_text = "A decision's whole id, or a user's. The list goes back 5,000 decisions."
    fieldsets = (
        ("Made by", {"fields": ("rule_shown", "path_shown", "template_shown", "release_shown", "outcome", "reason", "degraded_shown")}),
        ("Asked for", {"fields": ("workspace", "placement", "user", "session", "at_shown", "evaluated_shown", "decision_id")}),
        ("What the rules looked at", {"fields": ("facts_shown",)}),
        ("Content and facts as JSON", {"fields": ("content_json", "facts_json"), "classes": ("collapse",)}),
    )
    readonly_fields = tuple(name for _, options in fieldsets for name in options["fields"])
    at_shown, evaluated_shown = exact("at"), exact("evaluated_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        queryset = super().get_queryset(request)
        is_list = request.resolver_match is not None and request.resolver_match.url_name.endswith("_changelist")
        return queryset.defer("inputs", "content", "facts") if is_list else queryset

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, obj: Any = None, **kwargs: Any) -> HttpResponse:
        if obj is not None:
            context |= _replayed(request, obj) | _made_by(obj) | {"decided": self.decided(obj)}
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    @admin.display(description="decided", ordering="rule")
    def decided(self, decision: DecisionRecord) -> str:
        template = _numbered(decision.template, decision.template_version)
        if decision.outcome != "matched":
            return f"{OUTCOMES.get(decision.outcome, decision.outcome)}{f': {template}' if decision.template else ''}"
        return f"{_numbered(decision.rule, decision.rule_version)} → {template}"

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[QuerySet[Any], bool]:
        """Exactly, so that an index finds it among all there are: the one of users begins with the workspace."""
        term = search_term.strip()
        if not term:
            return queryset, False
        workspaces = list(Workspace.objects.values_list("key", flat=True))
        wanted = Q(workspace__in=workspaces, user__in=(term, f"u:{term}", f"a:{term}"))
        with suppress(ValueError):  # not a decision's id, then; and one that is may be a user's as well
            wanted |= Q(decision_id=UUID(term))
        return queryset.filter(wanted), False

    @admin.display(description="release")
    def release_shown(self, decision: DecisionRecord) -> str:
        release = Release.objects.filter(workspace__key=decision.workspace, number=decision.release).defer("bundle", "manifest").first()
        return release_link(release) if release else f"release {decision.release}"

    @admin.display(description="rule")
    def rule_shown(self, decision: DecisionRecord) -> str:
        return _version(decision.workspace, "rule", decision.rule, decision.rule_version)

    @admin.display(description="template")
    def template_shown(self, decision: DecisionRecord) -> str:
        return _version(decision.workspace, "template", decision.template, decision.template_version)

    @admin.display(description="path")
    def path_shown(self, decision: DecisionRecord) -> str:
        return words.WITHIN.join(decision.path) or words.NOTHING

    @admin.display(description="content")
    def content_json(self, decision: DecisionRecord) -> Any:
        return _json(decision.content)

    @admin.display(description="facts")
    def facts_json(self, decision: DecisionRecord) -> Any:
        return _json(decision.facts)

    @admin.display(description="facts")
    def facts_shown(self, decision: DecisionRecord) -> Any:
        facts = (("tags" if name == "tags" else words.spoken(name), name, _plain(value)) for name, value in sorted(decision.facts.items()))
        rows = format_html_join("", '<tr><th scope="row">{}<span class="key">{}</span></th><td>{}</td></tr>', facts)
        if not rows:
            return "no fact of the user or the moment"
        return format_html('<table class="facts"><tbody>{}</tbody></table>{}', rows, _clocks(decision))

    @admin.display(description="degraded")
    def degraded_shown(self, decision: DecisionRecord) -> str:
        return ", ".join(decision.degraded) or "no"


def _replayed(request: HttpRequest, decision: DecisionRecord) -> dict[str, Any]:
    """The decision made again as the address asks: `under` a release, or by the candidate of a dry `run`."""
    numbers = list(
        Release.objects.filter(workspace__key=decision.workspace).order_by("-number").values_list("number", flat=True)[:RELEASES]
    )
    if decision.release not in numbers:
        numbers.append(decision.release)
    asked, run = request.GET.get("under", ""), request.GET.get("run", "")
    under = int(asked) if asked.isdecimal() and len(asked) < 10 else decision.release
    found: Replayed | None = None
    by = f"Under release {under}"
    if run:
        by, found = "Under what the dry run was of", _by_candidate(decision, run)
    elif asked:
        found = again(decision, under)
    if found is None:
        return {"numbers": numbers, "under": under, "told": None}
    differences = [
        {**one, "was_said": said(one["field"], one["was"]), "now_said": said(one["field"], one["now"])} for one in found.differences
    ]
    told = {name: getattr(found, name) for name in ("status", "code", "message", "names", "why", "new_versions")}
    return {"numbers": numbers, "under": under, "by": by, "told": {**told, "differences": differences}}


def _by_candidate(decision: DecisionRecord, run: str) -> Replayed:
    live = dryruns.candidate_of(run, decision.workspace)
    try:
        own = releases.get(decision.workspace, decision.release)
    except ReleaseDamaged:
        return refusal(decision.release, "release_damaged")
    if live is None or own is None:
        return refusal(decision.release, "unknown_release")
    return replay(decision, own, live)


def _made_by(decision: DecisionRecord) -> dict[str, Any]:
    """The version of the rule that decided, its reviews, the releases that it went live by, and the one that decided."""
    version = (
        Version.objects.filter(
            item__workspace__key=decision.workspace, item__kind="rule", item__key=decision.rule, number=decision.rule_version
        )
        .select_related("item")
        .prefetch_related("approvals")
        .first()
        if decision.rule_version
        else None
    )
    release = Release.objects.filter(workspace__key=decision.workspace, number=decision.release).defer("bundle", "manifest").first()
    went_live = _went_live(version, decision.release)
    asked = went_live[0][1] if went_live else release
    approvals = version.approvals.all() if version else []
    unasked = asked is not None and not asked.four_eyes
    return {"made_by": version, "approvals": approvals, "release": release, "went_live": went_live, "unasked": unasked}


def _went_live(version: Version | None, number: int) -> list[tuple[str, Release]]:
    """The release that a version was first live in, and where a roll-back brought it back before release `number`, that one too."""
    if version is None:
        return []
    releases = selectors.with_release_state(Release.objects.filter(changes__after=version, number__lte=number), timezone.now())
    found = list(releases.exclude(state="withdrawn").order_by("number").defer("bundle", "manifest"))
    return [("First live", found[0]), *(("Live again", newest) for newest in found[1:][-1:])] if found else []


def _numbered(key: str, number: int | None) -> str:
    return f"{key} v{number}" if number else key or words.NOTHING


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(words.plain, value)) or "none"
    return "not known" if value is None else words.plain(value)


def _version(workspace: str, kind: str, key: str, number: int | None) -> str:
    """The version that was served, as a link where it is in this database: the archive outlives a workspace's reloading."""
    words_said = _numbered(key, number)
    version = Version.objects.filter(item__workspace__key=workspace, item__kind=kind, item__key=key, number=number).first()
    return (
        format_html('<a href="{}">{}</a>', reverse("admin:rules_version_change", args=[version.pk]), words_said) if version else words_said
    )


def _clocks(decision: DecisionRecord) -> str:
    """Whose clock the facts of the time are read from: beside them stand moments in UTC."""
    said = []
    if any(name.startswith("time.") for name in decision.facts):
        said.append(f"time.… is on the clock of the workspace: {_timezone(decision)}.")
    if USERS_CLOCK.intersection(decision.facts):
        said.append("user.hour, user.weekday and user.date are on the user's own clock.")
    return format_html('<p class="help">{}</p>', " ".join(said)) if said else ""


def _timezone(decision: DecisionRecord) -> str:
    """As the release that decided has it, for the workspace's may be another by now."""
    taken = RawSQL("(bundle::jsonb)->'workspace'->>'timezone'", [], output_field=CharField())
    releases_there = Release.objects.filter(workspace__key=decision.workspace, number=decision.release)
    return releases_there.annotate(clock=taken).values_list("clock", flat=True).first() or "its release is not there any more"


def _json(value: object) -> str:
    return format_html('<pre tabindex="0">{}</pre>', bodies.pretty(value))
