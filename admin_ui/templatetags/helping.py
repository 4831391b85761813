"""The help that stands on every page of who is signed in."""

from __future__ import annotations

from typing import Any

from django import template

from admin_ui.helping.places import places
from admin_ui.helping.teaching import TEACHES
from admin_ui.helping.tour import tour

register = template.Library()


@register.inclusion_tag("admin/signpost/help.html", takes_context=True)
def helping(context: dict[str, Any]) -> dict[str, Any]:
    user, workspace = context["user"], context.get("workspace")
    return {"places": places(user, getattr(workspace, "key", ""), getattr(workspace, "pk", None)), "steps": tour(user), "reader": user.pk}


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
