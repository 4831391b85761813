"""Everybody's drafts in one list. They are edited at their items; here they can be dropped."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import JSONField, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html

from admin_ui import bulk, saying
from admin_ui.filters import ItemWorkspaceFilter
from admin_ui.links import item_link, name_of, with_key
from admin_ui.pages import ReadOnlyAdmin, changed_shown
from admin_ui.sure import SaysConsequence, ask_sure, sure
from rules import words
from rules.models import Draft, Version


class DraftAdmin(SaysConsequence, ReadOnlyAdmin):
    list_display = ("title", "kind", "workspace", "what", "author_name", "updated_at")
    list_filter = (ItemWorkspaceFilter, "author_name", "item__kind")
    list_select_related = ("item__workspace",)
    search_fields = ("item__key", "author_name")
    fields = ("item_shown", "workspace", "what", "author_name", "updated_at", "based_on", "body_shown")
    readonly_fields = fields
    actions = ("discard_selected",)
    act = "Discard"

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        base = Version.objects.filter(item=OuterRef("item"), number=OuterRef("based_on"))
        return super().get_queryset(request).annotate(base_body=Subquery(base.values("body"), output_field=JSONField()))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """One's own, for whoever may draft; anybody's, for whoever has to clear up after somebody who left."""
        own = request.user.has_perm("rules.submit_draft") and (obj is None or obj.author_id == request.user.pk)
        return own or admin.ModelAdmin.has_delete_permission(self, request, obj)

    @admin.display(description="item", ordering="item__key")
    def item_shown(self, draft: Draft) -> str:
        return item_link(draft.item, draft.body, draft.base_body)

    @admin.display(description="draft", ordering="item__key")
    def title(self, draft: Any) -> str:
        return with_key(name_of(draft.item, draft.body, draft.base_body), draft.item.key)

    def called(self, obj: Any) -> str:
        return f"{name_of(obj.item, obj.body, obj.base_body)}, by {obj.author_name}"

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

    @admin.display(description="what it says")
    def body_shown(self, draft: Draft) -> str:
        return saying.said(draft.item.kind, draft.body)

    # Discarding

    @admin.action(description="Discard the chosen drafts", permissions=["delete"])
    def discard_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        chosen = list(queryset)
        may = [draft for draft in chosen if self.has_delete_permission(request, draft)]
        if len(may) < len(chosen):
            self.message_user(request, "Other people's drafts stay: only they, or an administrator, can discard them.", messages.WARNING)
        if not may:
            return None
        if not sure(request):
            return ask_sure(
                self,
                request,
                [f"{words.called(draft.item.kind, draft.item.key, draft.body, draft.base_body)}, by {draft.author_name}" for draft in may],
                act="Discard",
                title="Discard this draft?" if len(may) == 1 else f"Discard these {len(may)} drafts?",
                consequence=_consequence(request, may),
                back=request.get_full_path(),
                final=any(self.final(request, draft) for draft in may),
            )
        bulk.discard(request, may)
        return None

    def consequence(self, request: HttpRequest, obj: Draft) -> str:
        return _consequence(request, [obj])

    def final(self, request: HttpRequest, obj: Draft) -> bool:
        return obj.author_id != request.user.pk

    def delete_model(self, request: HttpRequest, obj: Draft) -> None:
        bulk.discard(request, [obj])

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:rules_draft_changelist"))


def _consequence(request: HttpRequest, drafts: list[Draft]) -> str:
    """What is lost with them, and what of that can come back."""
    said = ["What was changed goes, and what was never submitted goes with its draft. Users see no difference."]
    others = [draft for draft in drafts if draft.author_id != request.user.pk]
    if len(others) < len(drafts):
        said.append(f"You can undo it{' for your own' if others else ''}, until your next such step.")
    if others:
        names = ", ".join(sorted({draft.author_name for draft in others}))
        said.append(f"What {names} wrote can't be brought back.")
    return " ".join(said)
