"""Everybody's drafts in one list. They are edited at their items; here they can be dropped."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html

from admin_ui import words
from admin_ui.filters import ItemWorkspaceFilter
from admin_ui.items import item_link
from admin_ui.pages import ReadOnlyAdmin
from rules import bodies, services
from rules.models import Draft


class DraftAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "kind", "workspace", "what", "author_name", "updated_at")
    list_filter = (ItemWorkspaceFilter, "author_name", "item__kind")
    list_select_related = ("item__workspace",)
    search_fields = ("item__key", "author_name")
    fields = ("item_shown", "workspace", "what", "author_name", "updated_at", "based_on", "body_shown")
    readonly_fields = fields

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

    @admin.display(description="item", ordering="item__key")
    def item_shown(self, draft: Draft) -> str:
        return item_link(draft.item)

    @admin.display(ordering="item__kind")
    def kind(self, draft: Draft) -> str:
        return draft.item.kind

    @admin.display(ordering="item__workspace__key")
    def workspace(self, draft: Draft) -> str:
        return draft.item.workspace.key

    @admin.display(description="change")
    def what(self, draft: Draft) -> str:
        if draft.body is None:
            return "removes it"
        return words.summary(draft.item.kind, draft.body) if draft.based_on else f"new: {words.summary(draft.item.kind, draft.body)}"

    @admin.display(description="body")
    def body_shown(self, draft: Draft) -> str:
        return format_html("<pre>{}</pre>", bodies.pretty(draft.body))

    def delete_model(self, request: HttpRequest, obj: Draft) -> None:
        services.discard_draft(obj)
