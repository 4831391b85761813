"""What a large shop has behind it: a rule of many versions, a second release, decisions in the archive, and a week of results."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

EDITED, VERSIONS = "rule-0500", 30
CHANGED = 60
"""Rules that differ between the two releases."""
DECISIONS, BATCH = 50_000, 5_000
RESULTS = """
INSERT INTO decisioning_hourly_result (hour, workspace, placement, rule, rule_version, kind, name, count)
SELECT date_trunc('hour', %s) - hours * interval '1 hour', %s, body->>'placement', key, 1, 'decision', 'matched', 5
FROM (SELECT item.key, version.body FROM rules_item item JOIN rules_version version ON version.item_id = item.id
      JOIN rules_workspace workspace ON workspace.id = item.workspace_id
      WHERE item.kind = 'rule' AND version.number = 1 AND workspace.key = %s) rules,
    generate_series(0, 167) hours
"""
"""Every rule won in every hour of a week."""


def edit(workspace: Any, now: datetime) -> None:
    """One rule again and again, then many once; all of it is live."""
    from rules import services
    from rules.models import Item

    def rename(key: str, name: str) -> None:
        body = Item.objects.get(workspace=workspace, kind="rule", key=key).versions.order_by("-number")[0].body
        services.save_draft(workspace.key, kind="rule", key=key, body={**body, "name": name}, author=services.COMMAND_LINE, now=now)

    for number in range(VERSIONS - 1):
        rename(EDITED, f"Rule 500, once more: {number}")
        services.submit(workspace.key, reason=f"try {number}", now=now, author=services.COMMAND_LINE)
    for number in range(CHANGED):
        rename(f"rule-{number:04}", f"Rule {number}, renamed")
    services.publish(workspace.key, actor=services.COMMAND_LINE, reason="names", now=now)


def decide(workspace: Any, now: datetime) -> None:
    """A day of decisions, of as many users as a tenth of them."""
    from decisioning.models import DecisionRecord
    from tests.benchmarks.asking import made_up

    draw = random.Random(7)
    for _ in range(DECISIONS // BATCH):
        moments = [now - timedelta(seconds=draw.uniform(0, 86_400)) for _ in range(BATCH)]
        DecisionRecord.objects.bulk_create(made_up(draw, workspace.key, at, 1, f"rule-{draw.randrange(1_000):04}", 1) for at in moments)


def win(workspace: Any, now: datetime) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(RESULTS, [now, workspace.key, workspace.key])
