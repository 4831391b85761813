"""What holds for all documents and all facts."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.engine import compile_conditions, compile_ruleset, parse_workspace, read_conditions, write_conditions
from tests.engine import strategies
from tests.engine.world import document, path_of_winner, problems

capped = st.frozensets(st.sampled_from(["r1", "r2", "r3", "r4"]))


def walk(rules: list[dict[str, Any]], holds: Any, capped: frozenset[str], skipped: list[str], above: tuple[str, ...] = ()) -> Any:
    """The rule tree in its simplest form, to compare with."""
    for one in rules:
        if not one.get("enabled", True) or not holds(one["when"]):
            continue
        path = (*above, one["key"])
        found = walk(one.get("children", []), holds, capped, skipped, path)
        if found:
            return found
        if "then" in one and one["key"] not in capped:
            return path
        if "then" in one:
            skipped.append(one["key"])
    return None


@settings(max_examples=150, deadline=None)
@given(rules=strategies.rule_trees(), facts=strategies.any_facts, capped=capped)
def test_a_tree_is_decided_as_its_rules_one_by_one_would_be(rules: list[dict[str, Any]], facts: Any, capped: frozenset[str]) -> None:
    def holds(when: dict[str, Any]) -> bool:
        alone = compile_ruleset(parse_workspace(document([{"key": "alone", "when": when, "then": {"template": "one"}}])))
        return alone.decide("slot", facts).outcome == "matched"

    skipped: list[str] = []
    path = walk(rules, holds, capped, skipped)

    choice = compile_ruleset(parse_workspace(document(rules))).decide("slot", facts, capped=capped)

    if path:
        assert (choice.outcome, choice.path, choice.rule and choice.rule.key) == ("matched", path, path[-1])
    elif skipped:
        assert (choice.outcome, choice.rule and choice.rule.key) == ("capped", skipped[0])
    else:
        assert (choice.outcome, choice.rule) == ("fallback", None)


@settings(max_examples=150, deadline=None)
@given(rules=strategies.rule_trees(), facts=strategies.any_facts, capped=capped)
def test_an_explanation_agrees_with_the_decision_and_is_json(rules: list[dict[str, Any]], facts: Any, capped: frozenset[str]) -> None:
    ruleset = compile_ruleset(parse_workspace(document(rules)))

    choice = ruleset.decide("slot", facts, capped=capped)
    explained = ruleset.decide("slot", facts, capped=capped, explain=True)

    assert (explained.outcome, explained.path, explained.template) == (choice.outcome, choice.path, choice.template)
    told = json.loads(json.dumps(explained.explain, allow_nan=False))["rules"]
    assert path_of_winner(told) == (list(choice.path) if choice.outcome == "matched" else [])


@settings(max_examples=150, deadline=None)
@given(source=strategies.conditions, facts=strategies.any_facts)
def test_a_comparison_says_what_it_needs_exactly_when_its_answer_stands_in_the_way(source: dict[str, Any], facts: Any) -> None:
    def leaves(told: dict[str, Any], wanted: bool) -> Any:
        if "name" in told:
            yield told, wanted
        for kind in ("all", "any", "none"):
            for part in told.get(kind, []):
                yield from leaves(part, wanted is not (kind == "none"))
        if "not" in told:
            yield from leaves(told["not"], not wanted)

    told = compile_conditions(source, thresholds={}).explain(facts)

    for leaf, wanted in leaves(told, True):
        assert ("needs" in leaf) == (leaf["matched"] is not wanted)


@settings(max_examples=150, deadline=None)
@given(source=strategies.conditions, facts=strategies.any_facts)
def test_untyped_conditions_never_raise_whatever_the_facts_hold(source: dict[str, Any], facts: Any) -> None:
    conditions = compile_conditions(source, thresholds={})

    assert conditions.matches(facts) is conditions.explain(facts)["matched"]


@settings(max_examples=200, deadline=None)
@given(source=strategies.conditions)
def test_conditions_survive_reading_and_writing(source: dict[str, Any]) -> None:
    node, found = read_conditions(source)

    assert found == []
    assert node is not None
    assert read_conditions(write_conditions(node))[0] == node


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("\ud800") | st.just("a\0"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=15,
)
FIELDS = ["workspace", "traits", "context", "signals", "tags", "scores", "thresholds", "templates", "placements"]


@settings(max_examples=150, deadline=None)
@given(data=json_values)
def test_any_value_is_a_workspace_or_has_problems(data: Any) -> None:
    assert problems(data)


@settings(max_examples=150, deadline=None)
@given(parts=st.dictionaries(st.sampled_from(FIELDS), json_values, min_size=1, max_size=2))
def test_a_document_with_parts_replaced_by_anything_never_raises_anything_but_its_problems(parts: dict[str, Any]) -> None:
    problems(document() | parts)


@settings(max_examples=150, deadline=None)
@given(when=json_values)
def test_conditions_of_any_shape_never_raise_anything_but_their_problems(when: Any) -> None:
    problems(document([{"key": "a", "when": when, "then": {"template": "one"}}]))


@settings(max_examples=150, deadline=None)
@given(name=st.sampled_from(["traits.number", "traits.text", "traits.words", "tags"]), operator=st.text(max_size=20), value=json_values)
def test_comparisons_of_any_content_never_raise_anything_but_their_problems(name: str, operator: str, value: Any) -> None:
    for known in (operator, "equal_to", "contains_all", "in", "between", "matches_regex"):
        problems(document([{"key": "a", "when": {"name": name, "operator": known, "value": value}, "then": {"template": "one"}}]))


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=60) | st.text('[]{}",:0123456789.eE+-\\ntrufalse "', max_size=60).map(str.encode))
def test_any_bytes_are_a_workspace_or_have_problems(data: bytes) -> None:
    assert problems(data)
