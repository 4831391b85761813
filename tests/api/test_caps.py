"""Caps by user, day, week and action, over the whole door. Times are told with `at`; the workspace is in Berlin."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from decisioning import profiles
from tests.api.streams import drain

CAPS = {
    "by-day": {"day": 1},
    "twice-a-day": {"day": 2},
    "by-week": {"week": 1},
    "ever": {"user": 1},
    "by-action": {"action": 1},
    "twice-by-action": {"action": 2},
    "by-session-and-day": {"session": 1, "day": 2},
}
SHOP = {
    "workspace": {"key": "capped", "timezone": "Europe/Berlin"},
    "templates": [{"key": "hello", "body": "Hello"}, {"key": "offer", "body": "Offer"}],
    "placements": [
        {"key": key, "fallback": {"template": "hello"}, "rules": [{"key": f"{key}-offer", "then": {"template": "offer"}, "cap": cap}]}
        for key, cap in CAPS.items()
    ],
}
WON, CAPPED = "matched", "capped"


@pytest.fixture
def capped(publish):
    return publish(SHOP)


def outcome(shop, placement, at=None, zone=None, **more):
    told = {**({"at": at} if at else {}), **({"context": {"timezone": zone}} if zone else {}), **more}
    return shop.decide(placement, **told)["decisions"][0]["outcome"]


def told_zone(zone, **more):
    return {"type": "identify", "userId": "alice", "traits": {"timezone": zone}, **more}


def viewed(**more):
    return {"type": "track", "userId": "alice", "event": "Product Viewed", **more}


@pytest.mark.parametrize(
    ("placement", "zone", "visits"),
    [
        ("by-day", None, [("2026-11-21T22:30:00Z", WON), ("2026-11-21T22:59:59Z", CAPPED), ("2026-11-21T23:00:00Z", WON)]),
        ("by-day", "America/New_York", [("2026-11-21T22:30:00Z", WON), ("2026-11-22T04:59:59Z", CAPPED), ("2026-11-22T05:00:00Z", WON)]),
        ("by-day", "Asia/Kathmandu", [("2026-11-21T18:14:59Z", WON), ("2026-11-21T18:15:00Z", WON), ("2026-11-21T22:30:00Z", CAPPED)]),
        ("by-day", "Mars/Olympus", [("2026-11-21T22:30:00Z", WON), ("2026-11-21T22:59:59Z", CAPPED), ("2026-11-21T23:00:00Z", WON)]),
        # the day of 25 hours, and the one of 23
        ("by-day", None, [("2026-10-24T22:00:00Z", WON), ("2026-10-25T22:59:59Z", CAPPED), ("2026-10-25T23:00:00Z", WON)]),
        ("by-day", None, [("2026-03-28T23:00:00Z", WON), ("2026-03-29T21:59:59Z", CAPPED), ("2026-03-29T22:00:00Z", WON)]),
        ("twice-a-day", None, [("2026-11-21T08:00:00Z", WON), ("2026-11-21T09:00:00Z", WON), ("2026-11-21T10:00:00Z", CAPPED)]),
        # from Sunday to Monday
        ("by-week", None, [("2026-11-16T08:00:00Z", WON), ("2026-11-22T22:59:59Z", CAPPED), ("2026-11-22T23:00:00Z", WON)]),
        ("by-week", "Asia/Tokyo", [("2026-11-16T08:00:00Z", WON), ("2026-11-22T14:59:59Z", CAPPED), ("2026-11-22T15:00:00Z", WON)]),
        # the week of New Year belongs to one year, and the last days of 2024 to the first week of 2025
        ("by-week", None, [("2026-12-31T12:00:00Z", WON), ("2027-01-01T12:00:00Z", CAPPED), ("2027-01-04T12:00:00Z", WON)]),
        ("by-week", None, [("2024-12-29T12:00:00Z", WON), ("2024-12-30T12:00:00Z", WON), ("2025-01-05T12:00:00Z", CAPPED)]),
        ("ever", None, [("2026-11-21T08:00:00Z", WON), ("2026-11-28T08:00:00Z", CAPPED), ("2027-11-21T08:00:00Z", CAPPED)]),
        ("by-action", None, [("2026-11-21T08:00:00Z", WON), ("2026-11-28T08:00:00Z", CAPPED), ("2027-11-21T08:00:00Z", CAPPED)]),
    ],
)  # fmt: skip
def test_a_cap_counts_in_its_period_on_the_users_calendar(capped, placement, zone, visits):
    assert [(at, outcome(capped, placement, at, zone)) for at, _ in visits] == visits


def test_the_day_is_that_of_the_time_zone_the_app_told_of_the_user(capped):
    visits = [("2026-11-21T14:30:00Z", WON), ("2026-11-21T14:59:59Z", CAPPED), ("2026-11-21T15:00:00Z", WON)]

    assert [(at, outcome(capped, "by-day", at, events=[told_zone("Asia/Tokyo", messageId="1")])) for at, _ in visits] == visits


def test_a_request_from_another_time_zone_does_not_give_the_day_back(capped):
    """On Samoa it is tomorrow already: one win for each of the two days, however often the user seems to travel."""
    at = "2026-11-21T12:00:00Z"

    assert [outcome(capped, "by-day", at, zone) for zone in (None, "Pacific/Apia", None, "Pacific/Apia")] == [WON, WON, CAPPED, CAPPED]


def test_a_look_into_the_future_does_not_use_up_today(capped):
    assert [outcome(capped, "by-day", at) for at in ("2031-01-01T12:00:00Z", None, None)] == [WON, WON, CAPPED]


def test_caps_are_each_users_own(capped):
    assert [outcome(capped, "ever", user=user) for user in ("alice", "bob", "alice")] == [WON, WON, CAPPED]


def test_caps_by_day_do_not_depend_on_the_session(capped):
    at = "2026-11-21T12:00:00Z"

    assert [outcome(capped, "by-day", at, session_id=session) for session in ("s-1", "s-2")] == [WON, CAPPED]


def test_of_several_caps_the_one_used_up_first_holds(capped):
    def visit(session, day):
        return outcome(capped, "by-session-and-day", f"2026-11-{day}T12:00:00Z", session_id=session)

    visits = [("s-1", 21), ("s-1", 21), ("s-2", 21), ("s-3", 21), ("s-3", 22), ("s-3", 22), ("s-1", 22)]

    assert [visit(*each) for each in visits] == [WON, CAPPED, WON, CAPPED, WON, CAPPED, CAPPED]


def test_a_placement_asked_three_times_in_one_call_wins_as_often_as_its_cap_allows(capped):
    at = "2026-11-21T12:00:00Z"
    decisions = capped.decide("twice-a-day", "twice-a-day", "twice-a-day", at=at)["decisions"]

    assert [decision["outcome"] for decision in decisions] == [WON, WON, CAPPED]
    assert outcome(capped, "twice-a-day", at) == CAPPED


def test_a_capped_answer_names_the_rule_and_shows_the_fallback(capped):
    outcome(capped, "ever")
    decision = capped.decide("ever", explain=True)["decisions"][0]

    assert (decision["outcome"], decision["reason"], decision["rule"]["key"]) == (CAPPED, "cap", "ever-offer")
    assert decision["content"]["body"] == "Hello"
    assert decision["explain"]["rules"][0]["reason"] == CAPPED


def test_a_cap_by_action_is_free_again_after_the_users_next_event(capped):
    first = [outcome(capped, "by-action"), outcome(capped, "by-action")]
    capped.post("/v1/track", viewed())
    unread = [outcome(capped, "by-action"), outcome(capped, "by-action")]
    drain()
    applied = outcome(capped, "by-action")
    sent_along = [outcome(capped, "by-action", events=[viewed()]), outcome(capped, "by-action")]

    assert (first, unread, applied, sent_along) == ([WON, CAPPED], [WON, CAPPED], CAPPED, [WON, CAPPED])


def test_a_cap_by_action_counts_as_many_wins_as_it_says(capped):
    outcomes = [outcome(capped, "twice-by-action", events=events) for events in ([viewed()], [], [], [viewed()], [], [])]

    assert outcomes == [WON, WON, CAPPED, WON, WON, CAPPED]


@pytest.mark.parametrize("again", [{"messageId": "1"}, {"timestamp": "2026-01-01T00:00:00Z"}], ids=["sent twice", "late"])
def test_an_event_that_is_not_newer_frees_no_cap_by_action(capped, again):
    first = outcome(capped, "by-action", events=[viewed(messageId="1")])

    assert [first, outcome(capped, "by-action", events=[viewed(**again)])] == [WON, CAPPED]


def test_another_users_event_frees_no_cap_by_action(capped):
    first = outcome(capped, "by-action")
    capped.post("/v1/track", {**viewed(), "userId": "bob"})

    assert [first, outcome(capped, "by-action")] == [WON, CAPPED]


@pytest.mark.parametrize("placement", ["by-day", "by-week", "ever", "by-action"])
def test_of_two_requests_at_once_for_a_last_win_exactly_one_wins(capped, monkeypatch, placement):
    load, both = profiles.load, Barrier(2)

    def load_together(*of):
        profile = load(*of)
        both.wait(10)  # each has seen a free cap before either commits
        return profile

    monkeypatch.setattr(profiles, "load", load_together)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: capped.decide(placement, at="2026-11-21T12:00:00Z")["decisions"][0], range(2)))

    assert sorted(answer["outcome"] for answer in answers) == [CAPPED, WON]
    assert sorted(answer["content"]["body"] for answer in answers) == ["Hello", "Offer"]


def test_counts_that_redis_has_lost_begin_anew(capped, valkey):
    before = [outcome(capped, "ever"), outcome(capped, "ever")]
    valkey.flushdb()

    assert (before, outcome(capped, "ever"), outcome(capped, "ever")) == ([WON, CAPPED], WON, CAPPED)


def test_a_cap_whose_limit_is_raised_goes_on_counting(publish):
    shop = publish(SHOP)
    at = "2026-11-21T12:00:00Z"
    outcome(shop, "by-day", at)
    changed = {**SHOP, "placements": [{**SHOP["placements"][0]}]}
    changed["placements"][0]["rules"] = [{**changed["placements"][0]["rules"][0], "cap": {"day": 2}}]

    shop = publish(changed)

    assert [outcome(shop, "by-day", at), outcome(shop, "by-day", at)] == [WON, CAPPED]
