"""Where outlines are shown: the page of all rules, placement by placement, and a placement's own page."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone

from admin_ui import inhand
from admin_ui.editing.marks import others
from admin_ui.filing.lists import NONE, number
from admin_ui.outline.rows import notes, outlines
from admin_ui.results.wins import wins
from admin_ui.undoing import remembered
from rules import selectors
from rules.models import Rule, Workspace
from rules.selectors import STATES, Desk, Shelf

NEEDED = ("pk", "key", "shown", "state", "has_draft", "draft_author", "live_number")
"""Of what `with_state` knows: the bodies that it compares stay in the database."""


def tree_page(admin: Any, request: HttpRequest) -> HttpResponse:
    """The rules of one workspace as they are tried, found by their words and by their state."""
    if not admin.has_view_permission(request):
        raise PermissionDenied
    workspaces = inhand.known(request)
    workspace = inhand.of_page(request) or (workspaces[0] if workspaces else None)
    state = request.GET.get("state", "")
    terms, only = request.GET.get("q", "")[:200], request.GET.get("placement", "")
    context = {
        **admin.admin_site.each_context(request),
        "title": "Rules",
        "opts": admin.opts,
        "workspaces": inhand.choices(request),
        "terms": terms,
        "only": only,
        "state": state if state in STATES else "",
        "states": STATES,
        "has_add_permission": admin.has_add_permission(request),
    }
    if workspace is not None:
        shelves = selectors.shelves([workspace])
        asked = request.GET.get("folder", "")
        among = _among(workspace, shelves, asked)
        context |= {"folders": [(str(shelf.folder.pk), shelf.words) for shelf in shelves], "folder": asked if among is not None else ""}
        desk = selectors.kept_desk(workspace, request.user.pk)
        context |= outline(request, desk, only=only, terms=terms, state=context["state"], among=among)
    return TemplateResponse(request, "admin/signpost/rule_tree.html", context)


def _among(workspace: Workspace, shelves: list[Shelf], asked: str) -> set[str] | None:
    """The keys of the rules that a folder asked for holds, or that no folder does; None: whatever folder they lie in."""
    if asked == NONE and shelves:
        rules = set(Rule.objects.filter(workspace=workspace).values_list("key", flat=True))
        return rules - selectors.filed_at_all(workspace, Rule.KIND)
    within = selectors.with_beneath(shelves, number(asked))
    return selectors.filed_in(within, Rule.KIND) if within else None


def outline(request: HttpRequest, desk: Desk, *, only: str = "", **asked: Any) -> dict[str, Any]:
    """What the template of an outline needs. Two queries more than the desk's own, however many rules there are."""
    now = timezone.now()
    rules = selectors.with_state(Rule.objects.filter(workspace=desk.workspace), now, desk.author_id)
    items = (rules.filter(shown__placement=only) if only else rules).values_list(*NEEDED, named=True)
    later = desk.waits(now.timestamp()) and "found" not in request.GET
    findings = [] if later else desk.found(now.timestamp())
    placements = [(key, body.get("name") or key) for (kind, key), body in sorted(desk.bodies.items()) if kind == "placement"]
    return {
        "workspace": desk.workspace,
        "outlines": outlines(desk, items, findings, only=only, **asked),
        "later": later,
        "placements": placements,
        "wins": wins(desk.workspace.key, now),
        "editing_now": {key: words for (_, key), words in others([desk.workspace.key], "rule", request.user.pk).items()},
        "may_change": request.user.has_perm("rules.change_rule"),
        "may_add": request.user.has_perms(["rules.change_rule", "rules.add_rule"]),
        "may_remove": request.user.has_perms(["rules.change_rule", "rules.delete_rule"]),
        "back": request.get_full_path(),
        **remembered(request, desk.workspace.key),
    }


def notes_view(admin: Any, request: HttpRequest) -> HttpResponse:
    """What was found of each rule, for an outline that was shown before it was looked for: by key, pairs of a tone and words."""
    if not admin.has_view_permission(request):
        raise PermissionDenied
    desk = selectors.kept_desk(get_object_or_404(Workspace, key=request.GET.get("workspace", "")), request.user.pk)
    return JsonResponse(notes(desk, desk.found(timezone.now().timestamp())))
