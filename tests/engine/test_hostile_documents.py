"""Documents made to hurt: each gives problems, quickly, and never an exception of another kind."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rules import engine
from rules.engine import DocumentError, compile_conditions, limits
from tests.engine.world import codes, compiled, document, leaf, matches, problems, rule

pytestmark = pytest.mark.usefixtures("soon")


def nested(depth: int) -> dict[str, Any]:
    inner: dict[str, Any] = leaf("tags", "is_set")
    for _ in range(depth):
        inner = {"all": [inner]}
    return inner


def test_a_hundred_thousand_groups_in_each_other_as_text() -> None:
    when = '{"all":[' * 100_000 + "]}" * 100_000
    data = json.dumps(document([rule({})])).replace('"when": {}', f'"when": {when}').encode()

    assert codes(data) == ["too_deep"]


def test_a_hundred_thousand_groups_in_each_other_as_values() -> None:
    assert codes(document([rule(nested(100_000))])) == ["too_deep"]


def test_a_hundred_thousand_groups_given_to_compile_conditions() -> None:
    with pytest.raises(DocumentError, match="too_deep"):
        compile_conditions(nested(100_000), thresholds={})


def test_groups_as_deep_as_allowed_and_one_deeper() -> None:
    assert codes(document([rule(nested(limits.CONDITION_DEPTH - 1))])) == []
    assert codes(document([rule(nested(limits.CONDITION_DEPTH))])) == ["too_deep"]


def test_a_hundred_thousand_nots_in_each_other() -> None:
    inner: dict[str, Any] = leaf("properties.a", "is_set")
    for _ in range(100_000):
        inner = {"not": inner}

    with pytest.raises(DocumentError, match="too_deep"):
        compile_conditions(inner, thresholds={})


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "[" * 100_000 + "]" * 100_000], ids=["open", "objects", "closed"])
def test_brackets_without_end(text: str) -> None:
    assert codes(text.encode()) == ["too_deep"]


@pytest.mark.parametrize("text", ['"' + '\\"' * 200_000, '"' * 200_001, '"\\'], ids=["escaped quotes", "quotes", "backslash at the end"])
def test_strings_that_never_end_are_scanned_once(text: str) -> None:
    assert codes(text.encode()) == ["json_syntax"]


def test_brackets_inside_texts_do_not_count_as_depth() -> None:
    assert problems(json.dumps(document() | {"workspace": {"key": "world", "name": '[{"\\' * 40}}).encode()) == ()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "json_syntax"),
        ("{", "json_syntax"),
        ("\x00", "json_syntax"),
        ("null", "wrong_type"),
        ("[]", "wrong_type"),
        ('"text"', "wrong_type"),
        ('{"workspace": {"key": "a"}, "workspace": {"key": "b"}}', "duplicate_json_key"),
        ('{"workspace": {"key": "a", "key": "b"}}', "duplicate_json_key"),
        ('{"thresholds": [{"key": "a", "value": NaN}]}', "bad_number"),
        ('{"thresholds": [{"key": "a", "value": -Infinity}]}', "bad_number"),
        ('{"thresholds": [{"key": "a", "value": 1e999}]}', "bad_number"),
        ('{"thresholds": [{"key": "a", "value": 9007199254740992}]}', "bad_number"),
        ('{"thresholds": [{"key": "a", "value": ' + "9" * 100_000 + "}]}", "bad_number"),
        ('{"workspace": {"name": "\\ud800"}}', "bad_text"),
        ('{"workspace": {"name": "a\\u0000b"}}', "bad_text"),
        ('{"\\udfff": 1}', "bad_text"),
    ],
)
def test_json_that_readers_take_in_different_ways(text: str, code: str) -> None:
    assert code in codes(text.encode())


def test_bytes_that_are_no_text() -> None:
    assert codes(b'{"workspace": "\xff"}') == ["json_syntax"]


def test_a_document_of_too_many_bytes() -> None:
    assert codes(b" " * (limits.DOCUMENT_BYTES + 1)) == ["too_large"]


def test_an_object_with_a_hundred_thousand_equal_keys() -> None:
    assert codes(b"{" + b'"a":1,' * 100_000 + b'"a":1}')[0] == "duplicate_json_key"


@pytest.mark.parametrize("part", [b"bytes", {1, 2}, object(), 1j, {5: "number as key"}, {None: 1}])
def test_values_that_are_no_json(part: Any) -> None:
    assert codes(document() | {"tags": part}) == ["wrong_type"]


def test_a_value_that_holds_itself() -> None:
    loop: list[Any] = []
    loop.append(loop)

    assert codes(document() | {"tags": loop}) == ["too_deep"]


def test_sharing_that_makes_a_small_value_endless() -> None:
    shared: list[Any] = []
    for _ in range(100):
        shared = [shared, shared]

    assert "too_large" in codes(document() | {"tags": shared})


@pytest.mark.parametrize(
    "name", ["__class__", "__init__.__globals__", "tags.__class__.__mro__", "traits.text.upper", "{0.__class__}", "a" * 500]
)
def test_a_name_that_reaches_into_python(name: str) -> None:
    assert codes(document([rule(leaf(name, "is_set"))])) == ["unknown_name"]
    assert codes(document([rule(leaf("traits.text", "equal_to", {"name": name}))])) == ["unknown_name"]
    assert codes(document([rule(leaf("traits.items", "any_item", leaf(name, "is_set")))])) == ["unknown_name"]
    assert set(codes(document([rule(leaf(f"segments.{name}", "is_true"))]))) <= {"unknown_segment", "unknown_name"}


@pytest.mark.parametrize("operator", ["__class__", "__eq__", "link", "_text", "equal_to.__call__", "lambda: 1", "é" * 150])
def test_an_operator_that_reaches_into_python(operator: str) -> None:
    assert codes(document([rule(leaf("traits.text", operator, "x"))])) == ["unknown_operator"]


def test_names_are_never_asked_of_the_facts_unless_the_vocabulary_has_them() -> None:
    class Facts(dict[str, Any]):
        asked: list[str]

        def get(self, name: str, default: Any = None, /) -> Any:
            self.asked.append(name)
            return default

    facts = Facts()
    facts.asked = []
    compile_conditions({"any": [leaf("properties.__class__", "is_set"), leaf("properties.a", "is_set")]}, thresholds={}).matches(facts)

    assert facts.asked == ["properties.__class__", "properties.a"]


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*)*x", "^(([a-z])+.)+[A-Z]([a-z])+$", "(x+x+)+y"])
def test_expressions_that_explode_elsewhere_are_linear(pattern: str) -> None:
    conditions = compile_conditions(leaf("properties.a", "matches_regex", pattern), thresholds={})

    conditions.matches({"properties.a": "a" * 100_000 + "!"})
    conditions.matches({"properties.a": "x" * 100_000})


@pytest.mark.parametrize(
    "pattern", ["(", "a**", "[z-a]", "a{2,1}", "(?P<a", "\\", "a{1001}", "(?:a{1000}){1000}", "\ud800", "(?=a)", "\\1"]
)
def test_expressions_that_can_not_be_compiled(pattern: str) -> None:
    with pytest.raises(DocumentError, match="pattern_refused"):
        compile_conditions(leaf("properties.a", "matches_regex", pattern), thresholds={})


def test_a_text_with_half_a_character_matches_no_expression() -> None:
    conditions = compile_conditions(leaf("properties.a", "matches_regex", "."), thresholds={})

    assert conditions.matches({"properties.a": "\ud800"}) is False


def test_one_expensive_expression_in_every_comparison_is_refused_once_each_but_tried_once() -> None:
    when = {"any": [leaf("traits.text", "matches_regex", "(?:\\pL{100}){9}")] * 500}

    assert codes(document([rule(when)])) == ["pattern_refused"] * 500


def test_more_different_expressions_than_memory_is_for() -> None:
    when = {"any": [leaf("traits.text", "matches_regex", f"a{number}") for number in range(limits.PATTERNS + 1)]}

    assert codes(document([rule(when)])) == ["too_many_patterns"]


def test_more_comparisons_than_allowed() -> None:
    when = {"any": [leaf("traits.text", "is_set")] * limits.CONDITION_NODES}

    assert codes(document([rule(when)])) == ["too_many_conditions"]
    assert codes(document([rule({"any": when["any"][:-1]})])) == []


def test_a_list_longer_than_allowed() -> None:
    assert codes(document([rule(leaf("traits.text", "in", ["a"] * (limits.LIST + 1)))])) == ["list_too_long"]
    assert codes(document([rule(leaf("traits.text", "in", ["a"] * limits.LIST))])) == []


def test_a_list_of_a_million_elements() -> None:
    assert codes(document([rule(leaf("traits.text", "in", ["a"] * 1_000_000))])) == ["list_too_long"]


def test_five_thousand_wrong_names_beside_two_thousand_right_ones() -> None:
    traits = [{"key": f"trait_number_{number}"} for number in range(2_000)]
    when = {"any": [leaf(f"traits.trait_numbr_{number}", "is_set") for number in range(4_999)]}

    assert codes(document([rule(when)], traits=traits))[-1] == "too_many_problems"


@pytest.mark.parametrize(
    "value", [None, True, 1, -1.5, "x", [], ["x"], [[]], {}, {"threshold": 5}, {"threshold": "big-cart", "x": 1}, [None], [True]]
)
@pytest.mark.parametrize("operator", ["equal_to", "in", "between", "contains_all", "matches_regex", "is_contained_by"])
@pytest.mark.parametrize("name", ["traits.number", "traits.text", "traits.words", "traits.boolean"])
def test_values_of_every_wrong_shape_give_problems_only(name: str, operator: str, value: Any) -> None:
    problems(document([rule(leaf(name, operator, value))]))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400, -(10**400), 2**53, "\ud800"])
def test_values_json_does_not_have_are_refused_by_compile_conditions_itself(value: Any) -> None:
    with pytest.raises(DocumentError, match="wrong_value"):
        compile_conditions(leaf("properties.a", "equal_to", value), thresholds={})


@pytest.mark.parametrize("value", [10**400, -(10**400), float("inf"), float("nan"), 2**1023, 1e308])
@pytest.mark.parametrize("operator", ["equal_to", "greater_than", "less_than_or_equal_to"])
def test_numbers_beyond_reason_met_at_run_time_only_compare(operator: str, value: Any) -> None:
    conditions = compile_conditions(leaf("properties.a", operator, 1.5), thresholds={})

    assert conditions.matches({"properties.a": value}) in {True, False}
    json.dumps(conditions.explain({"properties.a": value}), allow_nan=False)


def test_a_value_met_at_run_time_may_be_nested_without_end() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    conditions = compile_conditions(leaf("properties.a", "contains", "x"), thresholds={})

    assert conditions.matches({"properties.a": deep}) is False
    json.dumps(conditions.explain({"properties.a": deep}))


def test_no_check_of_the_engine_disappears_under_python_o() -> None:
    folder = Path(engine.__file__).parent
    found = [
        f"{path.name}:{node.lineno}"
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Assert) or (isinstance(node, ast.Name) and node.id == "__debug__")
    ]

    assert found == []


def test_an_empty_group_is_refused_under_python_o_too() -> None:
    program = """
from rules.engine import DocumentError, compile_conditions
try:
    compile_conditions({"all": []}, thresholds={})
except DocumentError as error:
    print(error.problems[0].code)
"""
    run = subprocess.run([sys.executable, "-O", "-c", program], capture_output=True, text=True, check=True)

    assert run.stdout == "empty_group\n"


# What business-rules falls over.


@pytest.mark.parametrize("operator", ["__class__", "_assert_valid_value_and_cast", "__init__", "link", "needs"])
def test_operators_are_looked_up_in_a_table_and_nowhere_else(operator: str) -> None:
    for name in ("traits.text", "traits.number", "traits.items", "time.now"):
        assert codes(document([rule(leaf(name, operator, "x"))])) == ["unknown_operator"]


def test_a_missing_value_in_one_rule_does_not_stop_the_others() -> None:
    rules = [
        rule({"any": [leaf("traits.number", "greater_than", 1), leaf("traits.boolean", "is_true")]}, key="a"),
        rule(leaf("traits.words", "contains", "x"), key="b"),
        rule(leaf("tags", "contains", "new"), key="c"),
    ]

    for wrong in (None, "1", True, float("nan"), b"", {}):
        facts = {"traits.number": wrong, "traits.boolean": 1, "traits.words": "x", "tags": ["new"]}
        choice = compiled(rules).decide("slot", facts)
        assert choice.rule is not None
        assert choice.rule.key == "c"


def test_a_generator_an_object_and_a_text_are_no_lists() -> None:
    for value in ((one for one in ["a"]), {"a": 1}, "a", b"a", range(3)):
        assert matches(leaf("traits.words", "contains", "a"), {"traits.words": value}) is False
        assert matches(leaf("traits.items", "any_item", leaf("item.a", "is_set")), {"traits.items": value}) is False


@pytest.mark.parametrize("when", [{}, {"all": []}, {"any": []}, {"none": []}, {"not": {}}, {"not": []}, {"all": [{}]}, {"all": {}}])
def test_conditions_of_nothing_are_refused_everywhere(when: dict[str, Any]) -> None:
    assert set(codes(document([rule(when)]))) <= {"empty_group", "conditions_shape"} != set()
    assert set(codes(document(segments=[{"key": "a", "when": when}]))) <= {"empty_group", "conditions_shape"} != set()
    assert set(codes(document([rule(leaf("traits.items", "any_item", when))]))) <= {"empty_group", "conditions_shape"} != set()


def test_operators_without_a_value_need_none_and_what_a_comparison_does_not_know_is_refused() -> None:
    assert codes(document([rule({"name": "traits.text", "operator": "non_empty"})])) == []
    assert codes(document([rule({"name": "traits.text", "operator": "equal_to", "value": "a", "vlaue": "b"})])) == ["conditions_shape"]


def test_an_operand_may_not_be_of_another_type() -> None:
    for value in (True, None, {"a": 1}, ["a"], 5):
        assert problems(document([rule(leaf("traits.text", "equal_to", value))]))
