"""Where on an outline something is to stand, as its forms say it."""

from __future__ import annotations

from django.http import HttpRequest

from rules import arranging, services
from rules.arranging import Spot
from rules.bodies import Body
from rules.engine import DocumentError, Problem
from rules.selectors import Desk

ENDS = ("first", "last")
"""Places of a new rule that ask for no rule beside it."""


def beside(workspace: str, request: HttpRequest) -> Spot:
    """Before, after, beneath or otherwise-beneath the rule that is named."""
    return _by(_desk(workspace, request), one(request, "beside", "Choose the rule it should stand beside."), request.POST.get("where", ""))


def of_a_new_rule(workspace: str, request: HttpRequest, chosen: list[str]) -> Spot:
    """First or last in a placement, or by the last ticked rule. Raises DocumentError where the form names no such place."""
    desk, where = _desk(workspace, request), request.POST.get("where") or ("after" if chosen else "last")
    placement = request.POST.get("placement", "")
    ticked = _body(desk, chosen[-1]) if chosen else None
    if where in ENDS:
        placement = placement or (ticked["placement"] if ticked else one(request, "placement", "Choose the placement of the new rule."))
        rules = {key: body for (kind, key), body in desk.bodies.items() if kind == "rule"}
        top = arranging.siblings(rules, placement, None)
        return Spot(placement, before=top[0] if where == "first" and top else None)
    if ticked is None:
        raise refused("Tick the rule it should stand beside, or add it first or last.")
    if placement and placement != ticked["placement"]:
        raise refused("The ticked rule stands in another placement. Choose its placement, or add the new rule first or last.")
    return _by(desk, chosen[-1], where)


def one(request: HttpRequest, name: str, missing: str) -> str:
    """A field of a form that may not be empty. Raises DocumentError with those words where it is."""
    value = request.POST.get(name, "").strip()
    if not value:
        raise refused(missing)
    return value


def refused(words: str) -> DocumentError:
    return DocumentError([Problem("bad_act", "$", words)])


def _by(desk: Desk, key: str, where: str) -> Spot:
    body = _body(desk, key)
    if where in {"within", "otherwise"}:
        return Spot(body["placement"], key, "else" if where == "otherwise" else "then")
    spot = Spot(body["placement"], body.get("parent"), body.get("branch", "then"))
    return spot._replace(before=key) if where == "before" else spot._replace(after=key)


def _body(desk: Desk, key: str) -> Body:
    body = desk.bodies.get(("rule", key))
    if body is None:
        raise refused(f"There is no rule {key} in your working copy.")
    return body


def _desk(workspace: str, request: HttpRequest) -> Desk:
    return Desk(services.find(workspace), request.user.pk)
