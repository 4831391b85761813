"""Tags that ask for an event several times."""

from __future__ import annotations

from itertools import permutations

import pytest

from decisioning.tagging import encode_state, fold
from tests.tagging.building import DAY, HOUR, START, defined, event, folded, value, where


def fan(at_least: int, within: str | None = None, ttl: str | None = "30d"):
    count = {"at_least": at_least, **({"within": within} if within else {})}
    electronics = where("properties.category", "equal_to", "electronics")
    assign = {"event": "Product Viewed", "where": electronics, "count": count}
    return defined(tags=[{"key": "fan", **({"ttl": ttl} if ttl else {}), "assign": assign}])


def view(at: float = 0.0, category: str = "electronics"):
    return event("Product Viewed", at, properties={"category": category})


def test_the_tag_comes_with_the_last_of_enough_repeats():
    assert value(fan(3, "7d"), [view(0), view(1)], "tags", 2) == []
    assert value(fan(3, "7d"), [view(0), view(1), view(2)], "tags", 2) == ["fan"]


def test_repeats_that_miss_the_condition_do_not_count():
    assert value(fan(3, "7d"), [view(0), view(1, "books"), view(2)], "tags", 2) == []


def test_within_is_exact():
    assert value(fan(3, "7d"), [view(0), view(DAY), view(7 * DAY)], "tags", 7 * DAY) == ["fan"]
    assert value(fan(3, "7d"), [view(0), view(DAY), view(7 * DAY + 1)], "tags", 7 * DAY + 1) == []


def test_without_within_repeats_may_be_any_time_apart():
    assert value(fan(3), [view(0), view(100 * DAY), view(200 * DAY)], "tags", 200 * DAY) == ["fan"]


def test_the_reason_says_how_often():
    changes = fold(fan(2, "7d"), folded(fan(2, "7d"), [view(0)]), view(60)).changes

    assert changes[-1].because == "Product Viewed 2 times within 7d, the last at 2026-11-21T10:01:00Z"


@pytest.mark.parametrize("order", list(permutations([0, HOUR, 2 * HOUR])))
def test_the_order_of_arrival_does_not_matter_within_the_time(order):
    tag = folded(fan(3, "7d"), [view(at) for at in order]).tags["fan"]

    assert (tag.since, tag.expires) == (START + 2 * HOUR, START + 2 * HOUR + 30 * DAY)


def test_the_same_message_twice_is_one_repeat():
    once = view(0)

    assert value(fan(2, "7d"), [once, once], "tags") == []


@pytest.mark.parametrize("within", ["7d", None])
def test_many_repeats_are_counted_in_buckets(within):
    views = [view(number * HOUR) for number in range(100)]

    assert value(fan(100, within), views[:99], "tags", 99 * HOUR) == []
    assert value(fan(100, within), views, "tags", 99 * HOUR) == ["fan"]


def test_a_late_repeat_is_counted_as_of_the_newest():
    views = [view(number * HOUR) for number in range(100)]
    tag = folded(fan(100, "7d"), [*views[1:], views[0]]).tags["fan"]

    assert START + 96 * HOUR < tag.at <= START + 99 * HOUR  # the newest bucket of 2.8 hours begins here


def test_many_repeats_spread_too_thin_give_no_tag():
    assert value(fan(100, "7d"), [view(number * 3 * HOUR) for number in range(120)], "tags", 360 * HOUR) == []


def test_counting_for_a_tag_shows_nowhere_else():
    assert value(fan(100), [view(0)], "counts.#fan.total") == "missing"


@pytest.mark.parametrize("definitions", [fan(3), fan(100), fan(100, "7d")], ids=["times", "total", "buckets"])
def test_counting_leaves_the_state_it_was_given_alone(definitions):
    state = folded(definitions, [view(0)])
    before = encode_state(state)
    fold(definitions, state, view(1))

    assert encode_state(state) == before


def test_a_count_of_one_is_a_plain_assignment():
    state = folded(fan(1), [view(0)])

    assert (state.tags["fan"].cause, state.progress) == ("Product Viewed", {})
