"""A large shop: four placements of unequal size, rules that nest, templates that read traits and tags, a release, drafts and results."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.benchmarks.pages import past

WORKSPACE = "large"
SHARES = {"home-hero": 0.45, "cart-banner": 0.3, "newsletter": 0.15, "app-inbox": 0.1}
"""Placements, and how much of the rules each has."""
DEVICES = ["phone", "tablet", "desktop"]
DRAFTS = 60


def document(rules: int, tags: int, templates: int) -> dict[str, Any]:
    names = [f"tag-{number:04}" for number in range(tags)]
    placements, made = [], 0
    for place, (key, share) in enumerate(SHARES.items()):
        count = round(rules * share) if place < len(SHARES) - 1 else rules - made
        placements.append({"key": key, "fallback": {"template": "text-000"}, "rules": _tree(range(made, made + count), names, templates)})
        made += count
    return {
        "schema": 1,
        "workspace": {"key": WORKSPACE, "name": "A large shop", "timezone": "UTC"},
        "traits": [{"key": "spent", "type": "number"}, {"key": "plan", "type": "one_of", "values": ["free", "gold"]}],
        "signals": [{"key": f"signal-{number}", "event": f"Event {number}"} for number in range(12)],
        "tags": [
            {"key": key, "name": f"Did thing {number}", "ttl": "30d", "assign": {"event": f"Did thing {number}"}}
            for number, key in enumerate(names)
        ],
        "scores": [
            {"key": f"score-{n}", "terms": [{"signal": f"signal-{n}", "weight": 2}], "bands": {"low": 0, "high": 10}} for n in range(5)
        ],
        "thresholds": [{"key": f"limit-{number}", "value": number + 1} for number in range(8)],
        "segments": [
            {"key": f"segment-{number}", "when": {"name": "tags", "operator": "contains", "value": names[number * 7 % tags]}}
            for number in range(20)
        ],
        "templates": [
            {"key": f"text-{number:03}", "name": f"Text {number}", "body": f"<p>{number}: {{{{ traits.spent }}}}</p>"}
            for number in range(templates)
        ],
        "placements": placements,
    }


def _tree(numbers: range, tags: list[str], templates: int) -> list[dict[str, Any]]:
    """Every tenth rule has the next four beneath it, the last of them for whom it does not hold."""
    found: list[dict[str, Any]] = []
    for index, number in enumerate(numbers):
        rule = _rule(number, tags, templates)
        if index % 10 in {1, 2, 3, 4}:
            found[-1].setdefault("children", []).append(rule | ({"branch": "else"} if index % 10 == 4 else {}))
        else:
            found.append(rule)
    return found


def _rule(number: int, tags: list[str], templates: int) -> dict[str, Any]:
    return {
        "key": f"rule-{number:04}",
        "name": f"Rule {number}",
        "when": {
            "all": [
                {"name": "tags", "operator": "contains", "value": tags[number * 2 % len(tags)]},
                {
                    "any": [
                        {"name": "traits.spent", "operator": "greater_than", "value": number},
                        {"name": f"counts.signal-{number % 12}.7d", "operator": "less_than", "value": {"threshold": f"limit-{number % 8}"}},
                    ]
                },
                {"name": "context.device", "operator": "equal_to", "value": DEVICES[number % 3]},
            ]
        },
        "then": {"template": f"text-{number % templates:03}"},
    }


def fill(author: Any, rules: int, tags: int, templates: int) -> None:
    """Published and edited, with what came of it, and with drafts of the author and of nobody in particular."""
    from django.db import connection

    from rules import services
    from rules.engine import parse_workspace
    from rules.models import Workspace

    now = datetime.now(UTC)
    whole = document(rules, tags, templates)
    services.load_document(parse_workspace(whole), author=services.COMMAND_LINE, now=now)
    services.publish(WORKSPACE, actor=services.COMMAND_LINE, reason="everything", now=now)
    workspace = Workspace.objects.get(key=WORKSPACE)
    past.edit(workspace, now)
    past.win(workspace, now)
    past.decide(workspace, now)
    for number in range(DRAFTS):
        kept = {"name": f"Text {number}", "body": f"<p>draft {number}: {{{{ traits.spent }}}}</p>"}
        who = author if number % 2 else services.COMMAND_LINE
        services.save_draft(WORKSPACE, kind="template", key=f"text-{number:03}", body=kept, author=who, now=now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # what autovacuum has done long since where all of it came one by one
