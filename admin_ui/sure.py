"""Before an act that takes something away: a page that says what comes of it and asks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.text import capfirst

from rules import selectors
from rules.models import Item, Workspace
from rules.selectors import Desk, Finding

KEPT = ("action", ACTION_CHECKBOX_NAME, "select_across", "_sitting", "_over")
"""What was sent before and is needed again: the act of a list, and whose typing an act on a form ends."""


def sure(request: HttpRequest) -> bool:
    return request.POST.get("sure") == "yes"


def ask_sure(
    model_admin: admin.ModelAdmin,
    request: HttpRequest,
    chosen: Iterable[Any],
    *,
    act: str,
    title: str,
    consequence: str,
    back: str,
    along: Iterable[str] = (),
    breaks: Iterable[dict[str, str]] = (),
    final: bool = False,
    kept: Iterable[str] = KEPT,
) -> TemplateResponse:
    """The page that asks. Its form sends what was sent before, and `sure`.

    `along`: what goes with what is chosen; `final`: there is no way back from the act.
    """
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": title,
        "act": act,
        "consequence": consequence,
        "chosen": [str(one) for one in chosen],
        "along": list(along),
        "kept": [(name, value) for name in kept for value in request.POST.getlist(name)],
        "breaks": list(breaks),
        "back": back,
        "listed": capfirst(model_admin.opts.verbose_name_plural),
        "final": final,
    }
    return TemplateResponse(request, "admin/signpost/sure.html", context)


class SaysConsequence(admin.ModelAdmin):
    """Asks, before one row is deleted, with what comes of it."""

    delete_confirmation_template = "admin/signpost/delete.html"
    act = "Delete"

    def consequence(self, request: HttpRequest, obj: Any) -> str:
        raise NotImplementedError  # what comes of it is different for every model

    def called(self, obj: Any) -> str:
        return str(obj)

    def final(self, request: HttpRequest, obj: Any) -> bool:
        """Whether there is no way back."""
        return True

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        obj = self.get_object(request, object_id)
        if obj is None or not self.has_delete_permission(request, obj):
            return super().delete_view(request, object_id, extra_context)
        said = {
            "named": self.called(obj),
            "consequence": self.consequence(request, obj),
            "final": self.final(request, obj),
            "act": self.act,
        }
        asks = f"{self.act} this {self.opts.verbose_name}?"
        return super().delete_view(request, object_id, {"title": asks, "asks": asks, **said, **(extra_context or {})})


def broken_by_removing(items: Iterable[Item], reader_id: int) -> list[tuple[Desk, Finding]]:
    """What in the reader's working copies would not hold without the items: of each thing that breaks, the first finding."""
    by_workspace: dict[Workspace, list[Item]] = {}
    for item in items:
        by_workspace.setdefault(item.workspace, []).append(item)
    found: dict[tuple[int, Any], tuple[Desk, Finding]] = {}
    for workspace, gone in by_workspace.items():
        desk = selectors.kept_desk(workspace, reader_id)
        for finding in desk.caused({(item.kind, item.key): None for item in gone}):
            found.setdefault((workspace.pk, finding.identity), (desk, finding))
    return list(found.values())
