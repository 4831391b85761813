"""The rules' pages: listed as they are tried, the ones of an else branch marked as such."""

from __future__ import annotations

from typing import Any

from django.db.models import F

from admin_ui.conditions import ConditionsAdmin
from admin_ui.filters import PlacementFilter, StateFilter, WorkspaceFilter
from rules import words


class RuleAdmin(ConditionsAdmin):
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
        parent = body.get("parent")
        if parent and body.get("branch") == "else":
            parent = f"{parent}, otherwise"
        return words.WITHIN.join(step for step in (body.get("placement"), parent, item.key) if step)
