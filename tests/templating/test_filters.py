"""Every filter of both engines gives what its documentation says; a filter without a case here fails the last test."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from rules.templating.jinja_filters import FILTERS as JINJA
from rules.templating.jinja_filters import TESTS
from rules.templating.liquid_filters import FILTERS as LIQUID
from tests.templating.world import say

CASES: list[dict[str, str]] = tomllib.loads((Path(__file__).parent / "cases" / "filters.toml").read_text(encoding="utf-8"))["case"]
DATA: dict[str, Any] = {
    "name": "Ann",
    "nothing": None,
    "empty": "",
    "no": False,
    "price": 12.0,
    "text": "The quick brown fox",
    "lines": "a\nb\r\nc",
    "tags": ["b", "a", "B", "a"],
    "mixed": [3, None, "x", 1.5],
    "numbers": [3, 1, 2],
    "nested": [1, [2, [3]]],
    "scores": {"b": 2, "a": 1},
    "items": [{"name": "pen", "price": 2, "sale": True}, {"name": "ink", "price": 5.5}, {"name": "cap", "price": 2, "sale": False}],
}


@pytest.mark.parametrize("case", CASES, ids=[case["body"] for case in CASES])
def test_a_filter_gives_what_it_says(case: dict[str, str]):
    assert say(case["body"], case["engine"], **DATA) == case["gives"]


@pytest.mark.parametrize(("engine", "names"), [("liquid", LIQUID), ("jinja", JINJA)])
def test_every_filter_has_a_case(engine: str, names: dict[str, object]):
    bodies = [case["body"] for case in CASES if case["engine"] == engine]

    assert [
        name for name in names if not any(f"| {name} " in body or f"| {name}:" in body or f"| {name}(" in body for body in bodies)
    ] == []


def test_every_test_of_jinja_has_a_case():
    bodies = " ".join(case["body"] for case in CASES)

    assert [name for name in TESTS if f" is {name} " not in bodies and f" is {name}(" not in bodies] == []
