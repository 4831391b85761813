"""The rules' pages: an outline of each placement's tree, and a table in which the ones of an else branch are marked as such."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone

from admin_ui.bulk import switch_off, switch_on
from admin_ui.conditions import ConditionsAdmin
from admin_ui.filing.lists import FolderFilter
from admin_ui.filters import PlacementFilter, StateFilter, WorkspaceFilter
from admin_ui.outline.acts import arrange_view
from admin_ui.outline.beneath import beneath
from admin_ui.outline.pages import notes_view, tree_page
from admin_ui.results.wins import with_wins
from rules import words
from rules.models import Item


class RuleAdmin(ConditionsAdmin):
    """In the table rules are listed by placement, then by what they are beneath, then by their position there."""

    change_list_template = "admin/signpost/rule_table.html"
    list_filter = (StateFilter, WorkspaceFilter, PlacementFilter, FolderFilter)
    ordering = (
        "workspace__key",
        "shown__placement",
        F("shown__parent").asc(nulls_first=True),
        F("shown__position").asc(nulls_first=True),
        "key",
    )

    list_display = (*ConditionsAdmin.list_display, "won")
    actions = (switch_on, switch_off, *ConditionsAdmin.actions)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return with_wins(super().get_queryset(request), timezone.now())

    @admin.display(description="won in 24 h / 7 days", ordering="won_week")
    def won(self, rule: Any) -> str:
        return f"{rule.won_day:,} / {rule.won_week:,}" if rule.won_week else words.NOTHING

    def get_urls(self) -> list[Any]:
        wrapped = self.admin_site.admin_view
        own = [
            path("table/", wrapped(super().changelist_view), name="rules_rule_table"),
            path("notes/", wrapped(lambda request: notes_view(self, request)), name="rules_rule_notes"),
            path("arrange/", wrapped(self.arrange_view), name="rules_rule_arrange"),
        ]
        return [*own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return tree_page(self, request)

    def arrange_view(self, request: HttpRequest) -> HttpResponse:
        return arrange_view(self, request)

    def going_along(self, request: HttpRequest, items: list[Any]) -> list[tuple[Item, str]]:
        return beneath(items, request.user.pk)

    def placed(self, item: Any) -> str:
        body = item.shown or {}
        parent = body.get("parent")
        if parent and body.get("branch") == "else":
            parent = f"{parent}, otherwise"
        return words.WITHIN.join(step for step in (body.get("placement"), parent, item.key) if step)
