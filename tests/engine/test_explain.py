"""What an explanation says: values as they were, and what would have to change."""

from __future__ import annotations

from typing import Any

import pytest

from rules.engine import Ruleset, compile_conditions, compile_ruleset, limits, parse_workspace
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


def told_of(rules: list[dict[str, Any]], facts: dict[str, Any], explain: Any = True, **more: Any) -> dict[str, Any]:
    placement = {"key": "slot", "rules": rules, **more}
    choice = compile_ruleset(parse_workspace(document(placements=[placement]))).choices("slot", facts, explain=explain)[0]
    assert choice.explain is not None
    return choice.explain


def test_the_nearest_misses_come_first_with_what_they_lacked() -> None:
    far = {"all": [leaf("traits.number", "greater_than", 1), leaf("traits.boolean", "is_true"), leaf("tags", "contains", "loyal")]}
    near = {"all": [leaf("traits.number", "greater_than", 1), leaf("tags", "contains", "new")]}
    told = told_of([rule(far, key="far"), rule(near, key="near")], {"traits.number": 5})

    assert [(miss["key"], miss["changes"]) for miss in told["nearest"]] == [("near", 1), ("far", 2)]
    assert told["nearest"][0]["needs"] == ['needs tags to have "new"; it is empty']


def test_of_an_any_the_least_that_would_have_to_change_counts() -> None:
    when = {
        "any": [{"all": [leaf("traits.number", "greater_than", 1), leaf("traits.boolean", "is_true")]}, leaf("tags", "contains", "new")]
    }

    assert told_of([rule(when)], {})["nearest"][0]["changes"] == 1


def test_under_not_what_holds_counts_as_what_would_have_to_change() -> None:
    when = {"not": {"all": [leaf("traits.number", "greater_than", 1), leaf("traits.boolean", "is_true")]}}

    assert told_of([rule(when)], {"traits.number": 2, "traits.boolean": True})["nearest"][0]["changes"] == 1


def test_a_rule_outside_its_schedule_says_so_and_is_no_near_miss() -> None:
    one = rule(None, schedule={"until": "2026-11-01"})
    told = told_of([one], {"time.now": "2026-11-25T12:00:00Z"})

    assert (told["rules"][0]["matched"], told["rules"][0]["reason"]) == (False, "schedule")
    assert told["rules"][0]["gates"][0]["needs"] == (
        'needs the time now to be within the rule\'s schedule (until 2026-11-01); it is "2026-11-25T12:00:00Z"'
    )
    assert "nearest" not in told


def test_a_user_whom_a_rule_is_not_rolled_out_to_learns_that() -> None:
    told = told_of([rule(None, rollout={"percent": 0})], {"user.id": "alice"})

    assert told["rules"][0]["reason"] == "rollout"
    assert told["rules"][0]["gates"][0]["needs"].startswith("needs id of the user to be among the 0 % of users")


def test_the_other_branch_is_told_where_it_was_taken() -> None:
    child = rule(None, key="other", branch="else")
    told = told_of([rule(leaf("traits.boolean", "is_true"), key="parent", template=None, children=[child])], {})

    assert (told["rules"][0]["matched"], told["rules"][0]["children"]) == (False, [])
    assert [(one["key"], one["won"]) for one in told["rules"][0]["otherwise"]] == [("other", True)]


def test_only_the_way_to_the_winner_is_told_where_no_more_is_asked_for() -> None:
    inner = rule(leaf("tags", "contains", "loyal"), key="inner")
    rules = [
        rule(leaf("tags", "contains", "new"), key="before"),
        rule(leaf("tags", "is_set"), key="outer", template=None, children=[inner]),
    ]
    told = told_of(rules, {"tags": ["loyal"]}, explain="returned")

    assert [one["key"] for one in told["rules"]] == ["outer"]
    assert [(one["key"], one["won"]) for one in told["rules"][0]["children"]] == [("inner", True)]
    assert told_of(rules, {}, explain="returned") == {"rules": []}


def test_what_is_collected_is_told_of_with_what_had_no_room() -> None:
    rules = [rule(None, key="a", group="g"), rule(None, key="b", group="g", priority=1), rule(None, key="c"), rule(None, key="d")]
    told = told_of(rules, {}, mode="collect", limit=2)

    assert [(one["key"], one.get("won", False), one.get("reason")) for one in told["rules"]] == [
        ("a", False, "trimmed"),
        ("b", True, None),
        ("c", True, None),
        ("d", False, "trimmed"),
    ]


def test_a_parent_whose_child_was_collected_lacked_no_room() -> None:
    told = told_of([rule(None, key="a", children=[rule(None, key="b")])], {}, mode="collect")

    assert "reason" not in told["rules"][0]
    assert told["rules"][0]["children"][0]["won"] is True


def test_of_very_many_rules_the_first_are_told_and_the_one_that_won() -> None:
    rules = [rule(leaf("traits.number", "equal_to", number), key=f"r{number}") for number in range(limits.EXPLAINED + 20)]
    told = told_of(rules, {"traits.number": limits.EXPLAINED + 10})

    assert len(told["rules"]) == limits.EXPLAINED + 1
    assert told["rules"][-1]["won"] is True
    assert told["left_out"] == 10


def test_whose_answer_a_missing_value_got_is_told() -> None:
    own = explained({**leaf("traits.number", "less_than", 5), "missing": True}, {})
    policy = explained(leaf("traits.number", "less_than", 5), {})

    assert (own["matched"], own["missing"], own["missing_policy"]) == (True, True, "condition")
    assert (policy["matched"], policy["missing_policy"]) == (False, "operator")


def test_another_name_is_shown_with_what_it_held() -> None:
    told = explained(leaf("traits.number", "less_than", {"name": "traits.cart_value"}), {"traits.number": 9, "traits.cart_value": 5})

    assert (told["expected"], told["expected_value"]) == ("traits.cart_value", 5)
    assert told["needs"] == "needs number of less than traits.cart_value (5); it is 9"


def test_a_segment_shows_its_answer() -> None:
    data = document([rule(leaf("segments.some", "is_true"))], segments=[{"key": "some", "when": leaf("tags", "contains", "loyal")}])
    told = compile_ruleset(parse_workspace(data)).decide("slot", {}, explain=True).explain

    assert told is not None
    assert told["rules"][0]["conditions"]["actual"] is False
    assert told["rules"][0]["conditions"]["needs"] == "needs segment some to be true; it is false"


def test_without_the_other_name_there_is_nothing_to_compare_with_and_that_is_told() -> None:
    told = explained(leaf("traits.number", "less_than", {"name": "traits.cart_value"}), {"traits.number": 9})

    assert (told["matched"], told["missing"], told["expected_value"]) == (False, True, None)


def test_of_two_closed_gates_the_first_is_named() -> None:
    one = rule(None, schedule={"until": "2026-11-01"}, rollout={"percent": 0})

    assert told_of([one], {"time.now": "2026-11-25T12:00:00Z", "user.id": "alice"})["rules"][0]["reason"] == "schedule"
