"""The page of a rule's or a placement's results."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import urlencode

from admin_ui.links import item_address, name_of
from admin_ui.opening import may_open
from admin_ui.results.figures import PERIODS, figures
from rules import selectors
from rules.models import Item

KINDS = ("rule", "placement")
DEFAULT = "7d"


def urls(site: AdminSite) -> list[Any]:
    return [path("results/<int:item_id>/", site.admin_view(lambda request, item_id: page(site, request, item_id)), name="results")]


def page(site: AdminSite, request: HttpRequest, item_id: int) -> HttpResponse:
    if not may_open(request.user, "admin:results"):
        raise PermissionDenied
    now = timezone.now()
    item = get_object_or_404(selectors.with_state(Item.objects.select_related("workspace"), now, request.user.pk), pk=item_id)
    if item.kind not in KINDS:
        raise Http404
    chosen = request.GET.get("period", DEFAULT)
    period = PERIODS.get(chosen, PERIODS[DEFAULT])
    found = figures(item.workspace.key, item.kind, item.key, period, now)
    question = urlencode({"workspace": item.workspace.key, item.kind: item.key})
    context = {
        "title": f"Results of {name_of(item, item.shown)}",
        "name": name_of(item, item.shown),
        "item": item,
        "address": item_address(item),
        "period": period,
        "periods": [(name, one.words, one is period) for name, one in PERIODS.items()],
        "figures": found,
        "named": _named(item, {row.rule for row in found.rows}, request.user.pk),
        "decisions": f"{reverse('admin:decisioning_decisionrecord_changelist')}?{question}",
        "may_see_decisions": request.user.has_perm("decisioning.view_decisionrecord"),
    }
    return TemplateResponse(request, "admin/signpost/results.html", {**site.each_context(request), **context})


def _named(item: Item, rules: set[str], reader_id: int) -> dict[str, dict[str, Any]]:
    """The rules that are still there, to be named and linked; history outlives a workspace's reloading."""
    there = Item.objects.filter(workspace=item.workspace_id, kind="rule", key__in=rules)
    found = selectors.with_state(there, timezone.now(), reader_id)
    return {rule.key: {"pk": rule.pk, "name": name_of(rule, rule.shown)} for rule in found}
