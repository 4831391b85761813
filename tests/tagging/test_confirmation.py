"""Tags that several things must confirm: all of a list, a sum, one value again and again, or conditions on the user."""

from __future__ import annotations

from copy import copy
from itertools import permutations

import pytest

from decisioning.tagging import describe, fold, limits, template_data
from decisioning.tagging.byvalue import joined
from tests.tagging.building import DAY, HOUR, MINUTE, START, defined, event, folded, seen, value, where

DEEP = where("properties.depth", "greater_than_or_equal_to", 0.6)
ENGAGED = defined(
    tags=[
        {
            "key": "engaged",
            "ttl": "1h",
            "assign": {
                "all": [
                    {"event": "Page Scrolled", "where": DEEP, "times": 3},
                    {"event": "Page Dwelled", "sum": {"of": "properties.seconds", "at_least": 45}},
                ],
                "within": "10m",
            },
        }
    ]
)


def scrolled(at=0.0, depth=0.8):
    return event("Page Scrolled", at, properties={"depth": depth})


def dwelled(seconds, at=0.0, **properties):
    return event("Page Dwelled", at, properties={"seconds": seconds, **properties})


EVENTS = [scrolled(0), scrolled(10), dwelled(30, 20), scrolled(30), dwelled(15, 40)]


@pytest.mark.parametrize("order", list(permutations(range(5)))[::7])
def test_all_must_come_within_the_time_in_any_order(order):
    state = folded(ENGAGED, [EVENTS[number] for number in order])

    assert state.tags["engaged"].at == START + 40


def test_one_rapid_scroll_confirms_nothing():
    assert folded(ENGAGED, [scrolled(number) for number in range(9)]).tags == {}
    assert folded(ENGAGED, EVENTS[:4]).tags == {}
    assert folded(ENGAGED, [scrolled(0, 0.5), *EVENTS[1:]]).tags == {}


def test_what_came_longer_ago_does_not_count():
    assert folded(ENGAGED, [*EVENTS[:4], dwelled(15, 11 * MINUTE)]).tags == {}


def test_the_reason_names_all_of_it():
    changes = fold(ENGAGED, folded(ENGAGED, EVENTS[:4]), EVENTS[4]).changes

    assert changes[-1].because == (
        "Page Scrolled 3 times and Page Dwelled with seconds adding up to 45 within 10m, the last at 2026-11-21T10:00:40Z"
    )


def test_a_sum_may_give_a_tag():
    lingering = {
        "key": "lingering",
        "assign": {"event": "Page Dwelled", "sum": {"of": "properties.seconds", "at_least": 120, "within": "1h"}},
    }
    definitions = defined(tags=[lingering])

    assert value(definitions, [dwelled(60), dwelled(59.5, 60), dwelled("60", 61)], "tags", 61) == []
    assert value(definitions, [dwelled(60), dwelled(60, 60)], "tags", 60) == ["lingering"]
    assert value(definitions, [dwelled(60), dwelled(60, 2 * HOUR)], "tags", 2 * HOUR) == []


def test_a_sum_without_a_time_is_of_ever():
    definitions = defined(tags=[{"key": "big", "assign": {"event": "Paid", "sum": {"of": "properties.x", "at_least": 100}}}])

    assert value(definitions, [event("Paid", day * DAY, properties={"x": 40}) for day in range(0, 300, 100)], "tags", 200 * DAY) == ["big"]


CLICKS = defined(
    tags=[
        {
            "key": "keen",
            "ttl": "1d",
            "assign": {"event": "Clicked", "count": {"at_least": 3, "within": "1h", "by": "properties.category"}},
        },
        {
            "key": "on-product",
            "assign": {"event": "Page Dwelled", "sum": {"of": "properties.seconds", "at_least": 30, "within": "1h", "by": "properties.id"}},
        },
        {"key": "loved", "assign": {"event": "Clicked", "count": {"at_least": 4, "by": "properties.category"}}},
    ]
)


def clicked(category, at=0.0):
    return event("Clicked", at, properties={"category": category})


def test_clicks_count_for_their_own_category():
    assert value(CLICKS, [clicked("hats"), clicked("shoes", 1), clicked("hats", 2)], "tags", 2) == []
    assert value(CLICKS, [clicked("hats"), clicked("shoes", 1), clicked("hats", 2), clicked("hats", HOUR)], "tags", HOUR) == ["keen"]
    assert value(CLICKS, [clicked("hats"), clicked("hats", 2), clicked("hats", HOUR + 0.01)], "tags", HOUR) == []
    assert value(CLICKS, [clicked("hats", day * DAY) for day in range(4)], "tags", 3 * DAY) == ["loved"]


@pytest.mark.parametrize("category", [None, True, ["hats"], {"a": 1}])
def test_what_is_no_text_or_number_is_no_value(category):
    assert folded(CLICKS, [clicked(category, at) for at in range(5)]).grouped == {}


def test_the_tag_remembers_the_value_that_gave_it_for_people_and_templates():
    state = folded(CLICKS, [clicked("hats", at) for at in range(3)])

    assert describe(CLICKS, state, now=START + 2)["tags"] == [
        {
            "key": "keen",
            "since": "2026-11-21T10:00:02Z",
            "expires": "2026-11-22T10:00:02Z",
            "because": "Clicked 3 times within 1h, the last (hats) at 2026-11-21T10:00:02Z",
            "value": "hats",
        }
    ]
    assert template_data(CLICKS, state, now=START + 2, context={})["tag_values"] == {"keen": "hats"}
    assert template_data(CLICKS, state, now=START + 2 * DAY, context={})["tag_values"] == {}


def test_half_a_minute_on_one_product():
    assert value(CLICKS, [dwelled(20, 0, id=1), dwelled(20, 20, id=2)], "tags", 20) == []
    assert value(CLICKS, [dwelled(20, 0, id=1), dwelled(20, 20, id=2), dwelled(10, 30, id=1)], "tags", 30) == ["on-product"]


def test_only_the_values_that_came_last_are_counted():
    events = [clicked(f"category {number}", number) for number in range(30)]
    state = folded(CLICKS, events)

    assert list(state.grouped["keen"]) == [f"category {number}" for number in range(20, 30)]
    assert len(state.grouped["keen"]) == limits.GROUPED_VALUES
    again = folded(CLICKS, [clicked("category 25", 40)], state)
    assert list(again.grouped["keen"]) == [f"category {number}" for number in (*range(20, 25), *range(26, 30), 25)]


def test_two_users_who_become_one_have_clicked_together():
    one, other = (folded(CLICKS, [clicked("hats", at), clicked(str(at), at)]) for at in (0, 10))
    both = copy(one)
    both.grouped = joined(one.grouped, other.grouped)

    assert {value: sum(buckets.values()) for value, buckets in both.grouped["keen"].items()} == {"10": 1, "hats": 2, "0": 1}
    assert "keen" in folded(CLICKS, [clicked("hats", 20)], both).tags


INTENT = defined(
    traits=[{"key": "plan"}],
    signals=[
        {"key": "time_on_page", "event": "Page Dwelled", "value": "properties.seconds"},
        {"key": "carts", "event": "Product Added"},
    ],
    scores=[{"key": "intent", "terms": [{"signal": "carts", "weight": 0.9}]}],
    segments=[{"key": "lingering", "when": where("counts.time_on_page.30m", "greater_than", 45)}],
    tags=[
        {
            "key": "decided",
            "assign": {
                "event": "*",
                "when": {
                    "all": [
                        {"name": "scores.intent", "operator": "greater_than_or_equal_to", "value": 0.85},
                        {"name": "segments.lingering", "operator": "is_true"},
                    ]
                },
            },
            "remove": {"event": "*", "when": where("traits.plan", "equal_to", "none")},
        },
        {"key": "phone", "assign": {"event": "Product Added", "when": where("context.device", "equal_to", "phone")}},
        {"key": "again", "assign": {"event": "Product Added", "when": where("tags", "contains", "phone")}},
    ],
)


def test_row_7_a_score_and_a_time_together_give_a_tag():
    added = event("Product Added", 1)

    assert value(INTENT, [dwelled(45), added], "tags", 2) == []
    assert value(INTENT, [dwelled(46), added], "tags", 2) == ["decided"]
    assert value(INTENT, [added, dwelled(46, 2)], "tags", 2) == ["decided"]


def test_a_condition_on_the_user_may_take_a_tag_away():
    events = [dwelled(46), event("Product Added", 1), event("Identified", 2, traits={"plan": "none"})]

    assert value(INTENT, events, "tags", 2) == []


def test_conditions_on_the_user_see_the_context_of_the_event_and_the_tags_before():
    added = event("Product Added", 0, context={"device": "phone"})

    assert value(INTENT, [added], "tags") == ["phone", "again"]
    assert value(INTENT, [event("Product Added", 0)], "tags") == []


def test_needs_under_way_are_described():
    assert describe(ENGAGED, folded(ENGAGED, EVENTS[:4]), now=START + 60)["progress"] == [
        {"tag": "engaged", "done": 1, "of": 2, "next": "Page Dwelled with seconds adding up to 45", "until": None}
    ]
    assert describe(ENGAGED, folded(ENGAGED, EVENTS[:4]), now=START + HOUR)["progress"] == []
    assert "decided" not in [one["tag"] for one in describe(INTENT, folded(INTENT, [dwelled(1)]), now=START)["progress"]]


def test_what_a_tag_remembers_is_gone_when_an_event_of_another_value_gives_it():
    state = folded(CLICKS, [*(clicked("hats", at) for at in range(3)), *(clicked("shoes", at) for at in range(10, 13))])

    assert seen(CLICKS, state, 13).get("tags") == ["keen"]
    assert state.tags["keen"].value == "shoes"
