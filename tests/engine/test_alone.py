"""Conditions by themselves: told what the whole workspace's check would tell of them, and nothing of others."""

from __future__ import annotations

import msgspec
import pytest

from rules.engine.alone import problems_alone
from rules.engine.workspace import Workspace
from tests.engine.corpus import read_all
from tests.engine.world import BASE, document, leaf, problems, rule

SEGMENTS = [{"key": "big", "when": leaf("traits.cart_value", "greater_than", {"threshold": "big-cart"})}]
CASES = {str(case["when"]): case["when"] for _, case in read_all() if "when" in case and "segments" not in case}
WORLD = msgspec.convert(BASE, Workspace)
SEGMENTED = msgspec.convert(BASE | {"segments": SEGMENTS}, Workspace)


def told(conditions, place="rule", key="this", world=SEGMENTED):
    return [(problem.code, problem.path) for problem in problems_alone(world, conditions, place, key)]


@pytest.mark.parametrize("conditions", CASES.values(), ids=str)
def test_of_a_rules_conditions_it_finds_what_the_check_of_the_whole_document_finds(conditions):
    at = "$.placements[0].rules[0].when"
    whole = [(one.code, one.path.replace(at, "$")) for one in problems(document([rule(conditions)]))]

    alone = told(conditions, world=WORLD)

    assert [found for found in alone if found[0] not in {"contradiction", "always_true"}] == whole


def test_a_problem_says_where_it_is_in_the_conditions():
    conditions = {"all": [leaf("tags", "contains", "loyal"), {"any": [leaf("traits.cart_valu", "is_set")]}]}

    assert told(conditions) == [("unknown_name", "$.all[1].any[0].name")]


def test_segments_can_be_asked_for_and_what_is_wrong_with_them_is_not_told_here():
    broken = msgspec.convert(BASE | {"segments": [{"key": "broken", "when": leaf("traits.nothing", "is_set")}]}, Workspace)

    assert told(leaf("segments.big", "is_true")) == []
    assert told(leaf("segments.broken", "is_true"), world=broken) == []
    assert told(leaf("segments.none", "is_true")) == [("unknown_segment", "$.name")]


def test_a_segment_that_comes_to_use_itself_is_told_so():
    assert told(leaf("segments.big", "is_false"), "segment", "big") == [("segment_circle", "$")]


def test_what_nobody_fulfils_is_advice_at_the_second_of_two_that_exclude_each_other():
    conditions = {"all": [leaf("traits.number", "less_than", 1), leaf("traits.text", "is_set"), leaf("traits.number", "greater_than", 2)]}

    for place in ("rule", "segment"):
        assert told(conditions, place) == [("contradiction", "$.all[2]")]


def test_what_everybody_fulfils_is_advice():
    assert told({"any": [leaf("traits.number", "is_set"), leaf("traits.number", "is_missing")]}) == [("always_true", "$")]


def test_conditions_on_events_have_the_names_of_events():
    assert told(leaf("properties.total", "greater_than", 5), "event") == []
    assert told(leaf("traits.cart_value", "greater_than", 5), "event") == []
    assert told(leaf("scores.intent", "greater_than", 5), "event") == [("unknown_name", "$.name")]


def test_a_tags_conditions_may_not_follow_all_users():
    moving = {"key": "moving", "value": 1, "adaptive": {"signal": "views", "k": 2}}
    world = msgspec.convert(BASE | {"thresholds": [*BASE["thresholds"], moving]}, Workspace)
    conditions = leaf("traits.number", "greater_than", {"threshold": "moving"})

    assert told(conditions, "tag", world=world) == [("threshold_not_allowed", "$.value")]
    assert told(conditions, "rule", world=world) == []


@pytest.mark.parametrize("conditions", [None, 3, "x", [], {}, {"all": {}}, {"not": []}, {"name": None, "operator": 1}])
@pytest.mark.parametrize("place", ["rule", "segment", "tag", "event"])
def test_what_is_no_condition_raises_nothing(conditions, place):
    told(conditions, place)
