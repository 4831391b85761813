"""The archive of decisions, to be read."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html

from admin_ui.filters import NamedWorkspaceFilter
from admin_ui.history import release_link
from admin_ui.pages import ReadOnlyAdmin
from decisioning.models import DecisionRecord
from rules import bodies, words
from rules.models import Release, Version, Workspace


class NewestOnly(Paginator):
    """Pages of the newest rows. Counts no further than those: the archive is too large to be counted for each look at it."""

    at_most = 5_000

    @cached_property
    def count(self) -> int:
        return self.object_list.order_by()[: self.at_most].count()


class DecisionAdmin(ReadOnlyAdmin):
    list_display = ("at", "workspace", "user", "placement", "outcome", "rule", "template", "release")
    list_filter = (NamedWorkspaceFilter,)
    paginator = NewestOnly
    search_fields = ("decision_id", "user")
    search_help_text = "A decision's whole id, or a user's. The list goes back 5,000 decisions."
    fields = (
        "decision_id", "at", "evaluated_at", "workspace", "user", "session", "placement", "outcome", "reason", "release_shown",
        "rule_shown", "template_shown", "path_shown", "content_shown", "facts_shown", "degraded_shown",
    )  # fmt: skip
    readonly_fields = fields

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
    def content_shown(self, decision: DecisionRecord) -> Any:
        return _json(decision.content)

    @admin.display(description="facts")
    def facts_shown(self, decision: DecisionRecord) -> Any:
        return _json(decision.facts)

    @admin.display(description="degraded")
    def degraded_shown(self, decision: DecisionRecord) -> str:
        return ", ".join(decision.degraded) or "no"


def _version(workspace: str, kind: str, key: str, number: int | None) -> str:
    """The version that was served, as a link where it is in this database: the archive outlives a workspace's reloading."""
    words_said = f"{key} v{number}" if number else key or words.NOTHING
    version = Version.objects.filter(item__workspace__key=workspace, item__kind=kind, item__key=key, number=number).first()
    return (
        format_html('<a href="{}">{}</a>', reverse("admin:rules_version_change", args=[version.pk]), words_said) if version else words_said
    )


def _json(value: object) -> str:
    return format_html("<pre>{}</pre>", bodies.pretty(value))
