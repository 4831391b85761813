"""The rules' pages: listed as they are tried, and edited beside the names their conditions may use."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.http import HttpRequest, HttpResponse

from admin_ui import words
from admin_ui.filters import PlacementFilter, StateFilter, WorkspaceFilter
from admin_ui.items import ItemAdmin
from rules import vocabulary


class RuleAdmin(ItemAdmin):
    """Rules are listed by placement, then by what they are beneath, then by their position there."""

    list_filter = (StateFilter, WorkspaceFilter, PlacementFilter)
    ordering = (
        "workspace__key",
        "shown__placement",
        F("shown__parent").asc(nulls_first=True),
        F("shown__position").asc(nulls_first=True),
        "key",
    )

    def placed(self, item: Any) -> str:
        body = item.shown or {}
        return words.WITHIN.join(step for step in (body.get("placement"), body.get("parent"), item.key) if step)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        context["names"] = vocabulary.export(context["adminform"].form.desk.struct)["variables"]
        return super().render_change_form(request, context, *args, **kwargs)
