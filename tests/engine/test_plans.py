"""The plain walk says what is right: nested ifs and the index answer the same, whatever the rules and the facts."""

from __future__ import annotations

import builtins
import keyword
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.engine import compile_ruleset, inline, limits, linked, parse_workspace
from rules.engine.linked import Readings, answer, holds
from rules.engine.operators import BY_TYPE
from rules.engine.operators.shapes import EPSILON, above, at_least
from rules.engine.plans import Planned, columns, shelves
from rules.engine.plans.chain import Chain
from rules.engine.plans.clauses import clauses
from rules.engine.plans.code import Code
from rules.engine.plans.filing import files
from rules.engine.plans.index import Index
from rules.engine.plans.walk import Walk
from rules.engine.spans import EVERYWHERE, meet, spans_of
from rules.engine.steps import under
from rules.engine.values import MISSING
from tests.engine import strategies
from tests.engine.world import document, leaf, rule

capped = st.frozensets(st.sampled_from(["r1", "r2", "r3", "r4"]))


def planned(rules: list[dict[str, Any]], mode: str = "first") -> tuple[Planned, Any]:
    """The placement's parts, and its readings of some facts."""
    placement = {"key": "slot", "mode": mode, "rules": rules}
    ruleset = compile_ruleset(parse_workspace(document(placements=[placement], segments=strategies.SEGMENTS)))
    return ruleset._trees["slot"].planned, lambda facts: Readings(facts, ruleset._sources)


def plans(parts: Planned) -> list[Any]:
    """Every kind of plan, whichever would be chosen."""
    half = len(parts.steps) // 2
    later = {ending for step in under(parts.steps[half:]) if (ending := step.ending) is not None}
    tail = Index(parts.endings, files([clause for clause in clauses(parts.endings) if clause.ending in later]), parts.sources)
    return [
        Walk(parts.steps),
        Code(parts.steps, parts.endings),
        Index(parts.endings, files(clauses(parts.endings)), parts.sources),
        Chain(Code(parts.steps[:half], parts.endings), tail),
    ]


def repeated(rules: list[dict[str, Any]], times: int) -> list[dict[str, Any]]:
    """The same rules again and again under other keys, so that there are enough of them for tables and drawers."""

    def renamed(one: dict[str, Any], time: int) -> dict[str, Any]:
        children = {"children": [renamed(child, time) for child in one["children"]]} if "children" in one else {}
        return one | children | {"key": f"{one['key']}-{time}" if time else one["key"]}

    return [renamed(one, time) for time in range(times) for one in rules]


@settings(max_examples=200, deadline=None)
@given(
    rules=strategies.rule_trees(full=True),
    users=st.lists(strategies.full_facts, min_size=1, max_size=6),
    capped=capped,
    times=st.sampled_from([1, 1, 9]),
)
def test_every_plan_finds_the_first_that_the_walk_finds(rules: Any, users: list[Any], capped: frozenset[str], times: int) -> None:
    parts, readings = planned(repeated(rules, times))
    walk, *others = plans(parts)
    for facts in users:
        wanted = walk.first(readings(facts), capped)
        for other in others:
            # What was passed over counts only where nothing was found.
            found = other.first(readings(facts), capped)
            assert found[0] == wanted[0]
            assert found[0] >= 0 or found == wanted


@settings(max_examples=200, deadline=None)
@given(
    rules=strategies.rule_trees(full=True),
    users=st.lists(strategies.full_facts, min_size=1, max_size=6),
    capped=capped,
    times=st.sampled_from([1, 1, 9]),
)
def test_every_plan_collects_what_the_walk_collects(rules: Any, users: list[Any], capped: frozenset[str], times: int) -> None:
    parts, readings = planned(repeated(rules, times), "collect")
    walk, *others = plans(parts)
    for facts in users:
        wanted = walk.every(readings(facts), capped)
        for other in others:
            found = other.every(readings(facts), capped)
            assert found[0] == wanted[0]
            assert found[0] or found == wanted


@settings(max_examples=200, deadline=None)
@given(expected=strategies.numbers, off=st.integers(-30, 30), value=strategies.numbers)
def test_a_span_ends_exactly_where_the_comparison_turns(expected: float, off: int, value: float) -> None:
    for near in (value, expected + off * EPSILON / 10, above(expected), at_least(expected)):
        assert (near >= above(expected)) == (near - expected > EPSILON)
        assert (near >= at_least(expected)) == (expected - near <= EPSILON)


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind in ("number", "duration") for name in BY_TYPE[kind]])
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_the_shape_of_a_number_operator_is_what_it_is_true_of(kind: Any, name: str, data: Any) -> None:
    operator = BY_TYPE[kind][name]
    if operator.shape is None:
        return
    one = st.integers(1, 9).map(lambda length: f"{length}m") if kind == "duration" else strategies.numbers
    raw = data.draw(
        {"range": st.tuples(one, one).map(sorted), "numbers": st.lists(one, min_size=1, max_size=4)}.get(operator.operand.name, one)
    )
    operand = operator.operand.read(raw)
    spans, holds = spans_of(operator.shape(operand), True), operator.link(operand)

    value = data.draw(strategies.numbers | st.sampled_from([float("inf"), float("-inf"), 120, 180]))

    assert holds(value) == any(first <= value and (end is None or value < end) for first, end in spans)
    assert holds(value) != any(first <= value and (end is None or value < end) for first, end in spans_of(operator.shape(operand), False))
    assert meet(spans, EVERYWHERE) == spans


@pytest.mark.parametrize(("reads", "name"), inline.EXPRESSIONS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_what_is_written_out_in_code_is_the_operator_itself(reads: str, name: str, data: Any) -> None:
    trait = {"many_of": "words"}.get(reads, reads)
    operand = data.draw({**strategies.OPERANDS[trait], **strategies.OURS.get(trait, {})}[name])
    facts = data.draw(strategies.full_facts)
    parts, readings = planned([rule(leaf(f"traits.{trait}", name, operand))])
    test = parts.steps[0].linked
    assert isinstance(test, linked.Test)

    wanted = holds(test, readings(facts))

    assert (Code(parts.steps, parts.endings).first(readings(facts), ())[0] == 0) == wanted
    assert answer(test)(readings(facts)) == wanted


@pytest.mark.parametrize("mode", ["first", "collect"])
def test_tables_that_share_what_they_look_up_find_what_the_walk_finds(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each rule asks for one of three values too, so that it is in one of three drawers; these are tables from two clauses on."""
    for name in ("FEW", "SOME"):
        monkeypatch.setattr(shelves, name, 1)
    shared = 0

    @settings(max_examples=100, deadline=None)
    @given(
        rules=strategies.rule_trees(full=True), users=st.lists(strategies.full_facts, min_size=1, max_size=6), soon=st.sampled_from([0, 32])
    )
    def alike(rules: Any, users: list[Any], soon: int) -> None:
        nonlocal shared
        monkeypatch.setattr(shelves, "SOON", soon)
        filed = [
            one | {"when": {"all": [leaf("context.device", "equal_to", f"c{number % 3}"), *([one["when"]] if "when" in one else [])]}}
            for number, one in enumerate(repeated(rules, 9))
        ]
        parts, readings = planned(filed, mode)
        walk = Walk(parts.steps)
        index = Index(parts.endings, files(clauses(parts.endings)), parts.sources, all_wanted=mode == "collect")
        for number, facts in enumerate(users):
            facts |= {"context.device": f"c{number % 3}"}
            read = readings(facts)
            assert index.first(read, ())[0] == walk.first(readings(facts), ())[0]
            shared += len(read.marks)
            assert index.every(readings(facts), ())[0] == walk.every(readings(facts), ())[0]

    alike()
    assert shared > 0


def for_many(count: int, mode: str = "first") -> Planned:
    """Rules that each hold for half of the users."""
    return planned([rule(leaf("traits.number", "greater_than", number), key=f"r{number}") for number in range(count)], mode)[0]


def test_few_rules_are_nested_ifs() -> None:
    assert isinstance(for_many(10).plan, Code)
    assert isinstance(for_many(10, "collect").plan, Code)


def test_many_rules_for_many_users_are_nested_ifs_and_then_an_index_or_at_once_one_where_all_are_collected() -> None:
    assert isinstance(for_many(1_000).plan, Chain)
    assert isinstance(for_many(1_000, "collect").plan, Index)


def test_rules_for_rare_values_are_an_index_even_where_they_are_few() -> None:
    rare = planned([rule(leaf("traits.text", "equal_to", f"a{number}"), key=f"r{number}") for number in range(30)])[0]

    assert isinstance(rare.plan, Index)


def test_rules_that_nothing_files_are_nested_ifs_however_many() -> None:
    patterns = [rule(leaf("traits.text", "starts_with", f"a{number}"), key=f"r{number}") for number in range(200)]

    assert isinstance(planned(patterns)[0].plan, Code)


def test_many_different_thresholds_share_spans_and_still_answer_exactly() -> None:
    parts, readings = planned([rule(leaf("traits.number", "less_than", number), key=f"r{number}") for number in range(2_000)], "collect")
    walk, _, index, _ = plans(parts)

    for number in (-1, 0, 999.5, 1_000, 1_999, 5_000, MISSING):
        facts = {"traits.number": number}
        assert index.every(readings(facts), ()) == walk.every(readings(facts), ())


def test_trees_and_conditions_as_deep_as_allowed_can_be_nested_ifs() -> None:
    when: dict[str, Any] = leaf("traits.number", "greater_than", 0)
    for depth in range(limits.CONDITION_DEPTH - 1):
        inner = [when, leaf("tags", "contains", "loyal")] if depth % 3 else [when]
        when = {"not": when} if depth % 3 == 2 else {["none", "any"][depth % 3]: inner}
    gated = {"schedule": {"hours": ["00:00", "24:00"]}, "rollout": {"percent": 100}}
    tree: dict[str, Any] = rule(when, key="r0", **gated)
    for depth in range(1, limits.RULE_DEPTH):
        tree = rule(when, key=f"r{depth}", template=None, children=[tree], **gated)
    parts, readings = planned([tree])
    code = Code(parts.steps, parts.endings)

    for number in (-1, 1, None):
        facts = {"traits.number": number, "time.now": "2026-11-25T12:00:00Z", "user.id": "alice"}
        assert code.first(readings(facts), ()) == Walk(parts.steps).first(readings(facts), ())


def test_nothing_that_an_author_wrote_is_in_the_text_of_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    texts: list[str] = []
    real = builtins.compile
    hostile = "x'); __import__('os').abort() #\n"
    conditions = {"any": [leaf("traits.text", "equal_to", hostile), leaf("traits.text", "starts_with", hostile)]}

    with monkeypatch.context() as patched:
        patched.setattr(builtins, "compile", lambda text, *more, **others: texts.append(text) or real(text, *more, **others))
        parts, readings = planned([rule(conditions, key="a")])

    assert isinstance(parts.plan, Code)
    assert parts.plan.first(readings({"traits.text": hostile}), ()) == (0, -1)
    assert len(texts) >= 2
    ours = {*keyword.kwlist, "first", "every", "make", "ask", "capped", "out", "len", "source"}
    assert {word for text in texts for word in re.findall("[A-Za-z_]{2,}", text)} <= ours


def collected_alike(rules: list[dict[str, Any]], users: list[dict[str, Any]]) -> None:
    parts, readings = planned(rules, "collect")
    walk, _, index, _ = plans(parts)
    for facts in users:
        assert index.every(readings(facts), ()) == walk.every(readings(facts), ())


def test_more_elements_than_are_looked_up_are_asked_for_one_by_one() -> None:
    words = [f"w{number}" for number in range(12)]
    rules = [
        rule(leaf("traits.words", "contains_all", words[start : start + 8]), key=f"r{start}-{n}") for start in range(5) for n in range(9)
    ]

    collected_alike(rules, [{"traits.words": words[start:end]} for start in range(5) for end in (4, 8, 11, 12)])


def test_a_column_that_would_be_too_large_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "MOST_BITS", 1_000)
    rules = [rule(leaf("traits.text", "in", [f"a{number + step}" for step in range(40)]), key=f"r{number}") for number in range(60)]

    collected_alike(rules, [{"traits.text": f"a{number}"} for number in range(0, 110, 7)])


def test_conditions_of_a_parent_are_not_copied_out_for_thousands_beneath_it() -> None:
    many = {"all": [leaf("traits.text", "not_equal_to", f"x{number}") for number in range(2_000)]}
    children = [rule(leaf("traits.number", "equal_to", number), key=f"r{number}") for number in range(600)]

    parts, readings = planned([rule(many, key="parent", template=None, children=children)])

    assert isinstance(parts.plan, Code)
    assert parts.plan.first(readings({"traits.text": "a", "traits.number": 7}), ()) == (7, -1)
    assert parts.plan.first(readings({"traits.text": "x9", "traits.number": 7}), ()) == (-1, -1)
