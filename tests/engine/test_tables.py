"""Decision tables: rules to CSV and back without loss, people's own CSV read as they mean it, everything else refused by its cell."""

from __future__ import annotations

import csv
import io
import json
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.engine import DocumentError, Vocabulary, limits
from rules.engine.operators import OPERATORS
from rules.engine.operators.operands import Refused
from rules.engine.tables import comparisons, normal, read_table, write_table
from rules.engine.tables.cells import LISTS, TEXTUAL, VALUELESS
from rules.engine.tables.columns import letters
from rules.engine.workspace import Rule, Workspace
from tests.engine.strategies import all_leaves, texts
from tests.engine.world import document, leaf, problems, rule

VOCABULARY = Vocabulary.of(msgspec.convert(document(), Workspace))


def rules(*sources: dict[str, Any]) -> list[Rule]:
    return msgspec.convert(list(sources), list[Rule])


def written(*sources: dict[str, Any]) -> list[list[str]]:
    """The cells of the table of these rules."""
    return list(csv.reader(io.StringIO(write_table(rules(*sources)), newline="")))


def cell(name: str, operator: str, value: Any = None) -> str:
    """The cell of one comparison."""
    return written(rule(leaf(name, operator, value)))[1][2]


def read(text: str, vocabulary: Vocabulary | None = None) -> Any:
    """The value of the only comparison in a table of one rule, by what stands in its cell."""
    head, _, inside = text.partition(": ")
    line = io.StringIO()
    csv.writer(line).writerows([["key", "then", head], ["a", "one", inside]])
    return read_table(line.getvalue(), vocabulary)[0]["when"].get("value")


def refused(text: str) -> list[tuple[str, str]]:
    with pytest.raises(DocumentError) as error:
        read_table(text)
    return [(problem.code, problem.path) for problem in error.value.problems]


class TestRoundTrip:
    keys = st.integers(0, 10_000).map(lambda number: f"r{number}")
    # Texts that look like something else in a cell.
    odd = texts | st.sampled_from(
        ["10", "-5", "1e3", "@home", "'", "'=1", "=1+1", "+49", "a|b", '"', '"a"', "[a]", "{}", " a ", "yes", "ä\r\nb", "1.10", "@", "|"]
    )
    scalars = odd | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    references = st.sampled_from([{"threshold": "big-cart"}, {"threshold": "2024"}, {"name": "traits.limit"}, {"name": "tags"}])
    items = st.just({"all": [leaf("item.price", "greater_than", 3), leaf("item.sku", "equal_to", 'a"|b')]})
    lists = st.lists(scalars | references, max_size=4)
    free = st.builds(leaf, st.sampled_from(["traits.a", "traits.b", "counts.views.1h"]), st.just("equal_to"), scalars | references)
    listed = st.builds(
        leaf, st.sampled_from(["traits.a", "tags"]), st.sampled_from(sorted(LISTS)), lists | references.filter(lambda r: "name" in r)
    )
    textual = st.builds(leaf, st.just("traits.a"), st.sampled_from(sorted(TEXTUAL - LISTS)), odd | st.just({"name": "traits.limit"}))
    marks = st.builds(leaf, st.sampled_from(["traits.a", "segments.regulars"]), st.sampled_from(sorted(VALUELESS)))
    of_items = st.builds(leaf, st.just("traits.cart"), st.sampled_from(["any_item", "every_item", "no_item"]), items)
    overridden = st.builds(lambda part, answer: {**part, "missing": answer}, free, st.booleans())
    leaves = st.one_of(all_leaves, free, listed, textual, marks, of_items, overridden)
    rest = st.fixed_dictionaries(
        {},
        optional={
            "name": odd.filter(bool),
            "description": odd.filter(bool),
            "then": st.just({"template": "one"}),
            "cap": st.dictionaries(st.sampled_from(["session", "user", "day", "week", "action"]), st.integers(1, 1000), min_size=1),
            "group": st.just("hero"),
            "priority": st.integers(-1000, 1000).filter(bool),
            "enabled": st.just(False),
        },
    )
    tables = st.lists(st.tuples(keys, st.lists(leaves, max_size=4), rest), max_size=6, unique_by=lambda row: row[0])

    @given(tables)
    @settings(max_examples=300, deadline=None)
    def test_a_table_reads_back_as_the_rules_it_was_written_of(self, drawn):
        # As a table gives them back: values beside operators that need none are dropped, a single comparison stands alone.
        sources = []
        for key, parts, rest in drawn:
            when = normal(comparisons({"all": parts}) or []) if parts else None
            sources.append({"key": key, **rest} | ({"when": when} if when else {}))

        text = write_table(rules(*sources))

        assert read_table(text) == sources
        assert read_table(f"\ufeff{text}") == sources
        assert write_table(rules(*read_table(text))) == text

    @given(st.lists(st.lists(all_leaves, max_size=4), max_size=5))
    @settings(max_examples=100, deadline=None)
    def test_knowing_the_types_changes_nothing_in_what_was_written(self, drawn):
        sources = [rule({"all": parts} if parts else None, key=f"r{index}") for index, parts in enumerate(drawn)]
        text = write_table(rules(*sources))

        assert read_table(text, VOCABULARY) == read_table(text)

    def test_no_rules_are_a_table_of_heads(self):
        assert written() == [["key", "name", "then"]]
        assert read_table(write_table([])) == []


class TestWriting:
    def test_rows_are_rules_and_columns_are_comparisons(self):
        loyal = rule(
            {"all": [leaf("tags", "contains", "loyal"), leaf("traits.cart_value", "greater_than", 80.5)]}, key="loyal", name="Loyal"
        )
        big = rule(leaf("traits.cart_value", "greater_than", {"threshold": "big-cart"}), key="big", cap={"session": 2}, enabled=False)

        assert written(loyal, big) == [
            ["key", "name", "tags contains", "traits.cart_value >", "then", "cap.session", "enabled"],
            ["loyal", "Loyal", "loyal", "80.5", "one", "", ""],
            ["big", "", "", "'@big-cart", "one", "2", "no"],
        ]

    def test_a_comparison_that_stands_twice_in_a_rule_has_two_columns(self):
        both = rule({"all": [leaf("tags", "contains", "loyal"), leaf("tags", "contains", "new")]})

        assert written(both)[0][2:4] == ["tags contains", "tags contains"]

    @pytest.mark.parametrize(
        ("name", "operator", "value", "shown"),
        [
            ("traits.text", "equal_to", "gold", "gold"),
            ("traits.text", "equal_to", "10", '"10"'),
            ("traits.text", "equal_to", "", '""'),
            ("traits.text", "equal_to", " a", '" a"'),
            ("traits.text", "matches_regex", "[0-9]+|x", "[0-9]+|x"),
            ("traits.text", "version_less_than", "2.10", "2.10"),
            ("traits.number", "between", [1, 2.5], "1 | 2.5"),
            ("traits.text", "in", ["a", "b|c"], 'a | "b|c"'),
            ("traits.text", "in", ["a"], "a"),
            ("traits.number", "greater_than", {"name": "traits.limit"}, "'@traits.limit"),
            ("traits.words", "shares_no_elements_with", {"name": "traits.words"}, "'@traits.words"),
            ("traits.boolean", "is_true", None, "yes"),
            ("traits.boolean", "is_true", "", "yes"),
        ],
    )
    def test_a_value_is_written_as_people_would(self, name, operator, value, shown):
        assert cell(name, operator, value) == shown

    @pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+1 234", "-x", "@SUM(1)", "\tx", "'=1"])
    def test_nothing_that_a_spreadsheet_would_run_stands_first_in_a_cell(self, text):
        table = written(rule(leaf("traits.text", "starts_with", text), name=text, description=text))

        assert not any(one.startswith(("=", "+", "-", "@", "\t", "\r")) for line in table for one in line)

    def test_negative_numbers_are_no_formulas(self):
        assert cell("traits.number", "equal_to", -5) == "-5"

    @pytest.mark.parametrize(
        ("more", "path"),
        [
            ({"children": [{"key": "child", "then": {"template": "one"}}]}, "children"),
            ({"schedule": {"weekdays": ["mon"]}}, "schedule"),
            ({"rollout": {"percent": 10}}, "rollout"),
            ({"branch": "else"}, "branch"),
            ({"when": {"any": [leaf("tags", "contains", "new")]}}, "when"),
            ({"when": {"not": leaf("tags", "contains", "new")}}, "when"),
            ({"when": {"all": [{"all": [leaf("tags", "contains", "new")]}]}}, "when"),
            ({"when": {"all": []}}, "when"),
            ({"when": {"name": "tags"}}, "when"),
            ({"when": {"name": "tags", "operator": "contains", "vlaue": 1}}, "when"),
            ({"when": leaf("tags", "contains")}, "when"),
            ({"when": leaf("a name", "contains", "a")}, "when"),
            ({"when": leaf("tags", "Contains it", "a")}, "when"),
            ({"when": leaf("traits.number", "equal_to", True)}, "when"),
            ({"when": leaf("traits.number", "in", 3)}, "when"),
            ({"when": leaf("traits.text", "starts_with", ["a"])}, "when"),
            ({"when": leaf("traits.text", "starts_with", 5)}, "when"),
        ],
    )
    def test_a_rule_that_does_not_fit_is_refused_and_named(self, more, path):
        with pytest.raises(DocumentError) as error:
            write_table(rules(rule(key="fits"), {"key": "unfit", **more}))

        assert [(problem.code, problem.path) for problem in error.value.problems] == [("rule_unfit_for_table", f"$.rules.unfit.{path}")]
        assert "'unfit'" in error.value.problems[0].message

    @pytest.mark.parametrize(
        "sources",
        [
            [rule(key=f"r{number}") for number in range(limits.TABLE_ROWS + 1)],
            [rule({"all": [leaf(f"traits.t{number}", "equal_to", 1) for number in range(limits.TABLE_COLUMNS)]})],
            [rule(leaf("tags", "contains_all", ["x" * 1000] * 100))],
        ],
    )
    def test_a_table_that_could_not_be_read_again_is_not_written(self, sources):
        with pytest.raises(DocumentError) as error:
            write_table(rules(*sources))

        assert [problem.code for problem in error.value.problems] == ["too_large"]


class TestReading:
    def test_rows_become_rules_in_their_order(self):
        text = (
            "key,name,tags contains,traits.cart_value >=,segments.regulars is_true,then,priority,cap.day,enabled,description\n"
            "loyal,Loyal ones,loyal,100,x,one,5,2,no,Why\n"
            ",,,,,,,,,\n"
            "rest,,,,,two,,,,\n"
        )

        assert read_table(text) == [
            {
                "key": "loyal",
                "name": "Loyal ones",
                "when": {
                    "all": [
                        {"name": "tags", "operator": "contains", "value": "loyal"},
                        {"name": "traits.cart_value", "operator": "greater_than_or_equal_to", "value": 100},
                        {"name": "segments.regulars", "operator": "is_true"},
                    ]
                },
                "then": {"template": "one"},
                "priority": 5,
                "cap": {"day": 2},
                "enabled": False,
                "description": "Why",
            },
            {"key": "rest", "then": {"template": "two"}},
        ]

    @pytest.mark.parametrize(
        ("inside", "value"),
        [
            ("traits.plan =: gold", "gold"),
            ("traits.n =: 10", 10),
            ("traits.n =: -1.5e2", -150.0),
            ("traits.n =: 1,5", "1,5"),
            ("traits.n =: 007", "007"),
            ('traits.n =: "10"', "10"),
            ("traits.n >: @big-cart", {"threshold": "big-cart"}),
            ("traits.n >: '@big-cart", {"threshold": "big-cart"}),
            ("traits.n >: @traits.limit", {"name": "traits.limit"}),
            ('traits.n >: {"name": "traits.limit"}', {"name": "traits.limit"}),
            ('traits.text =: "@home"', "@home"),
            ("traits.text =: '=1+1", "=1+1"),
            ("traits.text =: =1+1", "=1+1"),
            ("traits.text =: 'tis", "'tis"),
            ("traits.text in: a|b | c", ["a", "b", "c"]),
            ("traits.n in: 1", [1]),
            ("traits.n between: 1 | @big-cart", [1, {"threshold": "big-cart"}]),
            ('traits.text in: "a|b" | "10" | 10', ["a|b", "10", 10]),
            ('traits.text in: ["a", 1]', ["a", 1]),
            ("tags is_contained_by: []", []),
            ("traits.text version_less_than: 2.10", "2.10"),
            ("traits.text matches_regex: ^[a-z]|x$", "^[a-z]|x$"),
            (f"traits.cart any_item: {json.dumps(leaf('item.price', 'greater_than', 3))}", leaf("item.price", "greater_than", 3)),
            ("traits.text in_split: salt | 0 | 25", ["salt", 0, 25]),
        ],
    )  # fmt: skip
    def test_a_cell_is_read_as_it_is_meant(self, inside, value):
        assert read(inside) == value

    @pytest.mark.parametrize(
        ("inside", "value"),
        [
            ("traits.text =: 10", "10"),
            ("traits.plan in: 1 | 2", ["1", "2"]),
            ("traits.joined before: 2026", "2026"),
            ("tags contains: 2024", "2024"),
            ("traits.words contains: 10", 10),
            ("traits.number =: 10", 10),
            ("traits.number =: ten", "ten"),
            ("counts.views.1h >: 10", 10),
            ("traits.unheard_of =: 10", 10),
            ("traits.text in_split: salt | 0 | 25", ["salt", 0, 25]),
            ("traits.joined hour_between: 9 | 17.5", [9, 17.5]),
        ],
    )
    def test_with_a_vocabulary_a_cell_is_read_by_its_names_type(self, inside, value):
        assert read(inside, VOCABULARY) == value

    @pytest.mark.parametrize("separator", [",", ";", "\t"])
    def test_the_separator_is_that_of_the_readers_country(self, separator):
        text = separator.join(["key", "then", "traits.n in"]) + "\r\n" + separator.join(["a", "one", "1|2"])

        assert read_table(text)[0]["when"]["value"] == [1, 2]

    def test_an_answer_for_missing_values_stands_in_the_head(self):
        [found] = read_table("key,then,traits.age < missing=true\na,one,18\n")

        assert found["when"] == {"name": "traits.age", "operator": "less_than", "value": 18, "missing": True}

    def test_what_was_read_can_be_loaded(self):
        text = "key,tags contains,traits.cart_value >=,traits.plan in,then\na,loyal,@big-cart,gold|free,one\nb,,80,,two\n"

        assert problems(document(read_table(text, VOCABULARY))) == ()

    @pytest.mark.parametrize("mark", ["yes", "x", "X", "TRUE", "1"])
    def test_any_mark_stands_for_an_operator_that_compares_with_nothing(self, mark):
        assert read_table(f"key,then,user.known is_true\na,one,{mark}\n")[0]["when"] == {"name": "user.known", "operator": "is_true"}


class TestRefusals:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("", [("table_empty", "$")]),
            ("\ufeff", [("table_empty", "$")]),
            ("name\n", [("missing_column", "$.rows[1]"), ("missing_column", "$.rows[1]")]),
            ("key,then,then\n", [("duplicate_column", "$.rows[1].C")]),
            ("key,then,KEY\n", [("duplicate_column", "$.rows[1].C")]),
            ("key,then,colour\n", [("unknown_column", "$.rows[1].C")]),
            ("key,then,tags ~ contains\n", [("unknown_column", "$.rows[1].C")]),
            ("key,then,traits.a = maybe\n", [("unknown_column", "$.rows[1].C")]),
            ("key,then\na,one,left over\n", [("cell_without_column", "$.rows[2].C")]),
            ("key,,then\na,left over,one\n", [("cell_without_column", "$.rows[2].B")]),
            ("key,then\na,one\na,one\n", [("duplicate_key", "$.rows[3].A")]),
            ("then,key\none,\n", [("missing_field", "$.rows[2].B")]),
            ("key,then\nA b,one\n", [("bad_value", "$.rows[2].A")]),
            ("key,then\na,Not A Key\n", [("bad_value", "$.rows[2].B")]),
            ("key,then,priority\na,one,high\n", [("wrong_type", "$.rows[2].C")]),
            ("key,then,cap.day\na,one,0\n", [("bad_value", "$.rows[2].C")]),
            ("key,then,enabled\na,one,perhaps\n", [("bad_cell", "$.rows[2].C")]),
            ("key,then,user.known is_true\na,one,no\n", [("bad_cell", "$.rows[2].C")]),
            ("key,then,traits.n in\na,one,1||2\n", [("bad_cell", "$.rows[2].C")]),
            ("key,then,traits.n in\na,one,1|\n", [("bad_cell", "$.rows[2].C")]),
            ("key,then,traits.n =\na,one,@Big Cart\n", [("bad_cell", "$.rows[2].C")]),
            ("key,then,traits.n =\na,one,@\n", [("bad_cell", "$.rows[2].C")]),
            ("key,then,traits.n =\na,one,[1\n", [("bad_cell", "$.rows[2].C")]),
            ('key,then,traits.n =\na,one,"""a"\n', [("bad_cell", "$.rows[2].C")]),
            ('key,then,traits.n =\na,one,"{""a"": 1, ""a"": 2}"\n', [("duplicate_json_key", "$.rows[2].C")]),
            ("key,then,traits.n =\na,one,1e999\n", [("bad_number", "$.rows[2].C")]),
            ("key,then,traits.n =\na,one," + "9" * 5000 + "\n", [("bad_number", "$.rows[2].C")]),
            ("key,then\na,\0\n", [("bad_text", "$")]),
            ('key,then\n"a,one\n', [("table_syntax", "$")]),
            ('key,then\n"a"b,one\n', [("table_syntax", "$")]),
            ("key,then,traits.n =,traits.m =\na,one,@,x\nb,one,@,\n", [("bad_cell", "$.rows[2].C"), ("bad_cell", "$.rows[3].C")]),
        ],
    )  # fmt: skip
    def test_what_is_wrong_is_told_by_its_cell(self, text, found):
        assert refused(text) == found

    @pytest.mark.parametrize(
        "text",
        [
            "key,then\n" + "a,b\n" * (limits.TABLE_ROWS + 1),
            "key,then" + ",x" * limits.TABLE_COLUMNS,
            "x" * (limits.TABLE_CHARACTERS + 1),
            "key,then," + "x" * 200_000,  # more than the csv module takes in one cell
            "key,then,traits.a =\na,b," + "x" * (limits.TABLE_CELL + 1),
        ],
        ids=["rows", "columns", "characters", "field", "cell"],
    )  # fmt: skip
    def test_what_is_larger_than_a_table_may_be_is_refused(self, text):
        assert {code for code, _ in refused(text)} <= {"too_large", "table_syntax"}

    def test_a_table_at_its_limits_is_read(self):
        text = "key,then\n" + "".join(f"r{number},one\n" for number in range(limits.TABLE_ROWS))

        assert len(read_table(text)) == limits.TABLE_ROWS

    def test_not_more_problems_are_told_than_anywhere(self):
        assert len(refused("key,then\n" + "A,one\n" * (limits.PROBLEMS + 10))) == limits.PROBLEMS

    @given(st.text(alphabet=st.sampled_from(list("key,then;|\"'@[]{}=<>\n\r\t ax10.\\")), max_size=60))
    @settings(max_examples=300, deadline=None)
    def test_whatever_stands_there_is_read_or_refused_and_never_raises_else(self, tail):
        with suppress(DocumentError):
            read_table(f"key,then,traits.n in,traits.m =\n{tail}", VOCABULARY)


def takes(operand: Any, value: object) -> bool:
    try:
        operand.read(value)
    except Refused as error:
        return error.code != "wrong_value"
    return True


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda operator: f"{operator.types[0]}.{operator.name}")
def test_the_lists_of_operators_by_what_they_compare_with_are_those_of_the_registry(operator):
    if operator.operand.name == "nothing":
        assert operator.name in VALUELESS
        return
    lists = [[], ["a"], [1, 2], ["a", 0, 50], ["2026-01-01", "2026-01-02"], ["1h", "2h"], ["10.0.0.0/8"], ["mon"]]
    assert (operator.name in LISTS) == any(takes(operator.operand, value) for value in lists)
    if operator.name in TEXTUAL:
        assert not takes(operator.operand, 10)


def test_columns_are_called_as_in_spreadsheets():
    assert [letters(index) for index in (0, 25, 26, 51, 52, 701, 702)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]
