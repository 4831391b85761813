"""Hypothesis strategies: conditions, trees of rules and facts over the names of tests.engine.world."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.engine.world import leaf

WORDS = ["", "a", "b", "A", "ab", "Ab b", "gold", "Gold", "straße", "STRASSE", "é", "10", "a\nb"]
ELEMENTS = ["a", "A", "b", "B", "gold", "straße", "x"]

texts = st.sampled_from(WORDS) | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5)
numbers = st.one_of(
    st.integers(-20, 20),
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.floats(-20, 20),
    st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15),
    # Around each other by about the tolerance, where the answer turns.
    st.builds(lambda base, millionths: base + millionths * 1e-7, st.integers(-3, 3), st.integers(-25, 25)),
)
lists = st.lists(st.sampled_from(ELEMENTS), max_size=5)
some = st.lists(st.sampled_from(ELEMENTS), min_size=1, max_size=5)
patterns = st.sampled_from(["a", "^a", "b$", "a|b", "[a-c]+", "(a+)+$", "o.d", ".", "x*", "^$", "g(ol)d", "\\bgold\\b", "(?i)GOLD"])

OPERANDS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "text": {
        **dict.fromkeys(["equal_to", "equal_to_case_insensitive", "starts_with", "ends_with", "contains"], texts),
        "matches_regex": patterns,
        "non_empty": st.just(""),
    },
    "number": dict.fromkeys(["equal_to", "greater_than", "greater_than_or_equal_to", "less_than", "less_than_or_equal_to"], numbers),
    "boolean": dict.fromkeys(["is_true", "is_false"], st.just("")),
    "words": {
        **dict.fromkeys(["contains", "does_not_contain"], st.sampled_from(ELEMENTS)),
        **dict.fromkeys(
            ["contains_all", "shares_at_least_one_element_with", "shares_exactly_one_element_with", "shares_no_elements_with"], some
        ),
        "is_contained_by": lists,
    },
}
"""business-rules' own operators, by the trait of tests.engine.world they apply to."""

OURS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "text": {"in": st.lists(texts, min_size=1, max_size=4), "not_in": st.lists(texts, min_size=1, max_size=4), "does_not_contain": texts},
    "number": {
        "in": st.lists(numbers, min_size=1, max_size=4),
        "not_in": st.lists(numbers, min_size=1, max_size=4),
        "between": st.tuples(numbers, numbers).map(sorted),
    },
}

shared_leaves = st.one_of(
    st.builds(leaf, st.just(f"traits.{name}"), st.just(operator), operand)
    for name, operators in OPERANDS.items()
    for operator, operand in operators.items()
)
all_leaves = st.one_of(
    shared_leaves,
    *(
        st.builds(leaf, st.just(f"traits.{name}"), st.just(operator), operand)
        for name, operators in OURS.items()
        for operator, operand in operators.items()
    ),
    st.builds(leaf, st.sampled_from([f"traits.{name}" for name in OPERANDS]), st.sampled_from(["is_set", "is_missing"])),
)


def _grouped(leaves: st.SearchStrategy[Any], *, ours: bool) -> st.SearchStrategy[Any]:
    def extend(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        groups = [st.builds(lambda kind, parts: {kind: parts}, st.sampled_from(["all", "any"]), st.lists(inner, min_size=1, max_size=4))]
        if ours:
            groups.append(st.builds(lambda parts: {"none": parts}, st.lists(inner, min_size=1, max_size=3)))
            groups.append(st.builds(lambda part: {"not": part}, inner))
        return st.one_of(groups)

    return st.recursive(leaves, extend, max_leaves=8)


shared_conditions = _grouped(shared_leaves, ours=False)
conditions = _grouped(all_leaves, ours=True)

good_facts = st.fixed_dictionaries({"traits.text": texts, "traits.number": numbers, "traits.boolean": st.booleans(), "traits.words": lists})

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just(10**400) | st.floats() | texts | st.just("\ud800") | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3) | st.frozensets(st.integers(), max_size=3),
    max_leaves=6,
)
any_facts = st.dictionaries(
    st.sampled_from([f"traits.{name}" for name in OPERANDS] + ["tags"]), anything | texts | numbers | lists, max_size=5
)


@st.composite
def rule_trees(draw: st.DrawFn, depth: int = 3) -> list[dict[str, Any]]:
    """Rules with conditions, outcomes, caps and children; keys are given afterwards, so that they are unique."""
    rules = draw(_rules(depth))
    number = 0
    waiting = list(rules)
    while waiting:
        one = waiting.pop()
        number += 1
        one["key"] = f"r{number}"
        waiting += one.get("children", [])
    return rules


@st.composite
def _rules(draw: st.DrawFn, depth: int) -> list[dict[str, Any]]:
    rules = []
    for _ in range(draw(st.integers(1, 3))):
        one: dict[str, Any] = {"when": draw(all_leaves | conditions)}
        if depth > 1 and draw(st.booleans()):
            one["children"] = draw(_rules(depth - 1))
        if "children" not in one or draw(st.booleans()):
            one["then"] = {"template": draw(st.sampled_from(["one", "two", "three"]))}
            if draw(st.booleans()):
                one["cap"] = {"session": 1}
        if draw(st.integers(0, 5)) == 0:
            one["enabled"] = False
        rules.append(one)
    return rules
