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
    "text": {
        **dict.fromkeys(["in", "not_in", "in_case_insensitive"], st.lists(texts, min_size=1, max_size=4)),
        **dict.fromkeys(["does_not_contain", "not_equal_to", "contains_case_insensitive", "starts_with_case_insensitive"], texts),
        "version_less_than": st.sampled_from(["1.0", "10", "2.0-beta"]),
        "in_network": st.sampled_from(["10.0.0.0/8", "::/0"]),
        "in_split": st.sampled_from([["salt", 0, 50], ["salt", 50, 100]]),
    },
    "number": {
        "in": st.lists(numbers, min_size=1, max_size=4),
        "not_in": st.lists(numbers, min_size=1, max_size=4),
        "not_equal_to": numbers,
        "modulo": st.sampled_from([[2, 0], [3, 1]]),
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


def _answering(made: dict[str, Any], missing: bool | None) -> dict[str, Any]:
    return made if missing is None else made | {"missing": missing}


OTHERS = {"text": "traits.plan", "number": "traits.cart_value"}
"""Names to compare with, by the trait that is compared."""

leaves = st.builds(_answering, all_leaves, st.sampled_from([None, None, None, True, False])) | st.one_of(
    # What no column of an index can hold, and what is computed of other conditions.
    *(st.builds(leaf, st.just(f"traits.{name}"), st.just("equal_to"), st.just({"name": other})) for name, other in OTHERS.items()),
    st.builds(leaf, st.just("segments.some"), st.sampled_from(["is_true", "is_false"])),
    st.builds(leaf, st.just("time.now"), st.just("hour_between"), st.sampled_from([[8, 12], [22, 6]])),
    st.builds(leaf, st.just("tags"), st.sampled_from(["contains", "does_not_contain"]), st.sampled_from(["loyal", "new"])),
    # The same element refused twice.
    st.just({"all": [leaf("tags", "does_not_contain", "new"), leaf("tags", "shares_no_elements_with", ["new", "loyal"])]}),
    st.builds(leaf, st.just("traits.plan"), st.just("in"), st.lists(st.sampled_from(["free", "gold"]), min_size=1, max_size=2)),
)
full_conditions = _grouped(leaves, ours=True)
SEGMENTS = [{"key": "some", "when": {"any": [leaf("traits.number", "greater_than", 0), leaf("tags", "contains", "loyal")]}}]

good_facts = st.fixed_dictionaries({"traits.text": texts, "traits.number": numbers, "traits.boolean": st.booleans(), "traits.words": lists})

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just(10**400) | st.floats() | texts | st.just("\ud800") | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3) | st.frozensets(st.integers(), max_size=3),
    max_leaves=6,
)
NOWS = ["2026-03-29T00:59:59Z", "2026-11-25T09:30:00Z", "2026-11-28T23:00:00+01:00", "not a time"]
full_facts = st.fixed_dictionaries(
    {},
    optional={
        **{f"traits.{name}": anything | values for name, values in {"text": texts, "number": numbers, "words": lists}.items()},
        "traits.boolean": st.booleans() | anything,
        "traits.plan": st.sampled_from(["free", "gold", "Gold", "a"]) | anything,
        "traits.cart_value": numbers | anything,
        "tags": st.lists(st.sampled_from(["loyal", "new"]), max_size=2),
        "time.now": st.sampled_from(NOWS),
        "user.timezone": st.sampled_from(["Europe/Berlin", "Asia/Kolkata", "nowhere"]),
        "user.id": texts,
    },
)
any_facts = st.dictionaries(
    st.sampled_from([f"traits.{name}" for name in OPERANDS] + ["tags"]), anything | texts | numbers | lists, max_size=5
)


@st.composite
def rule_trees(draw: st.DrawFn, depth: int = 3, *, full: bool = False) -> list[dict[str, Any]]:
    """Rules with conditions, outcomes, caps and children; keys are given afterwards, so that they are unique.

    `full` ones may have all that a rule can: else branches, schedules, roll-outs, groups, and conditions of every kind.
    """
    rules = draw(_rules(depth, full=full))
    number = 0
    waiting = list(rules)
    while waiting:
        one = waiting.pop()
        number += 1
        one["key"] = f"r{number}"
        waiting += one.get("children", [])
    return rules


SCHEDULES = st.sampled_from(
    [
        {"from": "2026-03-29T02:30", "until": "2026-11-27"},
        {"weekdays": ["sat", "wed"], "timezone": "user"},
        {"hours": ["22:00", "02:00"]},
        {"hours": ["09:00", "17:30"], "timezone": "Asia/Kolkata"},
    ]
)


@st.composite
def _rules(draw: st.DrawFn, depth: int, *, full: bool, below: bool = False) -> list[dict[str, Any]]:
    rules = []
    for _ in range(draw(st.integers(1, 3))):
        one: dict[str, Any] = {"when": draw(leaves | full_conditions if full else all_leaves | conditions)}
        if full and below and draw(st.integers(0, 2)) == 0:
            one["branch"] = "else"
        if full and draw(st.integers(0, 4)) == 0:
            one["schedule"] = draw(SCHEDULES)
        if full and draw(st.integers(0, 4)) == 0:
            one["rollout"] = {"percent": draw(st.sampled_from([0, 30, 100])), "salt": "same"}
        if full and draw(st.integers(0, 2)) == 0:
            one |= {"group": draw(st.sampled_from(["g", "h"])), "priority": draw(st.integers(-1, 1))}
        if depth > 1 and draw(st.booleans()):
            one["children"] = draw(_rules(depth - 1, full=full, below=True))
        if "children" not in one or draw(st.booleans()):
            one["then"] = {"template": draw(st.sampled_from(["one", "two", "three"]))}
            if draw(st.booleans()):
                one["cap"] = {"session": 1}
        if draw(st.integers(0, 5)) == 0:
            one["enabled"] = False
        rules.append(one)
    return rules
