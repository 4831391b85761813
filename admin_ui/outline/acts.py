"""What is done to rules on an outline: read from its form, carried out as the reader's drafts, remembered for undoing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from admin_ui.links import name_of
from admin_ui.outline.spots import beside, of_a_new_rule, one, refused
from admin_ui.pages import tell
from admin_ui.undoing import came_from, remember
from rules import selectors, services
from rules.arranging import STEPS, Spot
from rules.engine import DocumentError
from rules.models import Item, Workspace

NEEDS = {"remove": "rules.delete_rule", "copy": "rules.add_rule", "add": "rules.add_rule"}
"""The permission an act asks for, where it is more than changing rules."""


def arrange_view(admin: Any, request: HttpRequest) -> HttpResponse:
    """One act. Answers with the page it came from, which then offers to undo it."""
    act = request.POST.get("act", "")
    if request.method != "POST" or not request.user.has_perms(["rules.change_rule", NEEDS.get(act, "rules.change_rule")]):
        raise PermissionDenied
    if any("\0" in value for _, values in request.POST.lists() for value in values):
        raise BadRequest("A form can't hold a NUL character.")
    workspace = get_object_or_404(Workspace, key=request.POST.get("workspace", ""))
    back = came_from(request, f"{reverse('admin:rules_rule_changelist')}?workspace={workspace.key}")
    try:
        if act == "remove" and request.POST.get("sure") != "yes":
            return _ask(admin, request, workspace, back)
        done = _carry_out(request, workspace.key, act)
    except DocumentError as problem:
        tell(request, problem)
        return HttpResponseRedirect(back)
    remember(request, workspace.key, done, just=done.keys)
    messages.add_message(request, messages.SUCCESS if done.undo else messages.INFO, done.words)
    if act == "add":
        item = Item.objects.get(workspace=workspace, kind="rule", key=done.keys[0])
        return HttpResponseRedirect(reverse("admin:rules_rule_change", args=[item.pk]))
    return HttpResponseRedirect(back)


def _carry_out(request: HttpRequest, workspace: str, act: str) -> services.Done:
    chosen, by = request.POST.getlist("chosen"), {"author": request.user, "now": timezone.now()}
    if act in STEPS:
        return services.move_rules(workspace, act, chosen, **by)
    match act:
        case "on" | "off":
            return services.switch_rules(workspace, chosen, on=act == "on", **by)
        case "copy":
            return services.copy_rules(workspace, chosen, **by)
        case "remove":
            return services.remove_rules(workspace, chosen, **by)
        case "place":
            return services.place_rules(workspace, chosen, beside(workspace, request), **by)
        case "to":
            return services.place_rules(workspace, chosen, Spot(one(request, "to", "Choose a placement to move them to.")), **by)
        case "add":
            name = one(request, "name", "Give the new rule a name.")
            return services.add_rule(workspace, name, of_a_new_rule(workspace, request, chosen), **by)
    raise refused("This page does not know what to do.")


def _ask(admin: Any, request: HttpRequest, workspace: Workspace, back: str) -> HttpResponse:
    """Before a removal: what goes, and what goes with it."""
    desk = selectors.kept_desk(workspace, request.user.pk)
    rules = {key: body for (kind, key), body in desk.bodies.items() if kind == "rule"}
    chosen = request.POST.getlist("chosen")
    goes = services.removed_with(rules, chosen)
    things = {key: desk.things["rule", key].item for key in goes}
    context = {
        **admin.admin_site.each_context(request),
        "title": "Remove this rule?" if len(goes) == 1 else f"Remove these {len(goes)} rules?",
        "opts": admin.opts,
        "workspace": workspace,
        "chosen": chosen,
        "goes": [(name_of(things[key], rules[key]), rules[key], key not in chosen) for key in goes],
        "live": sum(bool(desk.things["rule", key].released and desk.things["rule", key].released.body) for key in goes),
        "back": back,
    }
    return TemplateResponse(request, "admin/signpost/outline_remove.html", context)
