"""What is told of returned rules by functions written for them is what is told of every rule by asking it again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.engine import Ruleset, telling
from tests.engine import strategies
from tests.engine.corpus import read_all
from tests.engine.world import compiled, document, leaf, rule

capped = st.frozensets(st.sampled_from(["r1", "r2", "r3", "r4"]))
CASES = [case for _, case in read_all() if "where" not in case and "want_code" not in case]


def ruleset_of(rules: list[dict[str, Any]], mode: str = "first", **parts: Any) -> Ruleset:
    return compiled([], placements=[{"key": "slot", "mode": mode, "rules": rules}], **parts)


def only(told: list[dict[str, Any]], path: tuple[str, ...]) -> list[dict[str, Any]]:
    """Of every rule on the way those of one path: what has to be told of an ending."""
    one = next(one for one in told if one["key"] == path[0])
    if len(path) == 1:
        return [one | {"children": []}]
    beneath = "otherwise" if one.get("otherwise") else "children"
    kept = {name: value for name, value in one.items() if name not in {"won", "reason"}}  # said of its own outcome
    return [kept | {beneath: only(one[beneath], path[1:])}]


def told_alike(ruleset: Ruleset, facts: dict[str, Any], capped: frozenset[str] = frozenset()) -> int:
    """Compares, key by key and in their order; gives how many choices there were to compare."""
    mistyped: tuple[set[str], set[str]] = set(), set()
    every = ruleset.choices("slot", facts, capped=capped, explain=True, mistyped=mistyped[0])
    returned = ruleset.choices("slot", facts, capped=capped, explain="returned", mistyped=mistyped[1])
    plain = ruleset.choices("slot", facts, capped=capped)
    assert [choice.path for choice in returned] == [choice.path for choice in every] == [choice.path for choice in plain]
    assert mistyped[1] <= mistyped[0]
    for choice in returned:
        assert choice.explain is not None
        assert every[0].explain is not None
        wanted = {"rules": only(every[0].explain["rules"], choice.path) if choice.path else []}
        assert repr(choice.explain) == repr(wanted)
    return sum(bool(choice.path) for choice in returned)


@settings(max_examples=250, deadline=None)
@given(
    rules=strategies.rule_trees(full=True),
    users=st.lists(strategies.full_facts | strategies.good_facts, min_size=1, max_size=6),
    capped=capped,
    mode=st.sampled_from(["first", "collect"]),
)
def test_a_returned_rule_is_told_as_every_rule_is(rules: Any, users: list[Any], capped: frozenset[str], mode: str) -> None:
    ruleset = ruleset_of(rules, mode, segments=strategies.SEGMENTS)
    for facts in users:
        told_alike(ruleset, facts, capped)


@settings(max_examples=200, deadline=None)
@given(parts=st.lists(strategies.leaves, min_size=1, max_size=4), users=st.lists(strategies.full_facts, min_size=1, max_size=6))
def test_comparisons_of_every_kind_are_told_alike_where_they_hold_together(parts: list[Any], users: list[Any]) -> None:
    # Each rule asks for one more of them, so that some are returned.
    rules = [rule({"all": parts[:length]}, key=f"r{length}") for length in range(1, len(parts) + 1)]
    ruleset = ruleset_of(rules, "collect", segments=strategies.SEGMENTS)
    for facts in users:
        told_alike(ruleset, facts)


@pytest.mark.parametrize("inside", [False, True])
def test_the_language_s_own_cases_are_told_alike(inside: bool) -> None:
    compared = 0
    for case in CASES:
        rules = case.get("rules")
        if rules is None:
            when = {"all": [case["when"], {"any": [case["when"]]}]} if inside else case["when"]
            rules = [rule(when, children=[rule(None, key="other", branch="else")])]
        made = document(rules, segments=case.get("segments", []))
        made["placements"][0] |= case.get("placement", {})
        facts = case.get("facts", {}) | dict.fromkeys(case.get("null", []))
        compared += told_alike(compiled([], **made), facts, frozenset(case.get("capped", ())))

    assert compared > len(CASES) / 2


def test_very_many_comparisons_are_told_alike() -> None:
    many = [leaf("traits.number", "greater_than", number) for number in range(telling.MOST_TESTS + 1)]
    long, half = (rule({"all": part}, key=f"r{len(part)}") for part in (many, many[:40]))
    parent = rule({"all": [{"all": many[:40]}, *many[:40]]}, key="parent", children=[half])

    assert told_alike(ruleset_of([long, parent], "collect"), {"traits.number": 100}) == 2


@pytest.mark.parametrize("value", [2**63, -(2**63), 10**400, float("inf"), 1e300, True, "a" * 100, "é", "a" * 2_000, "\ud800", None, ["a"]])
def test_values_that_json_can_not_hold_are_told_alike(value: Any) -> None:
    asked = [leaf("traits.number", "greater_than", 5), leaf("traits.number", "less_than", 5), leaf("traits.text", "is_set")]
    asked += [leaf("traits.text", "not_equal_to", "b"), leaf("traits.words", "contains", "a"), leaf("traits.number", "is_missing")]
    ruleset = ruleset_of([rule({"all": [one]}, key=f"r{number}") for number, one in enumerate(asked)], "collect")
    facts = dict.fromkeys(["traits.number", "traits.text", "traits.words"], value)

    assert told_alike(ruleset, facts) > 0
    for choice in ruleset.choices("slot", facts, explain="returned"):
        json.dumps(choice.explain, allow_nan=False)


def test_what_was_told_may_be_changed_by_who_gets_it() -> None:
    ruleset = ruleset_of([rule({"all": [leaf("traits.number", "greater_than", 5)]})])

    def told() -> Any:
        return ruleset.decide("slot", {"traits.number": 9}, explain="returned").explain

    before, changed = repr(told()), told()
    changed["rules"][0]["conditions"]["all"][0]["actual"] = changed["rules"][0]["key"] = "other"
    changed["rules"][0]["conditions"]["all"].clear()
    changed["rules"][0]["children"].append("other")

    assert repr(told()) == before
