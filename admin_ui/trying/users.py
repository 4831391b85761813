"""How many users a draft is about: those that a rule's or a segment's conditions hold for, or who would get each rule of a placement."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone

from admin_ui.findings import in_words
from admin_ui.links import item_address, name_of
from admin_ui.opening import may_open
from decisioning import estimating, profiles, trying
from decisioning.estimating import Estimate, Share
from decisioning.trying import CantTry
from rules import bodies, selectors, words
from rules.engine import DocumentError, Problem
from rules.engine.strict import loads
from rules.models import Item, Workspace

PARTS = {"answer": "users_answer.html", "line": "users_line.html"}
"""What a script asks for by itself."""
LONGEST = 200_000
"""Characters of conditions that are not saved."""


def urls(site: admin.AdminSite) -> list[Any]:
    return [path("try/users/", site.admin_view(lambda request: page(site, request)), name="try_users")]


def page(site: admin.AdminSite, request: HttpRequest) -> HttpResponse:
    """`workspace`, `kind` (rule, segment, placement) and `key`. A post with `when` asks about conditions that are not saved.

    With the header `X-Signpost-Part` the answer comes by itself: all of it, or a line.
    """
    if not may_open(request.user, "admin:try_users"):
        raise PermissionDenied
    asked = request.POST if request.method == "POST" else request.GET
    workspace = get_object_or_404(Workspace, key=asked.get("workspace", ""))
    kind, key = asked.get("kind", "rule"), asked.get("key", "")
    if kind not in {"rule", "segment", "placement"}:
        raise Http404
    item = Item.objects.filter(workspace=workspace, kind=kind, key=key).select_related("workspace").first()
    if item is None and "when" not in asked:
        raise Http404
    context = {"workspace": workspace, "item": item, "kind": kind, "there": item_address(item) if item else None}
    try:
        context |= _placement(request, workspace, key) if kind == "placement" else _conditions(request, workspace, kind, key)
    except (CantTry, DocumentError) as error:
        context["refused"] = [in_words(problem) for problem in error.problems[:10]]
    except profiles.Unavailable:
        context["refused"] = ["The users' states can't be read now."]
    part = PARTS.get(request.headers.get("X-Signpost-Part", ""))
    if part:
        return TemplateResponse(request, f"admin/signpost/trying/{part}", context)
    name = name_of(item, selectors.kept_desk(workspace, request.user.pk).bodies.get((kind, key))) if item else ""
    title = f"How many users: {name}" if item else "How many users"
    context["name"] = name
    return TemplateResponse(request, "admin/signpost/trying/users.html", {**site.each_context(request), "title": title, **context})


def _conditions(request: HttpRequest, workspace: Workspace, kind: str, key: str) -> dict[str, Any]:
    """For how many the draft's conditions hold, and beside it those that are live, where they are others."""
    asked = request.POST
    desk = selectors.kept_desk(workspace, request.user.pk)
    if "when" in asked:
        when, live = _given(asked["when"]), None
    else:
        thing = desk.things[kind, key]
        when = (desk.bodies.get((kind, key)) or {}).get("when")
        live = (thing.released.body or {}).get("when", {}) if thing.released else None
    now = timezone.now().timestamp()
    estimate = estimating.matching(workspace, when, reader_id=request.user.pk, now=now)
    found = {
        "estimate": estimate,
        "share": estimate.of(estimating.MATCHING),
        "sentence": words.sentence(when, desk.names),
        **_how(estimate),
    }
    if live is not None and (live or None) != (when or None):
        before = estimating.matching(workspace, live or None, reader_id=request.user.pk, now=now)
        found |= {"before": before.of(estimating.MATCHING), "before_sentence": words.sentence(live, desk.names)}
    return found


def _given(text: str) -> Any:
    if len(text) > LONGEST:
        raise DocumentError([Problem("too_long", "$", f"these conditions are longer than {LONGEST:,} characters", "Use fewer.")])
    when = loads(text.encode(errors="replace")) if text.strip() else None
    return bodies.normal("segment", "asked", {"when": when}).get("when") if when else None


def _placement(request: HttpRequest, workspace: Workspace, key: str) -> dict[str, Any]:
    """Who would get each rule of the reader's draft, and of what is live."""
    now = timezone.now().timestamp()
    by = trying.under(workspace, trying.DRAFT, reader_id=request.user.pk, placements=[key])
    estimate = estimating.winners(by, key, now=now)
    try:
        live = trying.under(workspace, trying.LIVE, reader_id=request.user.pk)
        was = estimating.winners(live, key, now=now) if key in live.live.ruleset.placements else None
    except CantTry:
        was = None
    rows = sorted({*estimate.counts, *(was.counts if was else ())}, key=lambda rule: -estimate.counts.get(rule, 0))
    given = selectors.kept_desk(workspace, request.user.pk).names.given
    shares: list[tuple[str, Share, Share | None]] = [
        (given.get(("rule", rule), rule), estimate.of(rule), was.of(rule) if was else None) for rule in rows
    ]
    return {"estimate": estimate, "rows": shares, "live_too": was is not None, **_how(estimate)}


def _how(estimate: Estimate) -> dict[str, Any]:
    return {"took": max(1, round(estimate.seconds * 1000)), "age": max(0, round(timezone.now().timestamp() - estimate.sample.at))}
