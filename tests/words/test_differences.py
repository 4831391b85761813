"""What differs between two bodies is told in words, all of it, and nothing else."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import words
from rules.bodies import flatten
from rules.engine import parse_workspace
from rules.words.change import same
from tests.engine.strategies import full_conditions
from tests.examples.shipped import document

CASES = tomllib.loads((Path(__file__).parent / "cases.toml").read_text())["case"]
EXAMPLES = ("academy", "apparel", "checkout", "homepage", "longread", "news")
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-9, 9) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
bodies = st.fixed_dictionaries(
    {},
    optional={
        "when": full_conditions,
        "name": st.text(max_size=4),
        "enabled": st.just(False),
        "then": st.fixed_dictionaries({"template": st.sampled_from("ab")}),
        "priority": st.integers(-3, 3),
        "body": st.text("ab\n", max_size=12),
        "bands": st.dictionaries(st.sampled_from("abc"), st.floats(0, 1), max_size=3),
        "values": st.lists(st.sampled_from("abc"), max_size=4),
        "fields": st.dictionaries(st.sampled_from("ab"), st.text("ab\n", max_size=6), max_size=2),
        "terms": st.lists(
            st.fixed_dictionaries({"signal": st.sampled_from("ab")}, optional={"weight": st.sampled_from([1, 2]), "gain": st.just(0.5)}),
            max_size=4,
        ),
        "what else": json_values,
    },
)


@pytest.mark.parametrize("case", CASES, ids=[case["says"] for case in CASES])
def test_what_differs_is_told_in_words(case: dict[str, Any]) -> None:
    before, after = (json.loads(case[word], strict=False) if word in case else None for word in ("before", "after"))

    assert [f"{change.path} {change.op}: {change.words}" for change in words.differences(case["kind"], before, after)] == case["words"]


def test_of_a_long_text_the_piece_that_differs_is_shown() -> None:
    """However far on it is: the beginning alone would show the same twice."""
    before, after = ({"body": "Dear reader, " * 40 + end} for end in ("good morning", "good night"))

    (change,) = words.differences("template", before, after)

    assert change.words == "Body: “…, Dear reader, good morning” became “…, Dear reader, good night”"


def test_of_a_text_of_very_many_lines_what_lies_between_is_told() -> None:
    lines = [f"line {number}" for number in range(1000)]
    before, after = ({"body": "\n".join([*lines[:500], middle, *lines[500:]])} for middle in ("noon", "midnight"))

    (change,) = words.differences("template", before, after)

    assert change.words == "Body, line 501: “noon” became “midnight”"


@settings(max_examples=400)
@given(before=bodies, after=bodies)
def test_something_differs_exactly_where_the_bodies_do(before: dict[str, Any], after: dict[str, Any]) -> None:
    found = words.differences("rule", before, after)

    assert bool(found) is not same(before, after)
    assert all(change.words and change.path.startswith("$") for change in found)


@given(body=bodies)
def test_nothing_differs_from_itself(body: dict[str, Any]) -> None:
    assert words.differences("rule", body, json.loads(json.dumps(body))) == []


@pytest.mark.parametrize("workspace", EXAMPLES)
def test_every_body_of_the_examples_can_be_told_from_any_other_of_its_kind(workspace: str) -> None:
    found = flatten(parse_workspace(document(workspace)))
    for (kind, _), body in found.items():
        for (other_kind, _), other in found.items():
            if kind == other_kind:
                assert bool(words.differences(kind, body, other)) is not same(body, other)
