"""Where two people changed one thing: both sides in words, and the buttons that put one's draft on what came meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone

from admin_ui.pages import tell
from rules import selectors, services, words
from rules.engine import DocumentError
from rules.selectors import Conflict, Thing

SAID = {
    "mine": "Your draft now starts from the newest version and says what it said.",
    "theirs": "Your draft now says what theirs says.",
    "both": "Your draft now holds both sides' changes; where both changed one field, yours.",
    "back": "Your draft says again what it said before.",
}


@dataclass(frozen=True, slots=True)
class Sides:
    """A conflict as the page shows it."""

    title: str
    mine: list[str]
    theirs: list[str]
    clashes: str
    value: str
    """What the buttons say of the other side: the draft's id and revision, or nothing for a version."""
    mergeable: bool
    outdated: bool


def differences(kind: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[str]:
    """What one side changed, a sentence each. The one place of this page that knows how differences are said."""
    return [change.words for change in words.differences(kind, before, after)] or ["Nothing."]


def sides(kind: str, thing: Thing, reader_id: int) -> list[Sides]:
    return [_sides(kind, conflict) for conflict in selectors.conflicts(thing, reader_id)]


def _sides(kind: str, conflict: Conflict) -> Sides:
    draft, version = conflict.draft, conflict.version
    if draft:
        title = f"{draft.author_name} has a draft of this too"
    else:
        title = f"{version.author_name} made version {version.number} after you began" if version else "What you began from is gone"
    return Sides(
        title=title,
        mine=differences(kind, conflict.base, conflict.mine),
        theirs=differences(kind, conflict.base, conflict.theirs),
        clashes=", ".join(words.label(field) for field in conflict.clashes),
        value=f":{draft.pk}:{draft.revision}" if draft else "",
        mergeable=conflict.mergeable,
        outdated=draft is None,
    )


def rebase(model_admin: admin.ModelAdmin, request: HttpRequest, item_id: int, address: str) -> HttpResponse:
    """One of the buttons was pressed: `way` says which, and after a colon the draft and the revision that the reader saw."""
    if request.method != "POST" or not model_admin.has_change_permission(request):
        raise PermissionDenied
    item = get_object_or_404(model_admin.model, pk=item_id)
    way, *seen = request.POST.get("way", "").split(":")
    if way not in SAID or not (len(seen) in (0, 2) and all(part.isascii() and part.isdigit() and len(part) < 19 for part in seen)):
        raise PermissionDenied
    other, revision = map(int, seen) if seen else (None, None)
    try:
        services.rebase_draft(
            item,
            author=request.user,
            way=way,
            now=timezone.now(),
            expected=request.POST.get("token", ""),
            other=other,
            revision=revision,
        )
        messages.success(request, SAID[way])
    except DocumentError as refused:
        tell(request, refused)
    return HttpResponseRedirect(address)
