"""The help that stands on every page of who is signed in."""

from __future__ import annotations

from typing import Any

from django import template

from admin_ui import inhand
from admin_ui.helping.places import places
from admin_ui.helping.teaching import TEACHES
from admin_ui.helping.tour import tour

ALL = "All workspaces"

register = template.Library()


@register.inclusion_tag("admin/signpost/help.html", takes_context=True)
def helping(context: dict[str, Any]) -> dict[str, Any]:
    user, workspace = context["user"], inhand.of_page(context["request"], context.get("workspace"))
    return {"places": places(user, getattr(workspace, "key", ""), getattr(workspace, "pk", None)), "steps": tour(user), "reader": user.pk}


@register.inclusion_tag("admin/signpost/switcher.html", takes_context=True)
def switcher(context: dict[str, Any]) -> dict[str, Any]:
    """The choice of the workspace in hand, where there are several and the reader may see them."""
    request = context["request"]
    if not request.user.has_perm("rules.view_workspace") or len(inhand.known(request)) < 2:
        return {}
    current, chosen = inhand.of_page(request, context.get("workspace")), inhand.in_hand(request)
    return {
        "workspaces": inhand.choices(request),
        "current": inhand.name_of(request, current) if current else ALL,
        "key": current.key if current else "",
        "chosen": (inhand.name_of(request, chosen) if chosen else ALL) if chosen != current else "",
        "all": ALL,
        "back": request.path if request.method == "GET" else "",
    }


@register.inclusion_tag("admin/signpost/empty_list.html", takes_context=True)
def empty_list(context: dict[str, Any]) -> dict[str, Any]:
    """In place of a list with nothing in it: that nothing fits what was asked for, or what would be there and how."""
    cl = context["cl"]
    return {
        "opts": cl.opts,
        "searched": bool(cl.query or set(cl.params) - {"workspace"}),
        "workspace": cl.params.get("workspace", ""),
        "teaches": TEACHES.get(cl.opts.model_name, ""),
        "may_add": context.get("has_add_permission"),
    }
