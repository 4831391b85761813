"""Every name of the vocabulary, as conditions read it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from decisioning.tagging import facts, new_state
from rules.engine import compile_ruleset, parse_workspace
from tests.tagging.building import START, defined, event, folded, identify, seen, value

NOTHING = defined()


def at(moment: datetime, timezone: str):
    return facts(NOTHING, new_state(), now=moment.timestamp(), context={}, timezone=timezone)


def test_tags_are_never_missing():
    assert seen(NOTHING, new_state()).get("tags", "missing") == []


@pytest.mark.parametrize(
    "name", ["traits.plan", "scores.none", "scores.none.band", "counts.none.total", "context.device", "session.nothing", "time.nothing",
             "user.nothing", "nothing", "", "tags.x", "counts", "counts.none", "traits", "scores"],
)  # fmt: skip
def test_what_is_not_there_is_missing(name):
    assert seen(NOTHING, new_state()).get(name, "missing") == "missing"


def test_context_is_read_by_its_path():
    facts = seen(NOTHING, new_state(), context={"device": "mobile", "page": {"path": "/p/1"}, "net": {"slow": False}, "gone": None})

    assert [facts.get(f"context.{path}", "missing") for path in ("device", "page.path", "net.slow", "page.path.x", "gone")] == [
        "mobile", "/p/1", False, "missing", "missing",
    ]  # fmt: skip


def test_context_is_the_requests_never_that_of_past_events():
    assert value(NOTHING, [event("Product Viewed", context={"device": "mobile"})], "context.device") == "missing"


def test_a_name_is_computed_once_and_told_in_what_was_read():
    facts = seen(NOTHING, folded(NOTHING, [identify(plan="gold")]))

    assert facts.get("tags") is facts.get("tags")
    assert (facts.get("traits.plan"), facts.get("traits.city", "missing")) == ("gold", "missing")
    assert facts.read() == {"tags": [], "traits.plan": "gold", "traits.city": None}


@pytest.mark.parametrize(("user", "known"), [("u:alice", True), ("a:browser-1", False)])
def test_a_user_with_an_id_is_known(user, known):
    assert value(NOTHING, [event("Anything", user=user)], "user.known") is known
    assert seen(NOTHING, new_state(), user=user).get("user.known") is known


def test_time_is_the_workspaces_own():
    moment = datetime.fromtimestamp(START, ZoneInfo("UTC"))  # Saturday 10:00

    assert [at(moment, "UTC").get(name) for name in ("time.hour", "time.weekday", "time.date")] == [10, "sat", "2026-11-21"]
    assert [at(moment, "Pacific/Auckland").get(name) for name in ("time.hour", "time.weekday")] == [23, "sat"]
    assert [at(moment, "Pacific/Kiritimati").get(name) for name in ("time.weekday", "time.date")] == ["sun", "2026-11-22"]


@pytest.mark.parametrize(
    ("utc", "hour"),
    [
        ("2026-03-29T00:59:59+00:00", 1),  # clocks in Berlin go from 2:00 to 3:00 at 1:00 UTC
        ("2026-03-29T01:00:00+00:00", 3),
        ("2026-10-25T00:30:00+00:00", 2),  # and from 3:00 back to 2:00
        ("2026-10-25T01:30:00+00:00", 2),
        ("2026-10-25T02:00:00+00:00", 3),
    ],
)
def test_daylight_saving_is_right(utc, hour):
    assert at(datetime.fromisoformat(utc), "Europe/Berlin").get("time.hour") == hour


@pytest.mark.parametrize("timezone", ["Mars/Olympus", "", "../../etc/passwd", "\0"])
def test_an_unknown_time_zone_makes_the_time_missing_not_the_decision_fail(timezone):
    assert at(datetime.now(ZoneInfo("UTC")), timezone).get("time.hour", "missing") == "missing"


def test_a_ruleset_decides_on_these_facts():
    workspace = parse_workspace(
        {
            "workspace": {"key": "shop"},
            "tags": [{"key": "buyer", "assign": {"event": "Order Completed"}}],
            "signals": [{"key": "views", "event": "Product Viewed"}],
            "templates": [{"key": "hello", "body": "Hello"}, {"key": "thanks", "body": "Thanks"}],
            "placements": [
                {
                    "key": "banner",
                    "fallback": {"template": "hello"},
                    "rules": [
                        {
                            "key": "thank",
                            "when": {
                                "all": [
                                    {"name": "tags", "operator": "contains_all", "value": ["buyer"]},
                                    {"name": "counts.views.1h", "operator": "greater_than_or_equal_to", "value": 2},
                                ]
                            },
                            "then": {"template": "thanks"},
                        }
                    ],
                }
            ],
        }
    )
    ruleset = compile_ruleset(workspace)
    definitions = defined(*ruleset.names, tags=[{"key": "buyer", "assign": {"event": "Order Completed"}}],
                          signals=[{"key": "views", "event": "Product Viewed"}])  # fmt: skip
    events = [event("Order Completed", 0), event("Product Viewed", 1), event("Product Viewed", 2)]

    assert ruleset.decide("banner", seen(definitions, folded(definitions, events[:2]), 3)).template == "hello"
    assert ruleset.decide("banner", seen(definitions, folded(definitions, events), 3)).template == "thanks"
