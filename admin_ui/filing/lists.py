"""In lists: narrowed to a folder, and each thing's folder beneath its name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html

from admin_ui import inhand
from admin_ui.editing.marks import MarkedList
from rules import selectors
from rules.selectors import Shelf

NONE = "none"
"""What addresses say for whatever lies in no folder."""


class FiledList(MarkedList):
    """Gives each item of the page `folder`, the path of where it lies."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        paths = selectors.paths_of(self.result_list)
        for item in self.result_list:
            item.folder = paths.get(item.pk, "")


def folder_line(item: Any) -> str:
    return format_html('<span class="folder">{}</span>', item.folder) if item.folder else ""


class FolderFilter(admin.SimpleListFilter):
    """The tree of folders, each with how much of this kind lies in it and beneath it. Not there while there are none."""

    title = "folder"
    parameter_name = "folder"
    template = "admin/signpost/filing/filter.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        key = request.GET.get("workspace")
        self.shelves = selectors.shelves([one for one in inhand.known(request) if key in (None, "", one.key)])
        self.counts = selectors.filed_counts(self.shelves, timezone.now(), [model_admin.kind])
        if not self.shelves:
            return []
        of_several = len({shelf.folder.workspace_id for shelf in self.shelves}) > 1
        return [(NONE, "Not in a folder"), *((str(shelf.folder.pk), _named(request, shelf, of_several)) for shelf in self.shelves)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.value():
            return queryset
        if self.value() == NONE:
            return queryset.filter(filed__isnull=True)
        return queryset.filter(filed__folder__in=selectors.with_beneath(self.shelves, number(self.value())))

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        choices = super().choices(changelist)
        yield next(choices)
        yield next(choices)
        for choice, shelf in zip(choices, self.shelves, strict=True):
            yield {**choice, "level": shelf.level, "count": self.counts[shelf.folder.pk].total()}


def number(text: str | None) -> int:
    """The id that an address or a form says; 0, which none has, where it is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else 0


def _named(request: HttpRequest, shelf: Shelf, of_several: bool) -> str:
    return (
        f"{shelf.folder.name} ({inhand.name_of(request, shelf.folder.workspace)})" if of_several and shelf.level == 1 else shelf.folder.name
    )
