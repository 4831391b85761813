"""Filters and tags for the admin's templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

from admin_ui import inhand
from admin_ui.guide.pages import help_address
from admin_ui.links import version_name
from admin_ui.moments import exactly
from admin_ui.opening import may_open
from admin_ui.undoing import offered, offered_at
from rules import words
from rules.models import PROXIES, Draft, Item

register = template.Library()


@register.filter
def says(body: Mapping[str, Any] | None, kind: str) -> str:
    """One line on what a body says."""
    return words.summary(kind, body)


@register.filter
def compared(operators: list[str]) -> str:
    """How a name may be compared, as the builder's selects say it: some words stand for several operators."""
    return ", ".join(dict.fromkeys(map(words.operator_words, operators)))


register.filter("exactly", exactly)
register.filter("version_name", version_name)


@register.filter
def get(mapping: Mapping[str, Any], key: str) -> Any:
    return mapping.get(key)


@register.filter
def pairs(mapping: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Its names with what they hold, also where one of the names is `items`, which a template takes for that entry."""
    return list(mapping.items())


@register.filter
def percent(share: Any) -> str:
    """A share with its margin: "12 % ± 2"."""
    if share is None:
        return words.NOTHING
    exact = share.low == share.high
    digits = 0 if share.share >= 0.1 or share.share == 0 else 1
    said = f"{share.share:.{digits}%}".replace("%", " %")
    return said if exact else f"{said} ± {max(share.margin * 100, 0.1):.{0 if share.margin >= 0.01 else 1}f}"


@register.filter
def people(share: Any) -> str:
    """How many users: exactly, or about and from where to where."""
    if share.fewest == share.most:
        return f"{share.users:,}"
    return f"about {_rounded(share.users):,} ({_rounded(share.fewest):,} to {_rounded(share.most):,})"


def _rounded(number: int) -> int:
    """Two digits that mean something: an estimate claims no more."""
    step = 10 ** max(0, len(str(number)) - 2)
    return round(number / step) * step


@register.filter
def plainly(number: float) -> str:
    """As attributes of HTML have it, whatever the language."""
    return f"{number:.4f}"


@register.simple_tag
def changes(kind: str, before: Mapping[str, Any] | str | None, after: Mapping[str, Any] | str | None) -> str:
    """What differs between two bodies, for people. A template has "" for a body that is not there, as of what was never released."""
    return words.changes(kind, *(None if isinstance(body, str) else body for body in (before, after)))


register.simple_tag(help_address)
register.filter(may_open)


@register.simple_tag(takes_context=True)
def workspace_name(context: template.Context, workspace: Any) -> str:
    """Its name, told from others of that name. Takes a key too."""
    return inhand.name_of(context["request"], workspace)


@register.simple_tag(takes_context=True)
def within(context: template.Context) -> str:
    """What the menu's addresses end with: the workspace that the page is of, else the one in hand."""
    return inhand.question(inhand.of_page(context["request"], context.get("workspace")))


@register.inclusion_tag("admin/signpost/undo.html", takes_context=True)
def undo_offers(context: template.Context, opts: Any, item: Item | None = None) -> dict[str, Any]:
    """What was done last and can be undone: above a list to what it lists, and a list of drafts lists every kind; else to this item."""
    request, kind = context["request"], getattr(opts.model, "KIND", None)
    kinds = {kind} if kind else set(PROXIES) if opts.model is Draft else set()
    workspace = item.workspace.key if item else request.GET.get("workspace") or None
    found = offered_at(request, item) if item else offered(request, kinds, workspace) if kinds else []
    told = [str(message).lower() for message in context.get("messages") or ()]
    offers = [
        {**one, "named": inhand.name_of(request, one["workspace"]), "told": any(one["words"].lower() in message for message in told)}
        for one in found
    ]
    return {"offers": offers, "several": not workspace, "back": request.get_full_path(), "csrf_token": context.get("csrf_token")}
