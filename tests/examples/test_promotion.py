"""In apparel, scrolling weighs twice as much in Black Friday week, and on its dates only."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from decisioning.tagging import compile_definitions, facts, fold, new_state
from decisioning.tagging.event import Event
from rules.engine import compile_ruleset, parse_workspace
from tests.examples.shipped import document


def decided(moment: datetime) -> tuple[float, str | None]:
    """The score of a page that was just scrolled to its end, and the rule that decides."""
    workspace, now = parse_workspace(document("apparel")), moment.timestamp()
    ruleset = compile_ruleset(workspace)
    definitions = compile_definitions(workspace, ruleset.names)
    scrolled = Event("apparel", "a:ann", "m-1", "track", "Page Scrolled", now, now, {"depth": 1})
    seen = facts(definitions, fold(definitions, new_state(), scrolled).state, now=now, context={}, session=None, timezone="UTC")
    rule = ruleset.decide("product-page", seen).rule
    return seen.get("scores.intent"), rule.key if rule else None


@pytest.mark.parametrize(
    ("moment", "score", "rule"),
    [
        (datetime(2026, 11, 22, 23, 59, 59, tzinfo=UTC), 0.3, "low-intent"),
        (datetime(2026, 11, 23, tzinfo=UTC), 0.6, "medium-intent"),
        (datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC), 0.6, "medium-intent"),
        (datetime(2026, 12, 1, tzinfo=UTC), 0.3, "low-intent"),
    ],
)
def test_the_boost_holds_on_its_dates_only(moment, score, rule):
    assert decided(moment) == (pytest.approx(score), rule)
