"""Lists of authored things: each with its name, its state and what is live of it; found by words, narrowed by folder and state."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from admin_ui import inhand
from admin_ui.filing.lists import FiledList, FolderFilter, folder_line
from admin_ui.filters import StateFilter, WorkspaceFilter
from admin_ui.links import name_of
from admin_ui.pages import NamedList
from rules import selectors, words
from rules.selectors import STATES


class ItemList(NamedList):
    kind: str
    list_display = ("title", "says", "workspace", "state_shown", "live_shown", "changed_shown")
    list_filter = (StateFilter, WorkspaceFilter, FolderFilter)
    list_select_related = ("workspace",)
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    search_fields = ("key",)
    search_help_text = "Key, name or description"
    ordering = ("workspace__key", "key")
    change_list_template = "admin/signpost/filing/list.html"

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        return FiledList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        # Not by super(): it would sort by what is only there once `with_state` has added it.
        return selectors.with_state(self.model.objects.all(), timezone.now(), request.user.pk).order_by(*self.ordering)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[QuerySet[Any], bool]:
        for term in search_term.split():
            queryset = queryset.filter(Q(key__icontains=term) | Q(shown__name__icontains=term) | Q(shown__description__icontains=term))
        return queryset, False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        workspace = inhand.of_page(request) if request.GET.get("workspace") else None
        return super().changelist_view(request, {"workspace": workspace, **(extra_context or {})})

    @admin.display(description="key and name", ordering="key")
    def title(self, item: Any) -> str:
        return format_html('{}<span class="key">{}</span>{}', name_of(item, item.shown), self.placed(item), folder_line(item))

    def placed(self, item: Any) -> str:
        """The small line beneath the name."""
        return item.key

    @admin.display(description="says")
    def says(self, item: Any) -> str:
        return words.summary(self.kind, item.shown)

    @admin.display(description="state", ordering="state")
    def state_shown(self, item: Any) -> str:
        by = f" by {item.draft_author}" if item.has_draft else ""
        off = mark_safe(' <span class="state state-off">Off</span>') if (item.shown or {}).get("enabled") is False else ""
        here = format_html(' <span class="here">{}</span>', item.editors) if item.editors else ""
        return format_html('<span class="state state-{}">{}</span>{}{}{}', item.state, STATES[item.state], by, off, here)

    @admin.display(description="live", ordering="live_number")
    def live_shown(self, item: Any) -> str:
        return f"v{item.live_number}" if item.live_number else words.NOTHING

    @admin.display(description="last change", ordering="changed_at")
    def changed_shown(self, item: Any) -> Any:
        return item.changed_at
