"""What the app tells about a user."""

from __future__ import annotations

import pytest

from decisioning.tagging import fold, limits
from tests.tagging.building import defined, event, folded, identify, seen, value

NOTHING = defined()


def test_identify_tells_traits():
    assert value(NOTHING, [identify(plan="gold", visits=3)], "traits.plan") == "gold"


def test_the_newest_told_value_wins_whatever_comes_last():
    assert value(NOTHING, [identify(10, plan="gold"), identify(5, plan="free", city="Bonn")], "traits.plan") == "gold"
    assert value(NOTHING, [identify(10, plan="gold"), identify(5, plan="free", city="Bonn")], "traits.city") == "Bonn"


def test_a_trait_told_to_be_null_is_missing_and_an_older_identify_does_not_bring_it_back():
    assert value(NOTHING, [identify(1, plan="gold"), identify(10, plan=None), identify(5, plan="free")], "traits.plan") == "missing"


def test_traits_in_the_context_of_any_call_count():
    assert value(NOTHING, [event("Product Viewed", context={"traits": {"plan": "gold"}})], "traits.plan") == "gold"
    assert value(NOTHING, [event("Product Viewed", traits={"plan": "gold"})], "traits.plan") == "gold"


def test_traits_of_a_group_call_are_not_the_users():
    assert value(NOTHING, [event("Grouped", traits={"plan": "enterprise"})], "traits.plan") == "missing"


def test_a_trait_inside_another_is_read_by_its_path():
    state = folded(NOTHING, [identify(address={"city": "Bonn", "geo": {"lat": 50.7}})])

    assert seen(NOTHING, state).get("traits.address.city") == "Bonn"
    assert seen(NOTHING, state).get("traits.address.geo.lat") == 50.7
    assert seen(NOTHING, state).get("traits.address.street", "missing") == "missing"


def test_changed_traits_are_told_in_words():
    state = folded(NOTHING, [identify(plan="gold", city="Bonn")])

    changes = fold(NOTHING, state, identify(60, plan="gold", city="Köln")).changes

    assert [(change.kind, change.key, change.because) for change in changes] == [
        ("trait_changed", "city", "Identified at 2026-11-21T10:01:00Z")
    ]


@pytest.mark.parametrize(
    "value",
    ["x" * 4_097, "ü" * 2_100, ["x"] * 5_000, 2**70, "\ud800", {"a": "\udfff"}, object()],
    ids=["long", "long-in-bytes", "list", "huge", "surrogate", "surrogate-inside", "object"],
)
def test_a_trait_that_cannot_be_kept_is_counted_and_the_others_are_kept(value):
    state = folded(NOTHING, [identify(bad=value, good=1)])

    assert (list(state.traits), state.ignored) == (["good"], {"traits": 1})


def test_a_trait_nested_past_the_limit_is_counted_not_kept():
    def nested(depth: int) -> list:
        return [] if depth == 1 else [nested(depth - 1)]

    assert list(folded(NOTHING, [identify(deep=nested(limits.TRAIT_DEPTH))]).traits) == ["deep"]
    assert folded(NOTHING, [identify(deep=nested(limits.TRAIT_DEPTH + 1))]).ignored == {"traits": 1}


def test_more_than_200_traits_are_counted_not_kept_but_old_ones_may_change():
    state = folded(NOTHING, [identify(**{f"t{number}": number for number in range(205)}), identify(1, t3="new")])

    assert (len(state.traits), state.ignored, state.traits["t3"].value) == (200, {"traits": 5}, "new")


def test_all_traits_together_are_limited():
    state = folded(NOTHING, [identify(**{f"t{number}": "x" * 4_000 for number in range(20)})])

    assert (len(state.traits), state.ignored) == (8, {"traits": 12})


def test_a_trait_may_be_replaced_when_all_together_are_at_the_limit():
    full = folded(NOTHING, [identify(**{f"t{number}": "x" * 4_000 for number in range(8)})])

    assert folded(NOTHING, [identify(1, t3="y" * 4_000)], full).traits["t3"].value == "y" * 4_000
