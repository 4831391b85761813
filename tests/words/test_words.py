"""Summaries and differences: what a marketer reads is all that would change for users."""

from __future__ import annotations

import pytest

from rules import words
from rules.engine.operators import NAMES
from rules.words.bounds import scheduled
from rules.words.conditions import OPERATORS

TERM = {"signal": "scroll_depth"}
IS_BUYER = {"name": "tags", "operator": "contains", "value": "buyer"}
ITEM = {"name": "item.sku", "operator": "equal_to", "value": "a"}
WORKDAYS = {"weekdays": ["mon", "tue", "wed", "thu", "fri"], "hours": ["09:00", "17:00"], "timezone": "user"}


@pytest.mark.parametrize(
    ("term", "said"),
    [
        ({}, "1 x scroll depth"),
        ({"weight": 0.5}, "0.5 x scroll depth"),
        ({"gain": 0.3, "max": 1, "take": "max"}, "1 x 0.3 x highest scroll depth (at most 1)"),
        ({"weight": 2, "gain": 0.5, "per": 40, "max": 1.5}, "2 x 0.5 x scroll depth per 40 (at most 1.5)"),
        ({"take": "average.10m"}, "1 x average of scroll depth in the last 10m"),
        ({"take": "smoothed.1h", "per": 60}, "1 x smoothed scroll depth with a half-life of 1h per 60"),
        ({"take": "nonsense"}, "1 x scroll depth nonsense"),
        ({"take": "last", "boosts": [{"factor": 2}]}, "1 x latest scroll depth, boosted on dates"),
    ],
)  # fmt: skip
def test_a_scores_summary_has_every_factor(term, said):
    assert words.summary("score", {"terms": [{**TERM, **term}]}).replace(words.TIMES, " x ") == said


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"then": {"template": "hi"}}, "always → hi"),
        ({"enabled": False, "then": {"template": "hi"}}, "switched off · always → hi"),
        ({"cap": {"session": 2}}, "always → the rules beneath · at most 2 per session"),
        ({"cap": {"action": 1, "user": 9, "day": 3}}, "always → the rules beneath · at most 3 per day, 9 ever, 1 between two events"),
        ({"then": {"template": "hi"}, "branch": "else"}, "otherwise → hi"),
        ({"then": {"template": "hi"}, "branch": "else", "when": IS_BUYER}, "otherwise: user has buyer → hi"),
        ({"rollout": {"percent": 25.0}}, "always → the rules beneath · for 25 % of users"),
        ({"rollout": {"percent": 0, "salt": "spring"}}, "always → the rules beneath · for 0 % of users (those of “spring”)"),
        ({"group": "hero", "priority": -5}, "always → the rules beneath · one of hero · priority -5"),
        (
            {"then": {"template": "hi"}, "schedule": WORKDAYS, "rollout": {"percent": 12.5}, "cap": {"week": 1}},
            "always → hi · Mon-Fri 09:00-17:00 on the user's clock · for 12.5 % of users · at most 1 per week",
        ),
    ],
)
def test_a_rules_summary_says_all_that_bounds_it(body, said):
    assert words.summary("rule", body).replace("–", "-") == said  # noqa: RUF001


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        ({}, ""),
        ({"timezone": "user"}, ""),
        ({"from": "2026-11-27", "until": "2026-12-01T09:30"}, "from 2026-11-27 until 2026-12-01 09:30"),
        ({"until": "2026-12-01", "timezone": "Europe/Berlin"}, "until 2026-12-01 in Europe/Berlin"),
        ({"weekdays": ["sun", "sat"]}, "Sat, Sun"),
        ({"weekdays": ["mon", "wed", "thu", "fri"], "hours": ["22:00", "06:00"]}, "Mon, Wed-Fri 22:00-06:00"),
        ({"from": "2026-11-27", "hours": ["09:00", "24:00"]}, "from 2026-11-27, 09:00-24:00"),
    ],
)
def test_a_schedule_is_said_as_people_write_it(schedule, said):
    assert scheduled(schedule).replace("–", "-") == said  # noqa: RUF001


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "Formatted text (HTML), otherwise nothing"),
        ({"mode": "collect"}, "Formatted text (HTML), every match, otherwise nothing"),
        ({"mode": "collect", "limit": 3, "fallback": {"template": "hi"}}, "Formatted text (HTML), every match, at most 3, otherwise hi"),
    ],
)
def test_a_placements_summary_says_how_much_it_answers_with(body, said):
    assert words.summary("placement", body) == said


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"value": 600.0}, "600"),
        ({"value": 10}, "mean of dwell + 2 deviations of all users (half-life 7d); 10 below 100 values"),
        (
            {"value": 10, "adaptive": {"k": -0.5, "half_life": "1d", "at_least": 50, "min": 5.0, "max": 60}},
            "mean of dwell - 0.5 deviations of all users (half-life 1d), between 5 and 60; 10 below 50 values",
        ),
        ({"value": 10, "adaptive": {"k": 0, "max": 60}}, "mean of dwell of all users (half-life 7d), at most 60; 10 below 100 values"),
        (
            {"value": 10, "adaptive": {"percentile": 90, "min": 0}},
            "percentile 90 of dwell of all users (half-life 7d), at least 0; 10 below 100 values",
        ),
    ],
)
def test_a_thresholds_summary_says_what_it_follows(body, said):
    if "adaptive" in body or body["value"] == 10:
        body = {**body, "adaptive": {"signal": "dwell", **body.get("adaptive", {"k": 2})}}

    assert words.summary("threshold", body) == said


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"event": "Viewed"}, "Viewed (each counts 1)"),
        ({"event": "Viewed", "value": "properties.seconds"}, "Viewed (properties.seconds)"),
        ({"event": "Viewed", "value": "properties.category", "type": "text"}, "Viewed (text at properties.category)"),
    ],
)
def test_a_signals_summary_says_what_it_reads(body, said):
    assert words.summary("signal", body) == said


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("counts.dwell.1h", "dwell in the last 1h"),
        ("counts.dwell.this_week", "dwell this week"),
        ("values.time_on_page.average.1h", "average of time on page in the last 1h"),
        ("values.category.most_frequent.today", "most frequent category today"),
        ("values.dwell.moving_average.5", "moving average of dwell over the last 5"),
        ("values.velocity.percentile.session", "percentile of the latest velocity in this session"),
        ("values.dwell.what", "dwell what"),
        ("thresholds.long-stay", "threshold long stay"),
        ("session.page_seconds", "seconds on this page"),
    ],
)
def test_names_of_signals_and_thresholds_are_spoken(name, said):
    assert words.spoken(name) == said


def test_a_segments_summary_is_its_sentence():
    assert words.summary("trait", {"type": "number", "merge": "sum"}) == "number · of two users' values their sum (numbers)"
    assert words.summary("trait", {"type": "one_of", "values": ["free", "gold"]}) == "one of, free, gold"
    assert words.summary("segment", {"when": IS_BUYER}) == "user has buyer"


@pytest.mark.parametrize(
    ("name", "operator", "value", "said"),
    [
        ("traits.plan", "not_equal_to", "gold", "plan is not gold"),
        ("traits.cart_value", "greater_than", {"name": "traits.limit"}, "cart value is more than limit"),
        ("traits.cart_value", "greater_than", {"threshold": "big-cart"}, "cart value is more than big-cart"),
        ("traits.cart_value", "between", [1, {"threshold": "big-cart"}], "cart value is between 1 and big-cart"),
        ("traits.city", "starts_with_case_insensitive", "ber", "city starts with (in any case) ber"),
        ("traits.city", "in_case_insensitive", ["a", "b"], "city is (in any case) one of a, b"),
        ("context.app", "version_less_than", "2.10", "app is older than version 2.10"),
        ("context.ip", "in_network", ["10.0.0.0/8", "::1/128"], "ip is in the network 10.0.0.0/8, ::1/128"),
        ("user.id", "in_split", ["spring", 0, 25], "user id falls in 0-25 % of split spring"),
        ("traits.visits", "modulo", [3, 0], "visits divided by 3 leaves 0"),
        ("traits.joined", "within_last", "7d", "joined was within the last 7d"),
        ("time.now", "before", "2026-12-24", "now is before 2026-12-24"),
        ("traits.joined", "weekday_in", ["sat", "sun"], "joined is on Sat, Sun"),
        ("time.now", "hour_between", [9, 17.5], "now is between 9:00 and 17:30"),
        ("time.now", "hour_between", ["a"], "now hour between a"),
        ("traits.joined", "date_equal_to", "2026-12-24", "joined is on 2026-12-24"),
        ("segments.big-spenders", "is_true", None, "user is in big spenders"),
        ("segments.big-spenders", "is_false", None, "user is not in big spenders"),
        ("segments.big-spenders", "is_set", None, "segment big spenders is known"),
        ("traits.cart", "any_item", {**ITEM, "name": "item.colour", "value": "red"}, "cart has one whose colour is red"),
        ("traits.cart", "no_item", {"all": [ITEM, ITEM]}, "cart has none whose (sku is a and sku is a)"),
        ("user.hour", "less_than", 9, "hour on the user's clock is less than 9"),
        ("traits.odd", "equal_to", {"what": 1}, "odd is"),
    ],
)  # fmt: skip
def test_every_operator_is_spoken(name, operator, value, said):
    spoken = words.sentence({"name": name, "operator": operator} | ({} if value is None else {"value": value}))

    assert spoken.replace("–", "-") == said  # noqa: RUF001


def test_no_operator_is_without_words():
    # The others read well as they are named.
    assert NAMES - OPERATORS.keys() == {"ends_with", "hour_between", "in_split", "modulo", "starts_with"}


def test_an_answer_of_its_own_for_unknown_values_is_said():
    young = {"name": "traits.age", "operator": "less_than", "value": 18}

    assert words.sentence({**young, "missing": True}) == "age is less than 18 or not known"
    assert words.sentence({"all": [IS_BUYER, {**young, "missing": False}]}) == "user has buyer and (age is less than 18 and known)"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({}, {"enabled": False}, "switched off"),
        ({"enabled": False}, {}, "switched on"),
        ({"name": "A"}, {"name": "B"}, "renamed from “A” to “B”"),
        ({"name": "A"}, {}, "name taken away"),
        ({}, {"position": 10}, "position 0 → 10"),
        ({"parent": "a"}, {}, "moved to the top"),
        ({}, {"parent": "a"}, "moved beneath a"),
        ({"cap": {"session": 2}}, {}, "no longer capped"),
        ({}, {"cap": {"session": 2}}, "at most 2 per session"),
        ({}, {"schedule": {"weekdays": ["mon"]}}, "only Mon"),
        ({"schedule": {"weekdays": ["mon"]}}, {}, "at any time"),
        ({}, {"rollout": {"percent": 5}}, "for 5 % of users"),
        ({"rollout": {"percent": 5}}, {}, "for all users"),
        ({}, {"branch": "else"}, "tried when the rule above it does not hold"),
        ({"branch": "else"}, {}, "tried when the rule above it holds"),
        ({}, {"group": "hero"}, "one of hero"),
        ({"group": "hero"}, {}, "no longer one of hero"),
        ({"priority": 3}, {"priority": 5}, "priority 3 → 5"),
        ({}, {"mode": "collect", "limit": 2}, "answers with every match, by priority, at most 2 at once"),
        ({"mode": "collect", "limit": 2}, {}, "answers with the first match, no limit"),
        ({"then": {"template": "a"}}, {"then": {"template": "b"}}, "shows b instead of a"),
        ({"half_life": "1h"}, {"half_life": "2h"}, "half-life 1h became 2h"),
        ({"name": "A"}, {"name": "A"}, ""),
        (None, {"name": "A"}, ""),
        ({"name": "A"}, None, ""),
    ],
)
def test_a_change_is_said_in_words(before, after, said):
    assert words.changes("rule", before, after) == said


def test_things_that_have_names_are_called_by_them_and_the_others_by_their_keys():
    names = words.Names({("tag", "left-cart"): "Left the cart", ("signal", "dwell"): "Seconds here", ("threshold", "long"): "A long stay"})
    asks = {
        "all": [
            {"name": "tags", "operator": "contains_all", "value": ["left-cart", "buyer"]},
            {"name": "counts.dwell.1h", "operator": "greater_than", "value": {"threshold": "long"}},
            {"name": "values.dwell.average.1h", "operator": "less_than", "value": {"threshold": "short"}},
            {"name": "segments.keen", "operator": "is_true"},
        ]
    }

    assert words.sentence(asks, names) == (
        "user has all of “Left the cart”, buyer and Seconds here in the last 1h is more than “A long stay”"
        " and average of Seconds here in the last 1h is less than short and user is in keen"
    )


def test_a_signal_says_to_which_events_it_is_bounded():
    body = {"event": "Page Dwelled", "value": "properties.seconds", "where": {"name": "properties.kind", "operator": "is_set"}}

    assert words.summary("signal", body) == "Page Dwelled (properties.seconds), if kind is known"
