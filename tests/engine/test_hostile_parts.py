"""Items, segments, versions, addresses and other names made to hurt."""

from __future__ import annotations

from typing import Any

import pytest

from rules.engine import DocumentError, compile_conditions, limits
from tests.engine.world import codes, compiled, document, leaf, matches, problems, rule

pytestmark = pytest.mark.usefixtures("soon")


# Items


def within_items(depth: int, operator: str = "any_item") -> dict[str, Any]:
    inner = leaf("item.a", "is_set")
    for _ in range(depth):
        inner = leaf("item.items", operator, inner)
    return inner


@pytest.mark.parametrize("operator", ["any_item", "every_item", "no_item"])
def test_a_hundred_thousand_items_of_items(operator: str) -> None:
    assert codes(document([rule(leaf("traits.items", operator, within_items(100_000, operator)))])) == ["too_deep"]
    with pytest.raises(DocumentError, match="too_deep"):
        compile_conditions(leaf("properties.items", operator, within_items(100_000, operator)), thresholds={})


def test_items_as_deep_as_allowed_and_one_deeper() -> None:
    assert codes(document([rule(leaf("traits.items", "any_item", within_items(limits.CONDITION_DEPTH - 2)))])) == []
    assert codes(document([rule(leaf("traits.items", "any_item", within_items(limits.CONDITION_DEPTH - 1)))])) == ["too_deep"]


def test_items_of_items_met_at_run_time_without_end() -> None:
    item: dict[str, Any] = {}
    item["items"] = [item]

    assert matches(leaf("traits.items", "any_item", within_items(30)), {"traits.items": [item]}) is False


def test_items_that_multiply_are_asked_no_more_than_the_operator_says() -> None:
    items: list[Any] = [{"a": 1}]
    for _ in range(20):
        items = [{"items": items}, {"items": items}]

    assert matches(leaf("traits.items", "any_item", within_items(20)), {"traits.items": items}) is True


def test_only_the_first_thousand_elements_are_looked_at() -> None:
    wanted = leaf("item.kind", "equal_to", "gift")
    last = [{}] * (limits.ITEMS - 1) + [{"kind": "gift"}]
    beyond = [{}, *last]

    assert matches(leaf("traits.items", "any_item", wanted), {"traits.items": last}) is True
    assert matches(leaf("traits.items", "any_item", wanted), {"traits.items": beyond}) is False
    assert matches(leaf("traits.items", "no_item", wanted), {"traits.items": beyond}) is True
    assert matches(leaf("traits.items", "every_item", leaf("item.kind", "is_missing")), {"traits.items": beyond}) is True
    assert matches(leaf("traits.items", "any_item", wanted), {"traits.items": [{}] * 1_000_000}) is False


def test_an_item_s_attributes_are_never_asked() -> None:
    class Trap(dict[str, Any]):
        def __getattribute__(self, name: str) -> Any:
            if name in {"price", "__globals__"}:
                raise AssertionError(name)
            return super().__getattribute__(name)

    for path in ("item.price", "item.__globals__", "item.__class__.__mro__"):
        assert matches(leaf("traits.items", "any_item", leaf(path, "is_set")), {"traits.items": [Trap()]}) is False


# Segments


def segments(count: int, *, circle: bool) -> list[dict[str, Any]]:
    made = [{"key": f"s{number}", "when": leaf(f"segments.s{(number + 1) % count}", "is_true")} for number in range(count)]
    return made if circle else [*made[:-1], {"key": f"s{count - 1}", "when": leaf("user.known", "is_true")}]


def test_a_thousand_segments_in_a_circle() -> None:
    assert codes(document(segments=segments(1_000, circle=True))) == ["segment_circle"] * 1_000


def test_a_thousand_segments_in_a_row() -> None:
    found = codes(document(segments=segments(1_000, circle=False)))

    assert found == ["segments_too_deep"] * (1_000 - limits.SEGMENT_DEPTH)


@pytest.mark.parametrize("circle", [True, False])
def test_twenty_thousand_segments_that_use_each_other(circle: bool) -> None:
    assert codes(document(segments=segments(20_000, circle=circle)))[-1] == "too_many_problems"


def test_segments_that_would_multiply_are_asked_once_each() -> None:
    asked: list[str] = []

    class Facts(dict[str, Any]):
        def get(self, name: str, default: Any = None, /) -> Any:
            asked.append(name)
            return super().get(name, default)

    made = [{"key": "s0", "when": leaf("traits.number", "greater_than", 5)}]
    for number in range(1, limits.SEGMENT_DEPTH):
        many = {"any": [leaf(f"segments.s{number - 1}", "is_true")] * 500}
        made += [{"key": f"s{number}", "when": many}]
    ruleset = compiled([rule(leaf(f"segments.s{limits.SEGMENT_DEPTH - 1}", "is_true"))], segments=made)

    assert ruleset.decide("slot", Facts({"traits.number": 4})).outcome == "fallback"
    assert asked == ["traits.number"]


# Versions, addresses, expressions, other names


@pytest.mark.parametrize(
    "text", ["9" * 100_000, "1." * 50_000 + "1", "1-" + "a." * 50_000, "1+" + "b" * 100_000, "v" * 100_000, "1-" * 50_000]
)
def test_versions_of_a_hundred_thousand_characters(text: str) -> None:
    assert codes(document([rule(leaf("traits.app", "version_equal_to", text))])) == ["wrong_value"]
    assert matches(leaf("traits.app", "version_less_than", "2"), {"traits.app": text}) is False


@pytest.mark.parametrize(
    "text",
    [
        "9" * 100_000,
        "1." * 50_000,
        ":" * 100_000,
        "::%" + "a" * 100_000 + "/",
        "fe80::1%eth0%eth1",
        "1.2.3.4%eth0",
        "\ud800",
        "::ffff:1.2.3",
    ],
)
def test_addresses_that_are_none(text: str) -> None:
    assert matches(leaf("traits.address", "in_network", ["0.0.0.0/0", "::/0"]), {"traits.address": text}) is False


@pytest.mark.parametrize("zone", ["eth0", "..etc", "'; import os", "é"])
def test_the_interface_of_an_ipv6_address_says_nothing(zone: str) -> None:
    assert matches(leaf("traits.address", "in_network", "fe80::/10"), {"traits.address": f"fe80::1%{zone}"}) is True
    assert matches(leaf("traits.address", "in_network", "2001:db8::/32"), {"traits.address": f"fe80::1%{zone}"}) is False


def test_a_thousand_networks_and_one_more() -> None:
    networks = [f"10.{number // 256}.{number % 256}.0/24" for number in range(limits.LIST)]

    assert matches(leaf("traits.address", "in_network", networks), {"traits.address": "10.3.231.9"}) is True
    assert matches(leaf("traits.address", "in_network", networks), {"traits.address": "11.0.0.1"}) is False
    assert codes(document([rule(leaf("traits.address", "in_network", [*networks, "::/0"]))])) == ["list_too_long"]


def test_shares_of_users_whose_ids_are_anything() -> None:
    conditions = leaf("user.id", "in_split", ["salt", 0, 100])
    for identity in ("", "\0", "\ud800", "x" * 1_000_000, "__class__"):
        assert matches(conditions, {"user.id": identity}) is True
    for identity in (None, 5, b"x", ["x"]):
        assert matches(conditions, {"user.id": identity}) is False


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)+$", "(.*a){20}$", "([a-z]+)*[0-9]"])
def test_expressions_that_explode_elsewhere_are_linear_against_another_s_text_too(pattern: str) -> None:
    text = "a" * 100_000 + "!"

    assert matches(leaf("traits.text", "matches_regex", pattern), {"traits.text": text}) is False
    assert matches(leaf("traits.items", "any_item", leaf("item.a", "matches_regex", pattern)), {"traits.items": [{"a": text}]}) is False


def test_another_name_may_hold_any_text_and_is_never_an_expression() -> None:
    facts = {"traits.text": "(a+)+$", "traits.nick": "(a+)+$"}

    assert matches(leaf("traits.text", "equal_to", {"name": "traits.nick"}), facts) is True
    assert codes(document([rule(leaf("traits.text", "matches_regex", {"name": "traits.nick"}))])) == ["name_not_allowed"]


@pytest.mark.parametrize("value", [{"name": "__class__"}, {"name": "traits.__class__"}, {"name": ""}, {"name": "x" * 100_000}])
@pytest.mark.parametrize("operator", ["equal_to", "contains_all", "in", "before", "version_less_than", "any_item", "is_set", "in_split"])
@pytest.mark.parametrize("name", ["traits.text", "traits.number", "traits.words", "traits.joined", "traits.items", "traits.stay"])
def test_another_name_of_every_wrong_kind_gives_problems_only(name: str, operator: str, value: Any) -> None:
    assert problems(document([rule(leaf(name, operator, value))]))
