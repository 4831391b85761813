"""What a form's page needs so that nothing typed in it gets lost: its sitting, and what an earlier one left."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from admin_ui.editing import said
from decisioning import presence
from rules import selectors, services
from rules.models import PROXIES, Autosave, Item, Workspace
from rules.selectors import Desk, TypedIn

ASKED = "typed"
"""The parameter of an address that shows what was typed before, instead of what is saved."""
SITTING = re.compile(r"[0-9a-f]{16}")
UNKEPT = re.compile(r"csrfmiddlewaretoken|way|_.*|try[._].*", re.DOTALL)
"""Fields that are no part of the thing: what the page itself needs, its buttons, and what one only tries with."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What was typed before and not saved. `news`: what came since, which it does not know of."""

    ago: str
    at: datetime
    news: list[str]
    go_on: str
    sitting: str


def may_type(request: HttpRequest, kind: str, *, new: bool) -> bool:
    return bool(request.user.has_perm(f"rules.{'add' if new else 'change'}_{PROXIES[kind]._meta.model_name}"))  # noqa: SLF001  Django's public word for it


def continued(request: HttpRequest, desk: Desk, kind: str, item: Item | None) -> QueryDict | None:
    """What an earlier sitting typed, for a form that is asked to go on with it."""
    if request.method != "GET" or request.GET.get(ASKED) != "continue":
        return None
    row = _kept(request, desk, kind, item)
    return _over(row, desk, item) if row else None


def _over(row: Autosave, desk: Desk, item: Item | None) -> QueryDict:
    """On the author's draft as it is now, as the page says; but on the version it was typed over, so that a newer one is not lost."""
    fields = QueryDict(row.typed, mutable=True)
    thing = desk.things[row.kind, item.key] if item else None
    if thing is not None:
        begun = thing.base_of(row.token)
        now = thing.token(desk.author_id)
        fields["token"] = f"{now.rpartition('.')[0]}.{begun}" if begun else now
    return fields


def editing(request: HttpRequest, desk: Desk, kind: str, item: Item | None, token: str) -> dict[str, Any] | None:
    """For the page's template; None for who may only look."""
    if not may_type(request, kind, new=item is None):
        return None
    now = timezone.now()
    row = None if request.method == "POST" else _kept(request, desk, kind, item)
    going_on = row is not None and request.GET.get(ASKED) == "continue"
    return {
        "key": item.key if item else "",
        "token": token,
        "sitting": sitting_of(request, "_sitting") or secrets.token_hex(8),
        "over": row.sitting if row and going_on else sitting_of(request, "_over"),
        "opened": opened_of(request, now).isoformat(),
        "every": presence.EVERY,
        "offer": _offer(request, row, desk, item, now) if row else None,
        "going_on": going_on,
        "posted": request.method == "POST",
        **{name: reverse(f"admin:editing_{name}", args=[desk.workspace.key, kind]) for name in ("keep", "forget", "here")},
    }


def sitting_of(request: HttpRequest, name: str) -> str:
    """As the page sent it; empty where it sent none."""
    said_there = request.POST.get(name, "")
    return said_there if SITTING.fullmatch(said_there) else ""


def opened_of(request: HttpRequest, now: datetime) -> datetime:
    """When the form was opened; one that came back with errors was opened before."""
    try:
        at = parse_datetime(request.POST.get("_opened", ""))
    except ValueError:
        at = None
    return at if at and at.tzinfo and at < now else now


def kept_fields(request: HttpRequest) -> str:
    """The form's own fields of what the page sent, as a browser sends them."""
    fields = request.POST.copy()
    for name in [name for name in fields if UNKEPT.fullmatch(name)]:
        del fields[name]
    return fields.urlencode()


def finished(request: HttpRequest, workspace: Workspace, kind: str, key: str) -> None:
    """The form was saved, or its draft discarded. `key`: empty where it was the form for a new thing."""
    if sitting := sitting_of(request, "_sitting"):
        form = TypedIn(workspace, kind, key, request.user.pk)
        services.finish_typed(form, sitting=sitting, over=sitting_of(request, "_over"), now=timezone.now())


def _kept(request: HttpRequest, desk: Desk, kind: str, item: Item | None) -> Autosave | None:
    if not may_type(request, kind, new=item is None):
        return None
    return selectors.typed_in(TypedIn(desk.workspace, kind, item.key if item else "", request.user.pk))


def _offer(request: HttpRequest, row: Autosave, desk: Desk, item: Item | None, now: datetime) -> Offer:
    asked = request.GET.copy()
    asked[ASKED] = "continue"
    found = []
    if item is not None:
        thing = desk.things[row.kind, item.key]
        found = selectors.meanwhile(thing, request.user.pk, token=row.token, since=row.saved_at)
    told = [said.news(one, request.user.pk, now) for one in found]
    return Offer(said.ago(row.saved_at, now), row.saved_at, told, f"?{asked.urlencode()}", row.sitting)
