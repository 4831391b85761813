"""Links from the page of an authored thing to where it can be tried."""

from __future__ import annotations

from django.http import QueryDict
from django.urls import reverse

from rules.bodies import Body
from rules.selectors import Desk


def links(desk: Desk, kind: str, key: str, body: Body | None) -> dict[str, str]:
    """`try`: the playground with the placement chosen; `users`: how many it is about; `counts`: its form says so too.

    Without what a thing has no answer to.
    """
    workspace = desk.workspace.key
    placement = _placement(desk, kind, key, body)
    found = {"try": address("admin:try", workspace=workspace, placement=placement)} if placement else {}
    if kind in {"rule", "segment"}:
        found["counts"] = "while one types"
    if kind in {"rule", "segment", "placement"}:
        found["users"] = address("admin:try_users", workspace=workspace, kind=kind, key=key)
    return found


def _placement(desk: Desk, kind: str, key: str, body: Body | None) -> str:
    """The thing itself, the one that a rule is in, or the first that shows a template; "" where there is none."""
    if kind == "placement":
        return key
    if kind == "rule":
        return str((body or {}).get("placement", ""))
    if kind != "template":
        return ""
    for (whose, name), one in sorted(desk.bodies.items()):
        shown = one.get("then") or one.get("fallback") or {}
        if whose in {"rule", "placement"} and shown.get("template") == key:
            return str(one["placement"]) if whose == "rule" else name
    return ""


def address(name: str, **asked: str) -> str:
    query = QueryDict(mutable=True)
    query.update(asked)
    return f"{reverse(name)}?{query.urlencode()}"
