"""The business-rules library itself is the oracle for the shared part of the language; known differences are named one by one."""

from __future__ import annotations

import random
from typing import Any

import pytest
from business_rules.engine import check_conditions_recursively
from business_rules.operators import BooleanType, NumericType, SelectMultipleType, SelectType, StringType
from business_rules.variables import (
    BaseVariables,
    boolean_rule_variable,
    numeric_rule_variable,
    rule_variable,
    string_rule_variable,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.engine import Ruleset, compile_ruleset, parse_workspace
from rules.engine.operators import OPERATORS
from tests.engine import strategies
from tests.engine.world import codes, document, leaf, rule

LIBRARY = {"text": StringType, "number": NumericType, "boolean": BooleanType, "many_of": (SelectType, SelectMultipleType)}


class Variables(BaseVariables):
    """The world's traits as business-rules variables. A list is a select to some operators and a select_multiple to others."""

    def __init__(self, facts: dict[str, Any]) -> None:
        self.facts = facts

    @string_rule_variable()
    def text(self) -> Any:
        return self.facts["traits.text"]

    @numeric_rule_variable()
    def number(self) -> Any:
        return self.facts["traits.number"]

    @boolean_rule_variable()
    def boolean(self) -> Any:
        return self.facts["traits.boolean"]

    @rule_variable(SelectType)
    def words_as_select(self) -> Any:
        return self.facts["traits.words"]

    @rule_variable(SelectMultipleType)
    def words_as_select_multiple(self) -> Any:
        return self.facts["traits.words"]


def theirs(conditions: dict[str, Any], facts: dict[str, Any]) -> bool:
    return bool(check_conditions_recursively(renamed(conditions), Variables(facts)))


def renamed(conditions: dict[str, Any]) -> dict[str, Any]:
    """Our names as the library's methods."""
    if "name" not in conditions:
        return {kind: [renamed(part) for part in parts] for kind, parts in conditions.items()}
    name = conditions["name"].removeprefix("traits.")
    if name == "words":
        name += "_as_select" if hasattr(SelectType, conditions["operator"]) else "_as_select_multiple"
    return conditions | {"name": name}


def ours(conditions: dict[str, Any], facts: dict[str, Any]) -> bool:
    return compiled(conditions).decide("slot", facts).outcome == "matched"


def compiled(conditions: dict[str, Any]) -> Ruleset:
    return compile_ruleset(parse_workspace(document([rule(conditions)])))


@settings(max_examples=200, deadline=None)
@given(conditions=strategies.shared_conditions, users=st.lists(strategies.good_facts, min_size=5, max_size=15))
def test_every_shared_condition_is_answered_as_the_library_answers(conditions: dict[str, Any], users: list[dict[str, Any]]) -> None:
    ruleset = compiled(conditions)
    for facts in users:
        assert (ruleset.decide("slot", facts).outcome == "matched") == theirs(conditions, facts)


def test_twenty_thousand_cases_dealt_by_chance_are_answered_as_the_library_answers() -> None:
    dealer, asked = Dealer(random.Random(20261125)), 0
    for size in (10, 40, 150, 300) * 4:  # from a few nested ifs to an index
        rules = [rule(dealer.conditions(3), key=f"r{number}") for number in range(size)]
        placement = {"key": "slot", "mode": "collect", "rules": rules}
        ruleset = compile_ruleset(parse_workspace(document(placements=[placement])))
        for facts in dealer.users(10):
            found = {choice.rule.key for choice in ruleset.choices("slot", facts) if choice.rule}
            for one in rules:
                assert (one["key"] in found) == theirs(one["when"], facts), (one["when"], facts)
                asked += 1

    assert asked == 20_000


class Dealer:
    """Conditions and users from a seed: where hypothesis looks for the odd ones, this makes many ordinary ones, with matches among them."""

    WORDS = ("", "a", "b", "A", "ab", "Ab b", "gold", "Gold", "straße", "STRASSE", "10")
    PATTERNS = ("a", "^a", "b$", "a|b", "[a-c]+", "(a+)+$", "o.d", "g(ol)d", "(?i)GOLD")

    def __init__(self, dealt: random.Random) -> None:
        self._dealt = dealt

    def conditions(self, depth: int) -> dict[str, Any]:
        if depth == 0 or self._dealt.random() < 0.4:
            return self._leaf()
        return {self._dealt.choice(["all", "any"]): [self.conditions(depth - 1) for _ in range(self._dealt.randint(1, 4))]}

    def users(self, count: int) -> list[dict[str, Any]]:
        pick = self._dealt.choice
        return [
            {
                "traits.text": pick(self.WORDS),
                "traits.number": self._number(),
                "traits.boolean": pick([True, False]),
                "traits.words": self._some(0),
            }
            for _ in range(count)
        ]

    def _leaf(self) -> dict[str, Any]:
        name = self._dealt.choice(list(strategies.OPERANDS))
        operator = self._dealt.choice(list(strategies.OPERANDS[name]))
        if name == "text":
            operand: Any = self._dealt.choice(self.PATTERNS if operator == "matches_regex" else self.WORDS)
        elif name == "number":
            operand = self._number()
        elif name == "boolean":
            operand = ""
        else:
            operand = self._dealt.choice(strategies.ELEMENTS) if operator in {"contains", "does_not_contain"} else self._some(1)
        return leaf(f"traits.{name}", operator, operand)

    def _number(self) -> float:
        """Often near another one, but not at the tolerance itself, where floats and Decimals round differently."""
        near = self._dealt.choice([0, 0, 0, 3e-7, -8e-7, 1.5e-6, -2.2e-6, 0.5, 0.25])
        return self._dealt.randint(-4, 4) + near if near else self._dealt.randint(-4, 4)

    def _some(self, least: int) -> list[str]:
        return [self._dealt.choice(strategies.ELEMENTS) for _ in range(self._dealt.randint(least, 4))]


def test_every_operator_of_the_library_is_here_under_its_name() -> None:
    here = {(entry.types[0], entry.name) for entry in OPERATORS if entry.origin == "business-rules"}
    there = {
        (kind, operator["name"])
        for kind, classes in LIBRARY.items()
        for one in (classes if isinstance(classes, tuple) else (classes,))
        for operator in one.get_all_operators()
    }

    assert len(here) == 21
    assert here == there


# The differences of docs/rule-language.md, each shown on both sides.


@pytest.mark.parametrize(
    ("condition", "name"),
    [(leaf("traits.number", "equal_to", 1), "traits.number"), (leaf("traits.boolean", "is_true", ""), "traits.boolean")],
)
def test_a_missing_value_answers_where_the_library_aborts(condition: dict[str, Any], name: str) -> None:
    with pytest.raises(AssertionError):
        theirs(condition, {name: None})

    assert ours(condition, {name: None}) is False


def test_a_missing_text_is_not_the_empty_text() -> None:
    condition = leaf("traits.text", "equal_to", "")

    assert theirs(condition, {"traits.text": None}) is True
    assert ours(condition, {"traits.text": None}) is False


def test_true_is_no_number() -> None:
    condition = leaf("traits.number", "equal_to", 1)

    assert theirs(condition, {"traits.number": True}) is True
    assert ours(condition, {"traits.number": True}) is False


def test_true_is_not_the_element_one() -> None:
    condition = leaf("traits.words", "contains", 1)

    assert theirs(condition, {"traits.words": [True]}) is True
    assert ours(condition, {"traits.words": [True]}) is False


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_stop_the_library_only_fail_to_match(value: float) -> None:
    condition = leaf("traits.number", "less_than", 1)

    with pytest.raises((ValueError, OverflowError)):
        theirs(condition, {"traits.number": value})
    assert ours(condition, {"traits.number": value}) is False


def test_a_text_is_no_list_of_its_characters() -> None:
    condition = leaf("traits.words", "contains", "b")

    assert theirs(condition, {"traits.words": "abc"}) is True
    assert ours(condition, {"traits.words": "abc"}) is False


@pytest.mark.parametrize("operator", ["__class__", "_assert_valid_value_and_cast"])
def test_an_attribute_as_operator_matches_everyone_there_and_is_refused_here(operator: str) -> None:
    condition = leaf("traits.text", operator, "x")

    assert theirs(condition, {"traits.text": "y"}) is True
    assert codes(document([rule(condition)])) == ["unknown_operator"]


def test_digits_of_other_scripts_are_digits_there_only() -> None:
    condition = leaf("traits.text", "matches_regex", r"^\d$")

    assert theirs(condition, {"traits.text": "٣"}) is True
    assert ours(condition, {"traits.text": "٣"}) is False


def test_the_end_of_the_text_is_before_a_last_line_break_there_only() -> None:
    condition = leaf("traits.text", "matches_regex", "a$")

    assert theirs(condition, {"traits.text": "a\n"}) is True
    assert ours(condition, {"traits.text": "a\n"}) is False


def test_an_empty_list_that_everyone_has_all_of_is_refused_here() -> None:
    condition = leaf("traits.words", "contains_all", [])

    assert theirs(condition, {"traits.words": []}) is True
    assert codes(document([rule(condition)])) == ["empty_list"]


def test_a_condition_without_a_value_is_enough_for_an_operator_that_takes_none() -> None:
    condition = leaf("traits.boolean", "is_true")

    with pytest.raises(KeyError):
        theirs(condition, {"traits.boolean": True})
    assert ours(condition, {"traits.boolean": True}) is True
