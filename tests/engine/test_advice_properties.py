"""Whatever rules and whatever facts: what is said of a rule without any facts is so with them."""

from __future__ import annotations

from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st

from rules.engine import advice, compile_ruleset, parse_workspace
from rules.engine.analysis.boxes import met
from rules.engine.analysis.index import Index
from rules.engine.analysis.study import Study
from rules.engine.operators.shapes import EPSILON
from rules.engine.tree import walk
from rules.engine.workspace import Workspace
from tests.engine import strategies
from tests.engine.world import document, leaf

NUMBERS = [0, 1, EPSILON, -EPSILON, 2 * EPSILON, 1 + EPSILON, 1 - EPSILON, 1 + 2 * EPSILON, 1.5, 0.1 + 0.2, 0.3, 1e15, 2**53 - 1]
WORDS, ELEMENTS = ["", "a", "b", "A"], ["a", "b", "C"]
numbers = st.sampled_from(NUMBERS)
words, elements = st.sampled_from(WORDS), st.sampled_from(ELEMENTS)
some = st.lists(elements, min_size=1, max_size=3)
switches = st.sampled_from(["is_true", "is_false", "is_set", "is_missing"])


def compared(name: str, operators: list[str], operand: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(leaf, st.just(name), st.sampled_from(operators), operand)


narrow = st.one_of(
    compared(
        "traits.number",
        ["equal_to", "not_equal_to", "greater_than", "greater_than_or_equal_to", "less_than", "less_than_or_equal_to"],
        numbers,
    ),
    compared("traits.number", ["in", "not_in"], st.lists(numbers, min_size=1, max_size=3)),
    compared("traits.number", ["between"], st.tuples(numbers, numbers).map(sorted)),
    compared("traits.text", ["equal_to", "not_equal_to", "equal_to_case_insensitive"], words),
    compared("traits.text", ["starts_with", "contains", "matches_regex"], st.sampled_from(["a", "b"])),
    compared("traits.text", ["in", "not_in"], st.lists(words, min_size=1, max_size=3)),
    compared("traits.text", ["in_split"], st.sampled_from([["one", 0, 50], ["one", 50, 100], ["one", 25, 75], ["two", 0, 50]])),
    compared("traits.words", ["contains", "does_not_contain"], elements),
    compared(
        "traits.words",
        ["contains_all", "shares_at_least_one_element_with", "shares_no_elements_with", "shares_exactly_one_element_with"],
        some,
    ),
    st.builds(leaf, st.just("traits.boolean"), switches),
    st.builds(leaf, st.sampled_from([f"traits.{name}" for name in ("number", "text", "words")]), st.sampled_from(["is_set", "is_missing"])),
    st.builds(leaf, st.sampled_from(["segments.one", "segments.two"]), switches),
)
leaves = st.builds(lambda made, missing: made | missing, narrow, st.sampled_from([{}, {}, {}, {"missing": True}, {"missing": False}]))
groups = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(lambda kind, parts: {kind: parts}, st.sampled_from(["all", "any", "none"]), st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda part: {"not": part}, inner),
    ),
    max_leaves=5,
)
plain = st.builds(lambda kind, parts: {kind: parts}, st.sampled_from(["all", "any"]), st.lists(leaves, min_size=1, max_size=3))
conditions = leaves | plain | groups


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Rules that often contradict, repeat or shadow each other, with else branches, roll-outs and caps."""
    made = draw(st.lists(_rules(2), min_size=1, max_size=4))
    number, waiting = 0, list(made)
    while waiting:
        one = waiting.pop()
        number += 1
        one["key"] = f"r{number}"
        waiting += one.get("children", [])
    own = st.one_of(leaves, plain).filter(lambda when: "segments" not in str(when))
    segments = [
        {"key": "one", "when": draw(own)},
        {"key": "two", "when": draw(conditions.filter(lambda when: "segments.two" not in str(when)))},
    ]
    return document(made, segments=segments)


def _rules(depth: int) -> st.SearchStrategy[dict[str, Any]]:
    parts: dict[str, st.SearchStrategy[Any]] = {"when": conditions, "then": st.just({"template": "one"})}
    more: dict[str, st.SearchStrategy[Any]] = {
        "cap": st.just({"session": 1}),
        "rollout": st.sampled_from([{"percent": 50, "salt": "one"}, {"percent": 20, "salt": "one"}, {"percent": 50}]),
        "schedule": st.sampled_from([{"weekdays": ["mon"]}, {"hours": ["09:00", "17:00"]}]),
    }
    if depth:
        child = st.builds(lambda rule, branch: rule | branch, _rules(depth - 1), st.sampled_from([{}, {}, {"branch": "else"}]))
        more["children"] = st.lists(child, min_size=1, max_size=2)
    return st.fixed_dictionaries(parts, optional=more)


near = st.builds(
    lambda given, off: {name: value for name, value in given.items() if name not in off},
    st.fixed_dictionaries(
        {
            "traits.number": st.builds(lambda base, step: base + step, numbers, st.sampled_from([0, EPSILON, -EPSILON, 1e-9, 0.5])),
            "traits.text": words | st.sampled_from(["ab", "ba", "c"]),
            "traits.words": st.lists(elements | st.just("x"), max_size=3),
            "traits.boolean": st.booleans(),
            "user.id": st.sampled_from(["1", "2", "3", "4"]),
            "user.timezone": st.just("UTC"),
            "time.now": st.sampled_from(["2026-11-02T10:00:00Z", "2026-11-03T10:00:00Z", "2026-11-03T20:00:00Z"]),
        }
    ),
    st.sets(st.sampled_from(["traits.number", "traits.text", "traits.words", "traits.boolean", "user.id"]), max_size=2),
)


def said(workspace: Workspace) -> dict[str, set[str]]:
    """By code, the rules it is said of."""
    rules = {place.path: place.rule.key for place in walk(workspace)}
    found: dict[str, set[str]] = {}
    for one in advice(workspace):
        whose = max((path for path in rules if one.path.startswith(path)), key=len, default=None)
        if whose is not None:
            found.setdefault(one.code, set()).add(rules[whose])
    return found


def hold(data: dict[str, Any], workspace: Workspace, key: str, facts: dict[str, Any]) -> bool:
    """Whether a rule's own conditions hold, asked without anything around them."""
    when = next(place.rule.when for place in walk(workspace) if place.rule.key == key)
    alone = {"key": "alone", "when": when, "then": {"template": "one"}}
    return compile_ruleset(parse_workspace(document([alone], segments=data["segments"]))).decide("slot", facts).outcome == "matched"


def agrees(data: dict[str, Any], facts: list[dict[str, Any]]) -> None:
    workspace = parse_workspace(data)
    found = said(workspace)
    for code in found:
        event(code)
    ruleset = compile_ruleset(workspace)
    lost = set().union(*(found.get(code, set()) for code in ("contradiction", "never_true", "shadowed_rule")))
    for given_facts in facts:
        for capped in ((), frozenset(ruleset.caps)):
            choice = ruleset.decide("slot", given_facts, capped=capped)
            assert choice.outcome != "matched" or choice.path[-1] not in lost
        for key in found.get("contradiction", ()):
            assert not hold(data, workspace, key, given_facts)
        for key in found.get("always_true", ()):
            assert hold(data, workspace, key, given_facts)


@settings(max_examples=200, deadline=None)
@given(data=documents(), facts=st.lists(near, min_size=6, max_size=12))
def test_what_is_said_of_rules_that_get_in_each_others_way_is_so(data: dict[str, Any], facts: list[dict[str, Any]]) -> None:
    agrees(data, facts)


@settings(max_examples=200, deadline=None)
@given(rules=strategies.rule_trees(), facts=st.lists(strategies.any_facts | near, min_size=4, max_size=8))
def test_what_is_said_of_any_rules_is_so(rules: list[dict[str, Any]], facts: list[dict[str, Any]]) -> None:
    agrees(document(rules, segments=[]), facts)


@settings(max_examples=150, deadline=None)
@given(one=narrow, two=narrow, facts=st.lists(near, min_size=8, max_size=16))
def test_two_rules_of_one_comparison_each_shadow_each_other_only_where_they_do(
    one: dict[str, Any], two: dict[str, Any], facts: list[dict[str, Any]]
) -> None:
    rules = [{"key": key, "when": when, "then": {"template": "one"}} for key, when in (("r1", one), ("r2", two))]

    agrees(document(rules, segments=[{"key": key, "when": leaf("traits.boolean", "is_true")} for key in ("one", "two")]), facts)


@settings(max_examples=150, deadline=None)
@given(data=documents(), facts=st.lists(near, min_size=6, max_size=12))
def test_of_rules_with_one_priority_that_match_together_all_but_the_first_are_named(
    data: dict[str, Any], facts: list[dict[str, Any]]
) -> None:
    named = said(parse_workspace(collecting(data, {"group": "same"}))).get("equal_priority", set())
    ruleset = compile_ruleset(parse_workspace(collecting(data, {})))  # where all that match are seen

    for given_facts in facts:
        won = {choice.path[-1] for choice in ruleset.choices("slot", given_facts) if choice.outcome == "matched"}
        assert len(won - named) <= 1


def collecting(data: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """The same rules in a placement that collects, each with something more."""

    def changed(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [rule | more | {"children": changed(rule.get("children", []))} for rule in rules]

    slot = data["placements"][0]
    return data | {"placements": [slot | {"mode": "collect", "rules": changed(slot["rules"])}]}


@settings(max_examples=150, deadline=None)
@given(data=documents())
def test_no_box_that_covers_or_meets_another_is_missed_by_the_index(data: dict[str, Any]) -> None:
    study = Study(parse_workspace(data))
    boxes = [box for _, reaches in study.reaches for reach in reaches for box in (*reach.inside, *reach.own)]
    index = Index(boxes)

    for box in boxes:
        covering, meeting = index.covering(box), index.meeting(box)
        for number, other in enumerate(boxes):
            assert not other.covers(box) or covering >> number & 1
            assert met(other, box) is None or meeting >> number & 1
