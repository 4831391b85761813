"""The archive of decisions, to be read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.html import format_html

from admin_ui import words
from admin_ui.filters import NamedWorkspaceFilter
from admin_ui.pages import ReadOnlyAdmin
from decisioning.models import DecisionRecord
from rules import bodies


class DecisionAdmin(ReadOnlyAdmin):
    list_display = ("at", "workspace", "user", "placement", "outcome", "rule", "template", "release")
    list_filter = (NamedWorkspaceFilter,)
    search_fields = ("decision_id", "user__startswith")
    search_help_text = "A decision's id, or how a user's id begins"
    fields = (
        "decision_id", "at", "evaluated_at", "workspace", "user", "session", "placement", "outcome", "reason", "release",
        "rule", "rule_version", "template", "template_version", "path_shown", "content_shown", "facts_shown", "degraded_shown",
    )  # fmt: skip
    readonly_fields = fields

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


def _json(value: object) -> str:
    return format_html("<pre>{}</pre>", bodies.pretty(value))
