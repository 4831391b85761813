"""What is worth a look in a workspace that nothing keeps from going live: each finding, its place, and where there is none."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.engine import Advice, advice, check, compile_ruleset, limits, obstacles, parse_workspace
from rules.engine.clock import moment
from rules.engine.spans import Stretch, meet, within
from tests.engine.world import document, leaf, problems, rule

UNUSED = {"unused_template", "unused_segment", "unused_threshold"}
GOLD, FREE = leaf("traits.plan", "equal_to", "gold"), leaf("traits.plan", "equal_to", "free")
TRUE, FALSE = leaf("traits.boolean", "is_true"), leaf("traits.boolean", "is_false")
SLOT = "$.placements[0].rules"


def over(number: float) -> dict[str, Any]:
    return leaf("traits.number", "greater_than", number)


def under(number: float) -> dict[str, Any]:
    return leaf("traits.number", "less_than", number)


def told(rules: list[dict[str, Any]], slot: dict[str, Any] | None = None, **parts: Any) -> list[Advice]:
    """Of these rules, without what is said of definitions nobody uses."""
    data = document(rules, **parts)
    data["placements"][0] |= slot or {}
    return [one for one in advice(parse_workspace(data)) if one.code not in UNUSED]


def codes(rules: list[dict[str, Any]], slot: dict[str, Any] | None = None, **parts: Any) -> list[tuple[str, str]]:
    return [(one.code, one.path) for one in told(rules, slot, **parts)]


# Advice and problems


def test_advice_keeps_nothing_from_going_live() -> None:
    data = document([rule({"all": [over(2), under(1)]})])

    assert problems(data) == ()
    compile_ruleset(parse_workspace(data))


def test_a_check_gives_advice_only_where_there_is_no_error() -> None:
    workspace = parse_workspace(document([rule({"all": [over(2), under(1)]})]))
    broken = msgspec.structs.replace(workspace, templates=[])

    assert "contradiction" in {problem.code for problem in check(workspace)}
    assert obstacles(workspace) == []
    assert {problem.code for problem in check(broken)} == {"unknown_template"}
    assert not any(isinstance(problem, Advice) for problem in check(broken))


def test_advice_has_the_fields_of_a_problem_and_no_other() -> None:
    (one,) = told([rule({"all": [over(2), under(1)]})])

    assert set(msgspec.to_builtins(one)) == {"code", "path", "message", "fix"}
    assert all(msgspec.to_builtins(one).values())


# Contradictions

CONTRADICTIONS = [
    ([over(2), under(1)], 1),
    ([over(1), under(1)], 1),
    ([GOLD, FREE], 1),
    ([GOLD, leaf("traits.text", "is_set"), leaf("traits.plan", "not_equal_to", "gold")], 2),
    ([TRUE, FALSE], 1),
    ([leaf("traits.number", "is_missing"), over(1)], 1),
    ([GOLD, leaf("traits.plan", "is_missing")], 1),
    ([leaf("traits.text", "starts_with", "a"), leaf("traits.text", "is_missing")], 1),
    ([leaf("traits.text", "starts_with", "a"), {"not": leaf("traits.text", "starts_with", "a")}], "1].not"),
    ([leaf("tags", "contains", "loyal"), leaf("tags", "does_not_contain", "loyal")], 1),
    ([leaf("tags", "contains_all", ["loyal", "new"]), leaf("tags", "shares_no_elements_with", ["new"])], 1),
    ([leaf("traits.text", "in_split", ["a", 0, 50]), leaf("traits.text", "in_split", ["a", 50, 100])], 1),
    ([leaf("tags", "is_missing")], 0),
    ([leaf("traits.joined", "before", "2026-01-01"), leaf("traits.joined", "after", "2026-06-01")], 1),
    ([leaf("traits.number", "equal_to", {"threshold": "big-cart"}), under(50)], 1),
]


@pytest.mark.parametrize(("parts", "second"), CONTRADICTIONS, ids=lambda value: str(value)[:60])
def test_two_comparisons_that_exclude_each_other_are_told_at_the_second(parts: list[dict[str, Any]], second: int | str) -> None:
    place = f"{SLOT}[0].when.all[{second}{']' if isinstance(second, int) else ''}"

    assert codes([rule({"all": parts})]) == [("contradiction", place)]


def test_a_contradiction_names_both_comparisons() -> None:
    (one,) = told([rule({"all": [over(2), under(1)]}, key="a")])

    assert one.message == "rule 'a' never matches: traits.number greater than 2 and traits.number less than 1 exclude each other"


def test_conditions_of_which_only_all_together_are_impossible_are_told_where_they_begin() -> None:
    parts = [leaf("tags", "shares_at_least_one_element_with", ["new", "loyal"])]
    parts += [leaf("tags", "does_not_contain", "new"), leaf("tags", "does_not_contain", "loyal")]

    assert codes([rule({"all": parts})]) == [("contradiction", f"{SLOT}[0].when")]


POSSIBLE = [
    [over(1), under(1.001)],
    [leaf("traits.number", "greater_than_or_equal_to", 1), leaf("traits.number", "less_than_or_equal_to", 1)],
    [leaf("traits.number", "greater_than_or_equal_to", 1.0000015), leaf("traits.number", "less_than_or_equal_to", 1)],
    [leaf("traits.plan", "not_equal_to", "gold"), leaf("traits.plan", "is_missing")],
    [leaf("traits.plan", "not_in", ["free", "gold", "Platinum"])],
    [leaf("tags", "contains", "loyal"), leaf("tags", "contains", "new")],
    [leaf("traits.text", "starts_with", "a"), leaf("traits.text", "starts_with", "b")],
    [leaf("traits.text", "starts_with", "a") | {"missing": True}, {"not": leaf("traits.text", "starts_with", "a")}],
    [leaf("traits.text", "in_split", ["a", 0, 50]), leaf("traits.text", "in_split", ["b", 50, 100])],
    [over(2) | {"missing": True}, under(1) | {"missing": True}],
    [{"any": [over(2), under(1)]}, leaf("traits.number", "is_set")],
]


@pytest.mark.parametrize("parts", POSSIBLE, ids=lambda value: str(value)[:60])
def test_what_somebody_can_fulfil_or_might_is_no_contradiction(parts: list[dict[str, Any]]) -> None:
    assert codes([rule({"all": parts})]) == []


def test_declared_values_are_no_bound_since_apps_may_send_others() -> None:
    known = [leaf("traits.plan", "not_equal_to", value) for value in ("free", "gold", "Platinum")]

    assert codes([rule({"all": [*known, leaf("traits.plan", "is_set")]})]) == []


def test_a_segment_that_holds_for_nobody_is_told() -> None:
    segments = [{"key": "none", "when": {"all": [GOLD, FREE]}}]

    assert codes([], segments=segments) == [("contradiction", "$.segments[0].when.all[1]")]


def test_a_rule_that_excludes_what_its_segment_asks_for_is_told() -> None:
    segments = [{"key": "gold", "when": GOLD}]

    found = codes([rule({"all": [leaf("segments.gold", "is_true"), FREE]})], segments=segments)

    assert found == [("contradiction", f"{SLOT}[0].when.all[1]")]


def test_a_segment_is_never_without_a_value() -> None:
    segments = [{"key": "gold", "when": GOLD}]

    assert codes([rule(leaf("segments.gold", "is_missing"))], segments=segments) == [("contradiction", f"{SLOT}[0].when")]
    assert codes([rule(leaf("segments.gold", "is_set"))], segments=segments) == [("always_true", f"{SLOT}[0].when")]


def test_rules_that_are_off_are_not_looked_at() -> None:
    assert codes([rule({"all": [GOLD, FREE]}, enabled=False)]) == []


# Parents


def test_a_rule_that_its_parent_excludes_is_told_with_both_comparisons() -> None:
    (one,) = told([rule(GOLD, key="parent", template=None, children=[rule(FREE, key="child")])])

    assert (one.code, one.path) == ("never_true", f"{SLOT}[0].children[0].when")
    assert 'traits.plan equal to "gold" and traits.plan equal to "free"' in one.message


def test_an_else_branch_of_a_rule_that_holds_for_everyone_its_parent_lets_through_is_told_at_the_branch() -> None:
    branch = rule(TRUE, key="deep", branch="else", children=[rule(FREE, key="deeper")])
    child = rule(leaf("traits.plan", "is_set"), key="child", children=[branch])

    assert codes([rule(GOLD, key="parent", template=None, children=[child])]) == [("never_true", f"{SLOT}[0].children[0].children[0]")]


def test_a_rule_of_the_else_branch_that_asks_for_what_its_parent_asks_for_is_told() -> None:
    children = [rule({"all": [GOLD, TRUE]}, key="child", branch="else")]

    assert codes([rule(GOLD, key="parent", children=children)]) == [("never_true", f"{SLOT}[0].children[0].when.all[0]")]


def test_beneath_a_rule_nobody_comes_to_nothing_more_is_said() -> None:
    children = [rule({"all": [TRUE, FALSE]}, key="child", children=[rule(GOLD, key="grandchild")])]

    assert codes([rule({"all": [GOLD, FREE]}, key="parent", children=children)]) == [("contradiction", f"{SLOT}[0].when.all[1]")]


def test_a_rule_rolled_out_to_none_of_those_its_parent_is_for_is_told() -> None:
    parent = leaf("user.id", "in_split", ["a", 50, 100])

    def told_of(percent: int) -> list[tuple[str, str]]:
        child = rule(GOLD, key="child", rollout={"percent": percent, "salt": "a"})
        return codes([rule(parent, key="parent", template=None, children=[child])])

    assert told_of(50) == [("never_true", f"{SLOT}[0].children[0]")]
    assert told_of(51) == []
    assert told_of(0) == []  # not yet rolled out: nothing to look at


# Always true

ALWAYS = [
    {"any": [leaf("traits.plan", "is_set"), leaf("traits.plan", "is_missing")]},
    {"any": [leaf("traits.number", "greater_than", 1), leaf("traits.number", "less_than_or_equal_to", 1) | {"missing": True}]},
    leaf("tags", "is_set"),
    leaf("traits.number", "is_set") | {"missing": True},
    {"none": [{"all": [GOLD, FREE]}]},
    {"any": [leaf("tags", "contains", "loyal"), leaf("tags", "does_not_contain", "loyal")]},
    {"any": [leaf("traits.plan", "in", ["gold", "free"]), leaf("traits.plan", "not_in", ["gold"])]},
]
SOMETIMES = [
    {"any": [TRUE, FALSE]},
    {"any": [leaf("traits.number", "greater_than", 1), leaf("traits.number", "less_than_or_equal_to", 1)]},
    leaf("time.now", "is_set"),
    leaf("traits.plan", "not_equal_to", "gold"),
    {"any": [leaf("traits.text", "starts_with", "a"), {"not": leaf("traits.text", "starts_with", "b")}]},
]


@pytest.mark.parametrize("when", ALWAYS, ids=lambda value: str(value)[:60])
def test_conditions_that_hold_for_everyone_are_told(when: dict[str, Any]) -> None:
    assert codes([rule(when)]) == [("always_true", f"{SLOT}[0].when")]


@pytest.mark.parametrize("when", SOMETIMES, ids=lambda value: str(value)[:60])
def test_conditions_that_fail_somebody_even_if_only_for_want_of_a_value_are_in_order(when: dict[str, Any]) -> None:
    assert codes([rule(when)]) == []


def test_a_segment_that_holds_for_everyone_is_told() -> None:
    assert codes([], segments=[{"key": "all", "when": leaf("tags", "is_set")}]) == [("always_true", "$.segments[0].when")]


# Shadows


def test_a_rule_that_an_earlier_one_always_comes_before_is_told_with_its_key() -> None:
    (one,) = told([rule(over(1), key="wide"), rule({"all": [over(5), GOLD]}, key="narrow")])

    assert (one.code, one.path) == ("shadowed_rule", f"{SLOT}[1]")
    assert one.message == "rule 'narrow' never wins: whoever matches it matches 'wide' first"


SHADOWED = [
    (leaf("traits.number", "greater_than_or_equal_to", 1), leaf("traits.number", "equal_to", 1)),
    (leaf("traits.plan", "in", ["gold", "free"]), GOLD),
    (leaf("traits.plan", "not_equal_to", "gold"), FREE),
    (leaf("tags", "contains", "loyal"), leaf("tags", "contains_all", ["new", "loyal"])),
    (leaf("tags", "shares_at_least_one_element_with", ["new", "loyal"]), leaf("tags", "contains", "new")),
    (leaf("traits.text", "starts_with", "a"), {"all": [GOLD, leaf("traits.text", "starts_with", "a")]}),
    (leaf("traits.text", "is_set"), leaf("traits.text", "starts_with", "a")),
    ({"any": [GOLD, FREE]}, {"any": [FREE, GOLD]}),
    (leaf("user.id", "in_split", ["a", 0, 50]), leaf("user.id", "in_split", ["a", 10, 20])),
]


@pytest.mark.parametrize(("wide", "narrow"), SHADOWED, ids=lambda value: str(value)[:60])
def test_a_narrower_rule_after_a_wider_one_never_wins_and_the_other_way_round_it_may(wide: dict[str, Any], narrow: dict[str, Any]) -> None:
    both = [rule(wide, key="wide"), rule(narrow, key="narrow")]

    assert codes(both) == [("shadowed_rule", f"{SLOT}[1]")]
    if "any" not in wide:
        assert codes(both[::-1]) == []


SEEN = [
    {"cap": {"session": 1}},
    {"rollout": {"percent": 50}},
    {"schedule": {"weekdays": ["mon"]}},
    {"enabled": False},
]


@pytest.mark.parametrize("more", SEEN, ids=str)
def test_a_rule_with_a_cap_or_a_gate_or_one_that_is_off_lets_later_ones_win(more: dict[str, Any]) -> None:
    assert codes([rule(GOLD, key="a", **more), rule({"all": [GOLD, TRUE]}, key="b")]) == []


def test_two_rules_with_the_same_gate_are_compared_by_their_conditions() -> None:
    gate = {"rollout": {"percent": 50, "salt": "spring"}, "schedule": {"weekdays": ["mon"]}}

    assert codes([rule(GOLD, key="a", **gate), rule({"all": [GOLD, TRUE]}, key="b", **gate)]) == [("shadowed_rule", f"{SLOT}[1]")]
    narrower = gate | {"rollout": {"percent": 20, "salt": "spring"}}
    assert codes([rule(GOLD, key="a", **gate), rule(TRUE, key="b", children=[rule(GOLD, key="c", **narrower)])]) == [
        ("shadowed_rule", f"{SLOT}[1].children[0]")
    ]


def test_shadows_reach_across_the_tree() -> None:
    tree = rule(GOLD, key="a", template=None, children=[rule(over(1), key="b")])
    later = rule(over(3), key="c", template=None, children=[rule(GOLD, key="d")])

    assert codes([tree, later]) == [("shadowed_rule", f"{SLOT}[1].children[0]")]


def test_an_outcome_whose_child_matches_whenever_its_parent_does_is_told_at_the_outcome() -> None:
    children = [rule(over(1), key="child")]

    assert codes([rule(over(2), key="parent", children=children)]) == [("shadowed_rule", f"{SLOT}[0].then")]


def test_a_rule_shadowed_by_several_together_one_for_each_alternative_is_told() -> None:
    rules = [rule(GOLD, key="a"), rule(FREE, key="b"), rule({"any": [GOLD, FREE]}, key="c")]

    assert codes(rules) == [("shadowed_rule", f"{SLOT}[2]")]


def test_where_all_that_match_are_collected_none_stands_before_another() -> None:
    assert codes([rule(GOLD, key="a"), rule(GOLD, key="b")], {"mode": "collect"}) == []


def test_a_rule_with_too_many_alternatives_to_compare_shadows_nothing() -> None:
    pairs = [{"any": [leaf("tags", "contains", "loyal"), over(number)]} for number in range(7)]
    assert 2 ** len(pairs) > limits.ALTERNATIVES

    assert codes([rule({"all": pairs}, key="a"), rule({"all": [leaf("traits.text", "is_set"), over(100)]}, key="b")]) == []


# Placements that collect

COLLECT = {"mode": "collect"}


def test_two_rules_of_one_group_and_priority_that_can_match_together_are_told_at_the_second() -> None:
    rules = [rule(GOLD, key="a", group="offer"), rule(TRUE, key="b", group="offer")]

    assert codes(rules, COLLECT) == [("equal_priority", f"{SLOT}[1].group")]


APART = [
    [rule(GOLD, key="a", group="offer"), rule(TRUE, key="b", group="offer", priority=1)],
    [rule(GOLD, key="a", group="offer"), rule(TRUE, key="b", group="other")],
    [rule(GOLD, key="a"), rule(TRUE, key="b")],
    [rule(GOLD, key="a", group="offer"), rule(FREE, key="b", group="offer")],
    [rule(GOLD, key="a", group="offer", children=[rule(TRUE, key="b", group="offer")])],
    [rule(TRUE, key="p", template=None, children=[rule(GOLD, key="a", group="offer"), rule(GOLD, key="b", group="offer", branch="else")])],
]


@pytest.mark.parametrize("rules", APART, ids=lambda value: str(value)[:80])
def test_rules_of_other_groups_or_priorities_or_that_never_match_together_are_in_order(rules: list[dict[str, Any]]) -> None:
    assert codes(rules, COLLECT) == []


def test_priority_and_group_say_nothing_where_the_first_match_wins() -> None:
    rules = [rule(GOLD, priority=5, group="offer")]

    assert codes(rules) == [("priority_unused", f"{SLOT}[0].priority"), ("priority_unused", f"{SLOT}[0].group")]
    assert codes(rules, COLLECT) == []


def test_a_limit_says_nothing_where_the_first_match_wins() -> None:
    assert codes([rule(GOLD)], {"limit": 3}) == [("limit_unused", "$.placements[0].limit")]
    assert codes([rule(GOLD)], {"limit": 3} | COLLECT) == []


# What is over, and what nobody uses


def test_a_schedule_that_has_ended_is_told_where_the_moment_is_given() -> None:
    workspace = parse_workspace(document([rule(GOLD, schedule={"until": "2026-11-28"})]))
    end = moment("2026-11-28", "Europe/Berlin")

    def ended(now: float | None) -> list[str]:
        return [one.path for one in check(workspace, now=now) if one.code == "schedule_ended"]

    assert ended(end) == [f"{SLOT}[0].schedule.until"]
    assert ended(end - 1) == ended(None) == []


def test_templates_segments_and_thresholds_that_nobody_uses_are_told() -> None:
    used = [leaf("segments.two", "is_true"), leaf("traits.number", "in", [1, {"threshold": "small-cart"}])]
    segments = [{"key": "one", "when": GOLD}, {"key": "two", "when": TRUE}]
    workspace = parse_workspace(document([rule({"all": used})], segments=segments))

    found = [(one.code, one.path) for one in check(workspace)]

    assert found == [
        ("unused_template", "$.templates[1]"),
        ("unused_template", "$.templates[2]"),
        ("unused_template", "$.templates[4]"),
        ("unused_segment", "$.segments[0]"),
        ("unused_threshold", "$.thresholds[0]"),
    ]


def test_a_tag_alone_in_its_group_and_a_step_with_more_time_than_the_whole_are_worth_a_look() -> None:
    steps = [{"event": "A"}, {"event": "B", "within": "2h"}, {"event": "C", "not": True, "within": "9h"}]
    tags = [
        {"key": "alone", "group": "one", "assign": {"steps": steps, "within": "1h"}},
        *({"key": key, "group": "two", "assign": {"event": "A"}} for key in ("first", "second")),
    ]
    workspace = parse_workspace(document(tags=tags))

    assert [(one.code, one.path) for one in check(workspace) if not one.code.startswith("unused_")] == [
        ("group_of_one", "$.tags[0].group"),
        ("step_limit_unused", "$.tags[0].assign.steps[1].within"),
    ]


def test_what_only_tags_ask_for_is_used() -> None:
    when = {"all": [leaf("segments.rich", "is_true"), leaf("counts.views.1h", "greater_than", {"threshold": "big-cart"})]}
    tags = [{"key": "seen", "assign": {"event": "A", "when": when}}]
    workspace = parse_workspace(document(tags=tags, segments=[{"key": "rich", "when": leaf("user.known", "is_true")}]))

    assert [one.path for one in check(workspace) if one.code in {"unused_threshold", "unused_segment"}] == ["$.thresholds[1]"]


def test_a_threshold_that_only_events_are_compared_with_is_used() -> None:
    where = leaf("properties.price", "greater_than", {"threshold": "big-cart"})
    workspace = parse_workspace(document(signals=[{"key": "views", "event": "Viewed", "where": where}]))

    assert [one.path for one in check(workspace) if one.code == "unused_threshold"] == ["$.thresholds[1]"]


# Bounds


def test_more_advice_than_anyone_reads_is_cut_with_a_word_about_it() -> None:
    workspace = parse_workspace(document([rule({"all": [GOLD, FREE]}, key=f"r{number}") for number in range(limits.PROBLEMS + 5)]))

    found = check(workspace)

    assert len(found) == limits.PROBLEMS + 1
    assert (found[-1].code, isinstance(found[-1], Advice)) == ("too_many_problems", True)


def test_where_the_effort_ends_it_is_said_and_nothing_is_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "EFFORT", 10)
    rules = [rule({"all": [over(1), leaf("tags", "contains", "new"), TRUE, GOLD]}, key=f"r{number}") for number in range(10)]

    assert codes(rules) == [("check_unfinished", "$")]


stretches = (
    st.lists(st.integers(-6, 6), max_size=6, unique=True)
    .map(sorted)
    .map(lambda ends: [(first, end) for first, end in zip(ends[::2], [*ends[1::2], None], strict=False)])
)


@settings(max_examples=300, deadline=None)
@given(inner=stretches, outer=stretches)
def test_spans_lie_within_others_exactly_where_they_are_all_that_both_hold(inner: Stretch, outer: Stretch) -> None:
    assert within(inner, outer) == (meet(inner, outer) == inner)
