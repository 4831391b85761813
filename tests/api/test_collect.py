"""Placements that collect: every rule that wins is answered, capped, counted and archived on its own."""

from __future__ import annotations

import copy
import time

import msgspec
import pytest

from decisioning.api.shapes.decisions import DecideReply
from decisioning.archive import drain
from decisioning.models import DecisionRecord

SHOP = {
    "workspace": {"key": "collecting"},
    "templates": [{"key": key, "body": key.capitalize()} for key in ("nothing", "red", "green", "blue")]
    + [{"key": key, "body": "{{ 1 | divided_by: 0 }}"} for key in ("broken", "broken-too")],
    "placements": [
        {
            "key": "list",
            "mode": "collect",
            "fallback": {"template": "nothing"},
            "rules": [
                {"key": "red", "then": {"template": "red"}},
                {"key": "green", "then": {"template": "green"}, "priority": 5, "cap": {"user": 1}},
                {"key": "blue", "then": {"template": "blue"}, "cap": {"user": 2}},
            ],
        }
    ],
}


def with_rules(**templates):
    """The shop with the rules' templates changed."""
    document = copy.deepcopy(SHOP)
    for rule in document["placements"][0]["rules"]:
        rule["then"]["template"] = templates.get(rule["key"], rule["then"]["template"])
    return document


def bodies(answer):
    return [decision["content"]["body"] for decision in answer["decisions"]]


@pytest.fixture
def shop(publish):
    return publish(SHOP)


def test_every_rule_that_wins_is_a_decision_of_the_placement_by_priority(shop):
    decisions = shop.decide("list")["decisions"]

    assert [decision["content"]["body"] for decision in decisions] == ["Green", "Red", "Blue"]
    assert {(decision["placement"], decision["outcome"], decision["reason"]) for decision in decisions} == {("list", "matched", "rule")}
    assert len({decision["decision_id"] for decision in decisions}) == 3


def test_the_limit_is_the_most_that_a_placement_answers(publish):
    document = copy.deepcopy(SHOP)
    document["placements"][0]["limit"] = 2

    assert bodies(publish(document).decide("list")) == ["Green", "Red"]


def test_without_a_limit_a_placement_answers_a_hundred_at_most(publish):
    document = copy.deepcopy(SHOP)
    document["placements"][0]["rules"] = [{"key": f"r{number}", "then": {"template": "red"}} for number in range(130)]

    assert len(publish(document).decide("list")["decisions"]) == 100


def test_caps_are_counted_for_each(shop):
    assert [bodies(shop.decide("list")) for _ in range(3)] == [["Green", "Red", "Blue"], ["Red", "Blue"], ["Red"]]


def test_a_placement_asked_twice_in_one_call_counts_each_win(shop):
    assert bodies(shop.decide("list", "list")) == ["Green", "Red", "Blue", "Red", "Blue"]


def test_each_has_its_own_record_in_the_archive(shop):
    decisions = shop.decide("list")["decisions"]

    assert drain(now=time.time()) == 3
    archived = {str(record.decision_id): record.rule for record in DecisionRecord.objects.all()}
    assert archived == {decision["decision_id"]: decision["rule"]["key"] for decision in decisions}


def test_when_nothing_wins_the_fallback_stands_alone(publish):
    document = copy.deepcopy(SHOP)
    document["placements"][0]["rules"] = [document["placements"][0]["rules"][1]]
    shop = publish(document)

    first, second = shop.decide("list")["decisions"], shop.decide("list")["decisions"]

    assert [(decision["outcome"], decision["content"]["body"]) for decision in (*first, *second)] == [
        ("matched", "Green"),
        ("capped", "Nothing"),
    ]


def test_one_whose_template_fails_is_left_out_and_its_cap_is_not_counted(publish):
    answer = publish(with_rules(green="broken")).decide("list", explain=True)

    assert bodies(answer) == ["Red", "Blue"]
    assert answer["degraded_reasons"] == ["template_fallback"]
    assert answer["decisions"][0]["explain"]["template_error"]["template"] == "broken"
    assert bodies(publish(SHOP).decide("list")) == ["Green", "Red", "Blue"]


def test_where_all_templates_fail_the_fallback_is_shown_once(publish):
    decisions = publish(with_rules(red="broken", green="broken-too", blue="broken")).decide("list")["decisions"]

    assert [(decision["reason"], decision["content"]["body"]) for decision in decisions] == [("template_error", "Nothing")]


def test_the_reply_is_what_the_schema_says(shop):
    msgspec.convert(shop.decide("list", explain=True), DecideReply)
