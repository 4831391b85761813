"""Everybody's drafts in one list. They are edited at their items; here they can be dropped."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import JSONField, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.html import format_html

from admin_ui.filters import ItemWorkspaceFilter
from admin_ui.items import item_link
from admin_ui.pages import ReadOnlyAdmin, changed_shown
from rules import bodies, services, words
from rules.models import Draft, Version


class DraftAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "kind", "workspace", "what", "author_name", "updated_at")
    list_filter = (ItemWorkspaceFilter, "author_name", "item__kind")
    list_select_related = ("item__workspace",)
    search_fields = ("item__key", "author_name")
    fields = ("item_shown", "workspace", "what", "author_name", "updated_at", "based_on", "body_shown")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        base = Version.objects.filter(item=OuterRef("item"), number=OuterRef("based_on"))
        return super().get_queryset(request).annotate(base_body=Subquery(base.values("body"), output_field=JSONField()))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """One's own, for whoever may draft; anybody's, for whoever has to clear up after somebody who left."""
        own = request.user.has_perm("rules.submit_draft") and (obj is None or obj.author_id == request.user.pk)
        return own or admin.ModelAdmin.has_delete_permission(self, request, obj)

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
    def what(self, draft: Any) -> str:
        if draft.body is None:
            return "removes it"
        new = "" if draft.based_on else "new: "
        return format_html(
            "{}{}{}",
            new,
            words.summary(draft.item.kind, draft.body),
            changed_shown(words.changes(draft.item.kind, draft.base_body, draft.body)),
        )

    @admin.display(description="body")
    def body_shown(self, draft: Draft) -> str:
        return format_html('<pre tabindex="0">{}</pre>', bodies.pretty(draft.body))

    def delete_model(self, request: HttpRequest, obj: Draft) -> None:
        services.discard_draft(obj, actor=request.user)
