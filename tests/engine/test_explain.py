"""What an explanation says: values as they were, and what would have to change."""

from __future__ import annotations

from typing import Any

import pytest

from rules.engine import Ruleset, compile_conditions, compile_ruleset, parse_workspace
from tests.engine.world import document, leaf, rule


def explained(when: dict[str, Any], facts: dict[str, Any]) -> dict[str, Any]:
    choice = compiled([rule(when)]).decide("slot", facts, explain=True)
    assert choice.explain is not None
    told: dict[str, Any] = choice.explain["rules"][0]["conditions"]
    return told


def compiled(rules: list[dict[str, Any]]) -> Ruleset:
    return compile_ruleset(parse_workspace(document(rules)))


def test_a_comparison_that_held_shows_what_it_saw_and_needs_nothing() -> None:
    told = explained(leaf("traits.cart_value", "greater_than", 100), {"traits.cart_value": 120})

    assert told == {"name": "traits.cart_value", "operator": "greater_than", "expected": 100, "actual": 120, "matched": True}


def test_a_comparison_that_failed_says_what_would_have_to_change() -> None:
    told = explained(leaf("traits.cart_value", "greater_than_or_equal_to", 100), {"traits.cart_value": 80})

    assert told["needs"] == "needs cart value of at least 100; it is 80"


def test_a_threshold_is_shown_by_name_and_number() -> None:
    told = explained(leaf("traits.cart_value", "less_than", {"threshold": "big-cart"}), {"traits.cart_value": 100})

    assert (told["threshold"], told["expected"], told["needs"]) == ("big-cart", 100, "needs cart value of less than 100; it is 100")


@pytest.mark.parametrize(
    ("when", "facts", "words"),
    [
        (leaf("traits.number", "equal_to", 1), {}, "needs number of 1; it is missing"),
        (leaf("traits.number", "equal_to", 1), {"traits.number": None}, "needs number of 1; it is missing"),
        (
            leaf("traits.number", "equal_to", 1),
            {"traits.number": "1"},
            'needs number of 1; it is "1", which is not a number, so it counts as missing',
        ),
        (leaf("traits.number", "between", [1, 2.5]), {"traits.number": 3}, "needs number from 1 to 2.5; it is 3"),
        (leaf("traits.number", "in", [1, 2]), {"traits.number": 3}, "needs number of one of 1, 2; it is 3"),
        (leaf("traits.text", "equal_to", "a"), {"traits.text": "b"}, 'needs text to be "a"; it is "b"'),
        (leaf("traits.text", "matches_regex", "^{}$"), {"traits.text": "{}b"}, 'needs text to match the expression "^{}$"; it is "{}b"'),
        (leaf("traits.text", "non_empty"), {"traits.text": ""}, 'needs text to hold some text; it is ""'),
        (leaf("traits.boolean", "is_true"), {"traits.boolean": False}, "needs boolean to be true; it is false"),
        (leaf("traits.plan", "in", ["free", "gold"]), {"traits.plan": "x"}, 'needs plan to be one of "free", "gold"; it is "x"'),
        (leaf("tags", "contains", "loyal"), {}, 'needs tags to have "loyal"; it is empty'),
        (leaf("tags", "contains", "loyal"), {"tags": ["new"]}, 'needs tags to have "loyal"; it holds "new"'),
        (leaf("counts.views.7d", "greater_than", 2), {"counts.views.7d": 2}, "needs views in the last 7d of more than 2; it is 2"),
        (
            leaf("scores.intent.band", "equal_to", "high"),
            {"scores.intent.band": "low"},
            'needs band of intent score to be "high"; it is "low"',
        ),
        (leaf("traits.number", "is_set"), {}, "needs number to be known; it is missing"),
        (leaf("traits.number", "is_missing"), {"traits.number": 0}, "needs number to be unknown; it is 0"),
    ],
)
def test_the_words_of_a_failed_comparison(when: dict[str, Any], facts: dict[str, Any], words: str) -> None:
    assert explained(when, facts)["needs"] == words


def test_under_not_it_is_the_comparison_that_holds_which_would_have_to_change() -> None:
    told = explained({"not": leaf("traits.number", "greater_than", 5)}, {"traits.number": 9})

    assert (told["matched"], told["not"]["matched"]) == (False, True)
    assert told["not"]["needs"] == "needs number not of more than 5; it is 9"


def test_under_none_a_comparison_that_fails_needs_nothing() -> None:
    told = explained({"none": [leaf("traits.number", "greater_than", 5)]}, {"traits.number": 1})

    assert told["matched"] is True
    assert "needs" not in told["none"][0]


def test_the_name_people_gave_is_used() -> None:
    data = document([rule(leaf("traits.spent", "greater_than", 5))], traits=[{"key": "spent", "name": "Money spent", "type": "number"}])
    told = compile_ruleset(parse_workspace(data)).decide("slot", {}, explain=True).explain

    assert told is not None
    assert told["rules"][0]["conditions"]["needs"] == "needs Money spent of more than 5; it is missing"


def test_rules_after_the_winner_are_not_told_and_those_before_it_are() -> None:
    ruleset = compiled(
        [
            rule(leaf("tags", "contains", "new"), key="a"),
            rule(leaf("tags", "contains", "loyal"), key="b"),
            rule(leaf("tags", "contains", "big-spender"), key="c"),
        ]
    )
    told = ruleset.decide("slot", {"tags": ["loyal"]}, explain=True).explain

    assert told is not None
    assert [(one["key"], one["matched"], one.get("won")) for one in told["rules"]] == [("a", False, None), ("b", True, True)]


def test_disabled_and_capped_rules_say_so() -> None:
    ruleset = compiled([rule(None, key="off", enabled=False), rule(None, key="once", cap={"session": 1})])
    told = ruleset.decide("slot", {}, capped={"once"}, explain=True).explain

    assert told is not None
    assert [(one["key"], one.get("reason")) for one in told["rules"]] == [("off", "disabled"), ("once", "capped")]
    assert "conditions" not in told["rules"][0]


def test_a_rule_without_conditions_is_an_empty_all_that_holds() -> None:
    told = compiled([rule()]).decide("slot", {}, explain=True).explain

    assert told is not None
    assert told["rules"][0]["conditions"] == {"all": [], "matched": True}


def test_nothing_is_explained_unless_asked() -> None:
    assert compiled([rule()]).decide("slot", {}).explain is None


def test_conditions_of_events_explain_themselves() -> None:
    told = compile_conditions(leaf("properties.category", "equal_to", "shoes"), thresholds={}).explain({"properties.category": "hats"})

    assert told["needs"] == 'needs category to be "shoes"; it is "hats"'
