"""Every name of the vocabulary, as conditions read it."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from decisioning.tagging import facts, new_state
from decisioning.tagging.eventfacts import EventFacts
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


def test_now_is_the_moment_in_utc():
    moment = seen(NOTHING, new_state(), 0.25, timezone="Asia/Tokyo").get("time.now")

    assert (moment, moment.tzinfo) == (datetime(2026, 11, 21, 10, 0, 0, 250_000, tzinfo=UTC), UTC)


def test_what_was_read_of_the_moment_is_text_that_reads_back_as_the_same_moment():
    facts = seen(NOTHING, new_state(), 0.123456)
    moment = facts.get("time.now")

    assert facts.read() == {"time.now": "2026-11-21T10:00:00.123456Z"}
    assert datetime.fromisoformat(facts.read()["time.now"]) == moment


def test_now_of_an_event_is_when_it_happened():
    def now(happened):
        return EventFacts(happened, new_state()).get("time.now")

    assert now(event("Anything", 60, received=90)) == datetime(2026, 11, 21, 10, 1, tzinfo=UTC)
    assert now(event("Anything", 60, received=30)) == datetime(2026, 11, 21, 10, 0, 30, tzinfo=UTC)  # a clock that is ahead
    assert EventFacts(event("Anything"), new_state()).get("time.hour", "missing") == "missing"


@pytest.mark.parametrize(
    ("context", "trait", "zone"),
    [
        ("Asia/Tokyo", "America/New_York", "Asia/Tokyo"),  # the request's comes first
        (None, "America/New_York", "America/New_York"),
        (None, None, "Europe/Berlin"),
        ("Mars/Olympus", "America/New_York", "America/New_York"),  # what is no zone is passed over
        ("Mars/Olympus", 5, "Europe/Berlin"),
        ({"name": "Asia/Tokyo"}, ["Asia/Tokyo"], "Europe/Berlin"),
        ("", "localtime", "Europe/Berlin"),
        ("../../etc/passwd", "right/Europe/Paris", "Europe/Berlin"),
        ("Europe", "x" * 10_000, "Europe/Berlin"),
        ("\0", "\ud800", "Europe/Berlin"),
    ],
)
def test_the_users_time_zone_is_the_requests_else_their_traits_else_the_workspaces(context, trait, zone):
    state = folded(NOTHING, [event("Identified", traits={"timezone": trait})] if trait else [])

    assert seen(NOTHING, state, context={"timezone": context}, timezone="Europe/Berlin").get("user.timezone") == zone


def test_the_users_clock_is_that_of_their_time_zone_and_the_workspaces_stays():
    facts = seen(NOTHING, new_state(), context={"timezone": "Pacific/Kiritimati"}, timezone="Europe/Berlin")

    assert [facts.get(f"user.{name}") for name in ("hour", "weekday", "date")] == [0, "sun", "2026-11-22"]
    assert [facts.get(f"time.{name}") for name in ("hour", "weekday", "date")] == [11, "sat", "2026-11-21"]


@pytest.mark.parametrize(("utc", "hour", "date"), [
    ("2026-03-29T00:59:59+00:00", 1, "2026-03-29"),
    ("2026-03-29T01:00:00+00:00", 3, "2026-03-29"),
    ("2026-10-25T22:59:59+00:00", 23, "2026-10-25"),  # the day has 25 hours
    ("2026-10-25T23:00:00+00:00", 0, "2026-10-26"),
])  # fmt: skip
def test_daylight_saving_is_right_on_the_users_clock(utc, hour, date):
    told = facts(NOTHING, new_state(), now=datetime.fromisoformat(utc).timestamp(), context={"timezone": "Europe/Berlin"})

    assert (told.get("user.hour"), told.get("user.date")) == (hour, date)


def test_without_any_time_zone_that_is_known_here_the_users_clock_is_missing():
    facts = seen(NOTHING, new_state(), timezone="Mars/Olympus")

    assert [facts.get(f"user.{name}", "missing") for name in ("timezone", "hour", "weekday", "date")] == ["missing"] * 4


@pytest.mark.parametrize(("user", "named"), [("u:alice", "alice"), ("a:browser-1", "browser-1"), ("u:a:b", "a:b"), (None, "missing")])
def test_the_id_of_the_user_is_the_one_the_request_names(user, named):
    assert seen(NOTHING, new_state(), user=user).get("user.id", "missing") == named


def test_what_may_be_stored_of_the_facts_is_less_what_the_request_said_in_its_context():
    def kept(context):
        facts = seen(NOTHING, folded(NOTHING, [identify(timezone="Asia/Tokyo")]), context=context)
        for name in ("context.device", "user.date", "time.date"):
            facts.get(name)
        return facts.kept()

    assert kept({"device": "mobile", "timezone": "Pacific/Kiritimati"}) == {"time.date": "2026-11-21"}
    assert kept({"timezone": "nowhere"}) == {"user.timezone": "Asia/Tokyo", "user.date": "2026-11-21", "time.date": "2026-11-21"}


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


def test_the_zone_of_an_event_is_what_its_context_or_the_trait_names():
    def zone(happened, state=None):
        return EventFacts(happened, state or new_state()).get("user.timezone", "missing")

    told = folded(NOTHING, [identify(timezone="Asia/Tokyo")])

    assert zone(event("Anything", context={"timezone": "Europe/Berlin"}), told) == "Europe/Berlin"
    assert zone(event("Anything", context={"timezone": "nowhere"}), told) == "Asia/Tokyo"
    assert zone(event("Anything")) == "missing"
