"""Conditions as a tree: printed as a sentence, with the place of each comparison."""

from __future__ import annotations

from typing import Any

import pytest

from rules.engine import read_conditions
from rules.engine.nodes import leaves
from tests.engine.world import leaf

A, B, C = (
    leaf("traits.a", "equal_to", "x"),
    leaf("traits.b", "greater_than", {"threshold": "big"}),
    leaf("tags", "contains_all", ["p", "q"]),
)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (A, 'traits.a equal to "x"'),
        (B, "traits.b greater than threshold big"),
        (C, 'tags contains all ["p", "q"]'),
        (leaf("traits.a", "is_set"), "traits.a is set"),
        ({"all": [A, {"any": [B, C]}]}, 'traits.a equal to "x" and (traits.b greater than threshold big or tags contains all ["p", "q"])'),
        ({"all": [A]}, 'traits.a equal to "x"'),
        ({"not": {"any": [A, C]}}, 'not (traits.a equal to "x" or tags contains all ["p", "q"])'),
        ({"none": [A, B]}, 'none of (traits.a equal to "x", traits.b greater than threshold big)'),
    ],
)
def test_conditions_print_as_a_sentence(source: dict[str, Any], sentence: str) -> None:
    node, _ = read_conditions(source)

    assert str(node) == sentence


def test_every_comparison_knows_its_place() -> None:
    node, _ = read_conditions({"all": [A, {"not": {"none": [B, C]}}]}, "$.when")

    assert node is not None
    assert [one.path for one in leaves(node)] == ["$.when.all[0]", "$.when.all[1].not.none[0]", "$.when.all[1].not.none[1]"]


def test_a_node_can_not_be_changed() -> None:
    node, _ = read_conditions(A)

    with pytest.raises(AttributeError):
        node.name = "other"  # type: ignore[union-attr, misc]  # what is tested
