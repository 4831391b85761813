"""A compiled rule set as its users hold it: what it reads, its caps, many threads at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from rules.engine import DocumentError, compile_conditions, compile_ruleset, parse_workspace
from rules.engine.workspace import Cap, Outcome, Placement, Rule
from tests.engine.world import document, leaf, rule


def test_names_are_those_that_any_rule_reads_even_a_disabled_one() -> None:
    rules = [
        rule({"all": [leaf("tags", "contains", "new"), leaf("counts.views.1h", "greater_than", 1)]}, key="a"),
        rule(
            leaf("counts.clicks.total", "greater_than", 1),
            key="b",
            enabled=False,
            children=[rule(leaf("time.hour", "less_than", 9), key="c")],
        ),
    ]

    assert compile_ruleset(parse_workspace(document(rules))).names == {"tags", "counts.views.1h", "counts.clicks.total", "time.hour"}


def test_caps_are_by_rule_wherever_it_stands() -> None:
    inner = rule(leaf("tags", "contains", "loyal"), key="b", cap={"session": 3})
    rules = [rule(leaf("tags", "contains", "new"), key="a", cap={"session": 1}, children=[inner])]

    assert compile_ruleset(parse_workspace(document(rules))).caps == {"a": Cap(session=1), "b": Cap(session=3)}


def test_placements_are_there_by_key_and_an_unknown_one_is_a_key_error() -> None:
    ruleset = compile_ruleset(parse_workspace(document([rule()])))

    assert set(ruleset.placements) == {"slot"}
    with pytest.raises(KeyError):
        ruleset.decide("other", {})


def test_a_placement_without_rules_or_fallback_gives_nothing() -> None:
    choice = compile_ruleset(parse_workspace(document(placements=[{"key": "empty"}]))).decide("empty", {})

    assert (choice.outcome, choice.reason, choice.template, choice.path) == ("fallback", "no_match", None, ())


def test_the_rule_of_a_choice_is_the_authored_one_with_its_version() -> None:
    choice = compile_ruleset(parse_workspace(document([rule(version=7)]))).decide("slot", {})

    assert choice.rule is not None
    assert (choice.rule.key, choice.rule.version, choice.reason) == ("rule", 7, "rule")


def test_what_a_rule_set_holds_can_not_be_changed() -> None:
    ruleset = compile_ruleset(parse_workspace(document([rule()])))

    with pytest.raises(TypeError):
        ruleset.placements["slot"] = Placement(key="slot")  # type: ignore[index]  # what is tested
    with pytest.raises(AttributeError):
        ruleset.placements["slot"].content = "text"


def test_a_name_is_asked_of_the_facts_once_however_many_rules_read_it() -> None:
    class Facts:
        def __init__(self) -> None:
            self.asked: list[str] = []

        def get(self, name: str, default: Any, /) -> Any:
            self.asked.append(name)
            return default

    rules = [
        rule({"any": [leaf("traits.number", "equal_to", number), leaf("tags", "contains", "new")]}, key=f"r{number}")
        for number in range(50)
    ]
    facts = Facts()

    compile_ruleset(parse_workspace(document(rules))).decide("slot", facts)

    assert sorted(facts.asked) == ["tags", "traits.number"]


def test_many_threads_share_one_rule_set() -> None:
    rules = [rule(leaf("traits.number", "equal_to", number), key=f"r{number}") for number in range(20)]
    ruleset = compile_ruleset(parse_workspace(document(rules)))

    def ask(number: int) -> str | None:
        choice = ruleset.decide("slot", {"traits.number": number % 20}, explain=number % 3 == 0)
        return choice.rule and choice.rule.key

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(2_000)))

    assert answers == [f"r{number % 20}" for number in range(2_000)]


def test_compiling_what_was_never_checked_gives_its_problems() -> None:
    workspace = parse_workspace(document())
    broken = type(workspace)(
        workspace=workspace.workspace,
        placements=[
            Placement(
                key="slot",
                rules=[
                    Rule(key="a", when={"all": []}, then=Outcome(template="x")),
                    Rule(key="b", when=leaf("nothing", "is_set"), then=Outcome(template="x")),
                ],
            )
        ],
    )

    with pytest.raises(DocumentError) as caught:
        compile_ruleset(broken)

    assert [problem.code for problem in caught.value.problems] == ["empty_group", "unknown_name"]


def test_no_conditions_at_all_always_match_and_read_nothing() -> None:
    conditions = compile_conditions(None, thresholds={})

    assert conditions.matches({}) is True
    assert conditions.names == frozenset()
    assert conditions.explain({}) == {"all": [], "matched": True}


def test_conditions_tell_the_names_they_read() -> None:
    conditions = compile_conditions({"any": [leaf("properties.a", "contains", "x"), leaf("context.page.path", "is_set")]}, thresholds={})

    assert conditions.names == {"properties.a", "context.page.path"}
