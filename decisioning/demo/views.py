"""The demo shop's two views: the page itself, and what Signpost knows of the visitor who looks at it."""

from __future__ import annotations

import json
import re
import time
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from redis.exceptions import RedisError

from decisioning import identities, rulesets
from decisioning.redis import worker_client
from decisioning.rulesets import Live
from decisioning.tagging import describe, new_state
from rules.engine.workspace import Rule

WORKSPACE, PLACEMENT, SCORE = "apparel", "product-page", "intent"
VISITOR = re.compile(r"demo-[A-Za-z0-9-]{1,64}")
"""The panel needs no key, so it tells of nobody but the visitors that this page made up."""


@require_GET
@never_cache
def shop(request: HttpRequest) -> HttpResponse:
    _only_in_a_demo()
    return render(request, "demo/shop.html", {"key": _publishable_key(), "placement": PLACEMENT})


@require_GET
@never_cache
def panel(request: HttpRequest) -> JsonResponse:
    _only_in_a_demo()
    visitor = request.GET.get("anonymous_id", "")
    live = rulesets.live(WORKSPACE)
    if not VISITOR.fullmatch(visitor):
        return JsonResponse({"error": "anonymous_id must begin with demo-"}, status=400)
    if live is None:
        return JsonResponse({"error": f"{WORKSPACE} has no release yet"}, status=503)
    try:
        now = time.time()
        person = identities.known(worker_client(), WORKSPACE, f"a:{visitor}", live.definitions, now=now)
    except RedisError:
        return JsonResponse({"error": "the visitor's state can't be read now"}, status=503)
    known = describe(live.definitions, person.state if person else new_state(), now=now)
    return JsonResponse({"tags": known["tags"], "score": known["scores"].get(SCORE), "rules": _rules(live)})


def _only_in_a_demo() -> None:
    if not settings.DEMO:
        raise Http404


def _publishable_key() -> str:
    """The key that start.py made for the page; empty as long as it has not written it."""
    try:
        dev = json.loads((settings.DATA_DIR / "dev.json").read_text("utf-8"))
        return str(dev["keys"][WORKSPACE]["publishable"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _rules(live: Live) -> list[dict[str, Any]]:
    """The placement's tree as lines with their depth, as a marketer sees it."""

    def lines(rules: list[Rule], depth: int) -> list[dict[str, Any]]:
        return [
            line
            for rule in rules
            for line in ({"key": rule.key, "name": rule.name or rule.key, "depth": depth}, *lines(rule.children, depth + 1))
        ]

    placement = live.ruleset.placements.get(PLACEMENT)
    return lines(placement.rules, 0) if placement else []
