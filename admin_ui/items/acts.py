"""Taking away and putting away: things removed or a draft discarded, each after a question, and moved to folders from a list."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from admin_ui import bulk
from admin_ui.editing.shown import finished
from admin_ui.filing.moving import move
from admin_ui.findings import in_words
from admin_ui.links import item_address, name_of
from admin_ui.sure import ask_sure, broken_by_removing, sure
from rules.models import Draft, Item, Workspace
from rules.selectors import Desk, Finding


class ItemActs(admin.ModelAdmin):
    kind: str
    actions = ("move_to_folder", "remove_selected")
    delete_confirmation_template = "admin/signpost/remove.html"

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Without Django's own deleting: history keeps every item. `remove_selected` drafts its removal."""
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    @admin.action(description="Remove the chosen ones with the next release", permissions=["delete"])
    def remove_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        items = list(queryset.select_related("workspace"))
        along = self.going_along(request, items)
        goes = [*items, *(item for item, _ in along)]
        if not sure(request):
            counted = self.opts.verbose_name if len(items) == 1 else self.opts.verbose_name_plural
            return ask_sure(
                self,
                request,
                [name_of(item, item.shown) for item in items],
                along=[name for _, name in along],
                act="Draft the removal",
                title=f"Remove {len(items)} {counted}{_and_beneath(len(along), len(items))}?",
                consequence="This makes drafts of their removal. Nothing changes for users until it is published, versions are kept, "
                "and you can undo it.",
                breaks=_broken(goes, request),
                back=request.get_full_path(),
            )
        bulk.remove(request, goes)
        return None

    def going_along(self, request: HttpRequest, items: list[Any]) -> list[tuple[Item, str]]:
        """What is removed along with these, each with what it is called."""
        return []

    @admin.action(description="Move to a folder…", permissions=["change"])
    def move_to_folder(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
        items = list(queryset.select_related("workspace"))
        return move(self.admin_site, request, items, [name_of(item, item.shown) for item in items], request.get_full_path())

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Nothing is deleted, so nothing can stand in the way."""
        return [name_of(obj, obj.shown) for obj in objs], {str(self.opts.verbose_name_plural): len(objs)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        request.removed_from = obj.workspace
        bulk.remove(request, [obj, *(item for item, _ in self.going_along(request, [obj]))])

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        return self._to_list(request.removed_from)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        item = self.get_object(request, object_id)
        asked = [item] if item is not None and request.method == "GET" and self.has_delete_permission(request, item) else []
        along = self.going_along(request, asked)
        said = {
            "breaks": _broken([*asked, *(one for one, _ in along)], request),
            "along": [name for _, name in along],
            "and_beneath": _and_beneath(len(along), 1),
        }
        return super().delete_view(request, object_id, {**said, **(extra_context or {})})

    def discard_view(self, request: HttpRequest, item_id: int) -> HttpResponse:
        if request.method != "POST" or not self.has_change_permission(request):
            raise PermissionDenied
        draft = get_object_or_404(Draft, item=get_object_or_404(self.model, pk=item_id), author_id=request.user.pk)
        if draft.body is not None and not sure(request):
            new = "" if draft.based_on else " It was never submitted, so nothing else is left of it."
            return ask_sure(
                self,
                request,
                [f"{draft.item.kind} {name_of(draft.item, draft.body)}"],
                act="Discard my draft",
                title="Discard your draft?",
                consequence=f"What you changed in it goes. Users see no difference. You can undo it until your next such step.{new}",
                back=item_address(draft.item),
            )
        bulk.discard(request, [draft])
        finished(request, draft.item.workspace, self.kind, draft.item.key)
        return self._to_list(draft.item.workspace)

    def _to_list(self, workspace: Workspace) -> HttpResponse:
        """Of the workspace in which something went, for that is where it can be undone."""
        return HttpResponseRedirect(f"{reverse(f'admin:rules_{self.opts.model_name}_changelist')}?workspace={workspace.key}")


def _and_beneath(count: int, of: int) -> str:
    if not count:
        return ""
    return f" and the {'rule' if count == 1 else f'{count} rules'} beneath {'it' if of == 1 else 'them'}"


def _broken(items: list[Item], request: HttpRequest) -> list[dict[str, str]]:
    """What removing them breaks, by name, with its page where it has one."""
    return [_named(desk, finding) for desk, finding in broken_by_removing(items, request.user.pk)]


def _named(desk: Desk, finding: Finding) -> dict[str, str]:
    thing = desk.things.get(finding.identity) if finding.identity else None
    if finding.identity is None or thing is None:
        return {"name": in_words(finding.problem), "address": ""}
    kind, _ = finding.identity
    return {"name": f"{kind} {name_of(thing.item, desk.bodies.get(finding.identity))}", "address": item_address(thing.item)}
