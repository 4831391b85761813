"""The workspace in hand: chosen once, kept in the reader's session, followed wherever an address names no other."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict

from rules.models import Workspace

KEPT = "workspace"
"""In the session: a key. Not there: all workspaces."""


def known(request: HttpRequest) -> list[Workspace]:
    """All there are, by key; read once for a page."""
    if not hasattr(request, "workspaces"):
        request.workspaces = list(Workspace.objects.order_by("key"))
    return request.workspaces


def in_hand(request: HttpRequest) -> Workspace | None:
    """None: all of them."""
    key = request.session.get(KEPT)
    return _of_key(request, key) if key else None


def asked(request: HttpRequest) -> str:
    """The key that the address names, empty where it says all of them; else that of the one in hand, or empty."""
    if "workspace" in request.GET:
        return request.GET["workspace"]
    chosen = in_hand(request)
    return chosen.key if chosen else ""


def of_page(request: HttpRequest, shown: Any = None) -> Workspace | None:
    """The workspace that a page is of: `shown`, what it is about, if that is one; else the one asked for or in hand."""
    return shown if isinstance(shown, Workspace) else _of_key(request, asked(request))


def for_new(request: HttpRequest) -> Workspace | None:
    """For something new: the one asked for, the one the list was filtered by, the one in hand, or the only one."""
    if len(known(request)) == 1:
        return known(request)[0]
    if "workspace" in request.GET:
        return of_page(request)
    filtered = QueryDict(request.GET.get("_changelist_filters", ""), mutable=False)
    return _of_key(request, filtered["workspace"]) if filtered.get("workspace") else in_hand(request)


def name_of(request: HttpRequest, workspace: Any) -> str:
    """Its name, with its key beside it where another's name is alike. Takes a key too."""
    name = plain_name(request, workspace)
    alike = sum(_folded(one) == name.strip().casefold() for one in known(request)) > 1
    return f"{name} ({getattr(workspace, 'key', workspace)})" if alike else name


def plain_name(request: HttpRequest, workspace: Any) -> str:
    """Its name alone, or its key where it has none. Takes a key too: it may be of a workspace that is no more."""
    return str(workspace if isinstance(workspace, Workspace) else _of_key(request, str(workspace)) or workspace)


def choices(request: HttpRequest) -> list[tuple[str, str]]:
    """Keys with names, for a select."""
    return [(workspace.key, name_of(request, workspace)) for workspace in known(request)]


def offer(request: HttpRequest, field: Any) -> None:
    """A form's field of workspaces says them by `name_of`, and begins with the one of the page."""
    field.label_from_instance = lambda workspace: name_of(request, workspace)
    field.initial = of_page(request)


def question(workspace: Workspace | None) -> str:
    """For the end of an address that can be of one workspace."""
    return f"?{urlencode({'workspace': workspace.key})}" if workspace else ""


def _of_key(request: HttpRequest, key: str) -> Workspace | None:
    return next((workspace for workspace in known(request) if workspace.key == key), None)


def _folded(workspace: Workspace) -> str:
    return str(workspace).strip().casefold()
