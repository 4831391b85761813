"""Bodies and documents turn into each other; places are found; positions move as little as they can."""

from __future__ import annotations

import pytest

from rules import bodies
from rules.engine import DocumentError
from rules.engine.workspace import Settings
from tests.rules.conftest import SHOP, document

SETTINGS = Settings(key="shop")


@pytest.mark.parametrize(
    ("order", "known", "dealt"),
    [
        ("abc", {}, {"a": 0, "b": 10, "c": 20}),
        ("axb", {"a": 0, "b": 10}, {"a": 0, "x": 5, "b": 10}),
        ("xab", {"a": 10, "b": 20}, {"x": 4, "a": 10, "b": 20}),
        ("abx", {"a": 0, "b": 10}, {"a": 0, "b": 10, "x": 20}),
        ("bac", {"a": 0, "b": 10, "c": 20}, {"b": 10, "a": 15, "c": 20}),
        ("ab", {"a": 7, "b": 7}, {"a": 7, "b": 7}),
        ("ba", {"a": 7, "b": 7}, {"b": 7, "a": 10}),
        ("axb", {"a": 0, "b": 1}, {"a": 0, "x": 10, "b": 20}),
    ],
)
def test_positions_rise_in_order_and_known_ones_stay_where_they_can(order, known, dealt):
    assert bodies.positions(list(order), known) == dealt


def test_a_body_has_neither_key_nor_version_nor_defaults():
    body = bodies.normal("tag", "buyer", {"key": "other", "version": 3, "name": "", "ttl": "7d"})

    assert body == {"ttl": "7d"}


def test_a_body_with_a_wrong_shape_is_refused_with_every_mismatch():
    with pytest.raises(DocumentError) as refused:
        bodies.normal("tag", "buyer", {"ttl": 7, "colour": "red", "assign": {"event": 3}})

    assert {problem.path for problem in refused.value.problems} == {"$.ttl", "$.colour", "$.assign.event"}


def test_a_rules_body_can_not_hold_children():
    with pytest.raises(DocumentError):
        bodies.normal("rule", "a", {"placement": "banner", "children": [{"key": "b"}]})


def test_flattening_and_nesting_gives_the_document_back():
    flat = bodies.flatten(document(SHOP))

    whole, problems = bodies.nest(document(SHOP).workspace, flat)

    assert problems == []
    assert document(whole) == document({**SHOP, "signals": sorted(SHOP["signals"], key=lambda signal: signal["key"])})


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({"placement": "gone"}, "unknown_placement"),
        ({"placement": "banner", "parent": "gone"}, "unknown_parent"),
        ({"placement": "banner", "parent": "elsewhere"}, "parent_elsewhere"),
        ({"placement": "banner", "parent": "lost"}, "parent_circle"),
    ],
)
def test_a_rule_that_has_lost_its_place_is_a_problem_of_its_own(rule, code):
    things = {
        ("placement", "banner"): {},
        ("placement", "aside"): {},
        ("rule", "elsewhere"): {"placement": "aside"},
        ("rule", "lost"): rule,
    }

    whole, problems = bodies.nest(SETTINGS, things)

    assert [(problem.code, bodies.whose(whole, problem.path)[0]) for problem in problems] == [(code, ("rule", "lost"))]
    assert "lost" not in str(whole)


def test_rules_in_a_circle_are_all_named_and_do_not_hang():
    things = {("placement", "p"): {}} | {
        ("rule", key): {"placement": "p", "parent": parent} for key, parent in [("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")]
    }

    _, problems = bodies.nest(SETTINGS, things)

    assert [problem.path for problem in problems] == ["$.rules.a.parent", "$.rules.b.parent", "$.rules.c.parent"]


@pytest.mark.parametrize(
    ("path", "identity", "rest"),
    [
        ("$.tags[0].ttl", ("tag", "buyer"), "$.ttl"),
        ("$.placements[0].rules[0].children[0].when.all[0].value", ("rule", "gold"), "$.when.all[0].value"),
        ("$.placements[0].fallback.template", ("placement", "banner"), "$.fallback.template"),
        ("$.rules.bought.parent", ("rule", "bought"), "$.parent"),
        ("$.workspace.timezone", None, "$.workspace.timezone"),
        ("$.scores[0].terms[0].signal", ("score", "intent"), "$.terms[0].signal"),
        ("$.tags[9]", None, "$.tags[9]"),
    ],
)
def test_a_path_says_whose_problem_it_is(path, identity, rest):
    assert bodies.whose(SHOP, path) == (identity, rest)


def test_pretty_json_puts_names_first_and_trees_last():
    text = bodies.pretty({"rules": [], "key": "a", "fallback": None, "name": "A"})

    assert [line.split('"')[1] for line in text.splitlines()[1:-1]] == ["key", "name", "fallback", "rules"]
