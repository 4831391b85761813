"""The help that stands on every page of who is signed in."""

from __future__ import annotations

from typing import Any

from django import template

from admin_ui.helping.places import places
from admin_ui.helping.tour import tour

register = template.Library()


@register.inclusion_tag("admin/signpost/help.html", takes_context=True)
def helping(context: dict[str, Any]) -> dict[str, Any]:
    user, workspace = context["user"], context.get("workspace")
    return {"places": places(user, getattr(workspace, "key", ""), getattr(workspace, "pk", None)), "steps": tour(user), "reader": user.pk}
