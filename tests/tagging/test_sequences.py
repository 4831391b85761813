"""Tags by sequences: in order, within their times, with events that must not come, and with time that passes without one."""

from __future__ import annotations

from copy import copy

import pytest

from decisioning.tagging import advance, describe, due, fold
from decisioning.tagging.sequences import joined
from tests.tagging.building import DAY, HOUR, MINUTE, START, defined, event, folded, value, where


def sequence(*steps, ttl=None, **parts):
    return {"key": "done", **({"ttl": ttl} if ttl else {}), "assign": {"steps": [*steps], **parts}}


def step(name, **parts):
    return {"event": name, **parts}


def no(name, **parts):
    return {"event": name, "not": True, **parts}


BUYS = defined(tags=[sequence(step("View"), step("Buy"), within="30m")])
ABANDONS = defined(tags=[sequence(step("View"), step("Compare"), no("Buy"), within="30m")])
CART = defined(tags=[sequence(step("Cart"), no("Order"), within="30m")])


def at(*minutes):
    """`View 0`, `Buy 5.5`: events at minutes."""
    return [event(name, float(minute) * MINUTE) for name, _, minute in (told.rpartition(" ") for told in minutes)]


def has(definitions, *told, after=0.0):
    state = folded(definitions, at(*told))
    return "done" in advance(definitions, state, START + after * MINUTE).state.tags


@pytest.mark.parametrize(
    ("told", "done"),
    [
        (["View 0", "Buy 30"], True),
        (["View 0", "Buy 30.1"], False),
        (["Buy 0", "View 1"], False),
        (["View 0", "Compare 1", "Buy 2"], True),  # what no step names is no matter
        (["View 0", "View 20", "Buy 40"], True),  # the newest beginning that fits
        (["View 0", "Buy 1", "Buy 2"], True),
    ],
)
def test_steps_come_in_their_order_within_the_time(told, done):
    assert has(BUYS, *told) is done


def test_a_completed_sequence_begins_anew():
    state = folded(BUYS, at("View 0", "Buy 1", "Buy 2"))

    assert (state.tags["done"].at, state.sequences) == (START + MINUTE, {})


def test_a_step_may_have_a_time_of_its_own():
    definitions = defined(tags=[sequence(step("View"), step("Compare", within="5m"), step("Buy", within="10m"))])

    assert has(definitions, "View 0", "Compare 5", "Buy 15")
    assert not has(definitions, "View 0", "Compare 6", "Buy 7")
    assert not has(definitions, "View 0", "Compare 5", "Buy 16")


def test_a_step_may_ask_for_an_event_several_times():
    definitions = defined(tags=[sequence(step("View", times=3), step("Cart", times=2, within="5m"))])

    assert not has(definitions, "View 0", "View 1", "Cart 2", "Cart 3")
    assert has(definitions, "View 0", "View 1", "View 2", "Cart 3", "Cart 7")
    assert not has(definitions, "View 0", "View 1", "View 2", "Cart 3", "Cart 8")


def test_conditions_of_a_step_are_asked_of_its_event():
    shoes = where("properties.category", "equal_to", "shoes")
    definitions = defined(tags=[sequence(step("View", where=shoes), step("Buy"))])
    viewed = [event("View", 0, properties={"category": category}) for category in ("hats", "shoes")]

    assert value(definitions, [viewed[0], event("Buy", 1)], "tags") == []
    assert value(definitions, [viewed[1], event("Buy", 1)], "tags") == ["done"]


def test_a_forbidden_event_between_two_steps_undoes_the_first():
    definitions = defined(tags=[sequence(step("Cart"), no("Empty"), no("Leave"), step("Buy"))])

    assert has(definitions, "Empty 0", "Cart 1", "Buy 2")
    assert not has(definitions, "Cart 0", "Leave 1", "Buy 2")
    assert has(definitions, "Cart 0", "Empty 1", "Cart 2", "Buy 3")


def test_a_forbidden_event_is_forbidden_until_the_next_step_came_as_often_as_it_must():
    definitions = defined(tags=[sequence(step("Cart"), no("Leave"), step("Buy", times=2))])

    assert has(definitions, "Leave 0", "Cart 1", "Buy 2", "Buy 3")
    assert not has(definitions, "Cart 0", "Buy 1", "Leave 2", "Buy 3")


def test_any_event_may_be_forbidden():
    definitions = defined(tags=[sequence(step("View"), no("*"), step("Buy"))])

    assert not has(definitions, "View 0", "Something 1", "Buy 2")
    assert not has(definitions, "View 0", "Buy 2")  # forbidden and awaited at once


def test_abandoning_is_told_apart_from_buying():
    assert has(ABANDONS, "View 0", "Compare 10", after=30)
    assert not has(ABANDONS, "View 0", "Compare 10", after=29.9)
    assert not has(ABANDONS, "View 0", "Compare 10", "Buy 20", after=60)
    assert has(ABANDONS, "View 0", "Buy 5", "Compare 10", after=60)  # it must not come after the step before it


def test_the_tag_comes_as_of_the_moment_the_time_was_over():
    state = folded(CART, at("Cart 0"))
    assert due(state) == START + 30 * MINUTE
    changed = advance(CART, state, START + 5 * HOUR)

    assert [(change.kind, change.because) for change in changed.changes] == [
        ("tag_added", "Cart without Order within 30m, which were over at 2026-11-21T10:30:00Z")
    ]
    assert changed.state.tags["done"].since == START + 30 * MINUTE
    assert (changed.state.timers, changed.state.sequences, changed.state.revision) == ({}, {}, 1)


def test_the_next_event_finds_the_tag_of_a_timer_nobody_fired():
    state = folded(CART, at("Cart 0", "Order 45"))

    assert (state.tags["done"].since, state.timers) == (START + 30 * MINUTE, {})


def test_each_new_last_step_begins_the_waiting_anew():
    state = folded(CART, at("Cart 0", "Cart 20"))

    assert due(state) == START + 50 * MINUTE


def test_a_forbidden_event_stops_the_timer():
    state = folded(CART, at("Cart 0", "Order 29"))

    assert (state.timers, state.sequences) == ({}, {})


def test_the_time_of_the_last_step_counts_from_the_step_before_it():
    definitions = defined(tags=[sequence(step("View"), step("Cart"), no("Order", within="10m"), within="1h")])

    assert due(folded(definitions, at("View 0", "Cart 59"))) == START + 69 * MINUTE
    assert due(folded(definitions, at("View 0", "Cart 61"))) is None


def test_conditions_on_the_user_are_asked_when_the_time_is_over():
    tag = sequence(step("Cart"), no("Order"), within="30m", when=where("counts.spent.total", "greater_than", 50))
    definitions = defined(signals=[{"key": "spent", "event": "Spend", "value": "properties.x"}], tags=[tag])
    cart, spend = at("Cart 0", "Spend 1")

    assert not advance(definitions, folded(definitions, [cart]), START + DAY).state.tags
    spending = event("Spend", 60, properties={"x": 51})
    assert advance(definitions, folded(definitions, [cart, spending]), START + DAY).state.tags.keys() == {"done"}
    assert spend.properties == {}


def test_a_late_upload_may_still_bring_the_forbidden_event():
    cart, order = (event(name, minute * MINUTE, received=DAY + second) for name, minute, second in (("Cart", 0, 0), ("Order", 5, 1)))

    assert due(folded(CART, [cart])) == START + DAY + 60
    assert folded(CART, [cart, order]).timers == {}


def test_a_late_upload_is_over_with_an_event_of_a_later_time():
    events = [event(name, minute * MINUTE, received=DAY) for name, minute in (("Cart", 0), ("Seen", 31))]

    assert folded(CART, events[:1]).tags == {}
    state = folded(CART, events)
    assert (state.tags["done"].since, state.timers, state.overdue) == (START + 30 * MINUTE, {}, {})


def test_a_late_upload_is_over_after_a_minute():
    state = folded(CART, [event("Cart", 0, received=DAY)])
    changed = advance(CART, state, START + DAY + 60).state

    assert (changed.tags["done"].since, changed.overdue) == (START + 30 * MINUTE, {})


def test_an_event_before_its_turn_is_not_remembered():
    assert not has(BUYS, "Buy 10", "View 5", after=60)
    assert not has(BUYS, "View 10", "Buy 5", after=60)


def test_a_late_event_goes_on_from_steps_before_it():
    definitions = defined(tags=[sequence(step("View"), step("Compare"), step("Buy"))])

    assert has(definitions, "View 0", "Something 10", "Compare 5", "Buy 11")


def test_a_late_forbidden_event_stops_the_waiting():
    assert folded(CART, at("Cart 0", "Something 20", "Order 10")).timers == {}
    assert due(folded(CART, at("Cart 5", "Something 20", "Order 1"))) == START + 35 * MINUTE


def test_the_timer_of_a_sequence_that_was_edited_does_nothing():
    edited = defined(tags=[sequence(step("Cart"), no("Order"), within="20m")])
    state = advance(edited, folded(CART, at("Cart 0")), START + DAY).state

    assert (state.tags, state.timers) == ({}, {})


def test_a_timer_of_a_tag_that_is_gone_does_nothing():
    state = advance(defined(), folded(CART, at("Cart 0")), START + DAY).state

    assert (state.tags, state.timers) == ({}, {})


def test_two_users_who_become_one_go_on_where_the_newer_of_them_was():
    one, other = folded(CART, at("Cart 0")), folded(CART, at("Cart 20"))
    both = copy(one)
    both.sequences = joined(one.sequences, other.sequences)
    early = advance(CART, both, START + 30 * MINUTE).state

    assert joined(one.sequences, other.sequences) == joined(other.sequences, one.sequences) == other.sequences
    assert (early.tags, due(early)) == ({}, START + 50 * MINUTE)
    assert advance(CART, early, START + HOUR).state.tags["done"].since == START + 50 * MINUTE


IDLE = defined(
    tags=[
        {"key": "away", "assign": {"event": "*", "inactive": "7d"}, "remove": {"event": "*"}},
        {"key": "lazy", "assign": {"event": "Workout", "inactive": "2d", "where": where("properties.x", "is_missing", None)}},
    ]
)


def test_a_user_who_does_nothing_for_a_time_gets_the_tag_until_they_come_back():
    state = folded(IDLE, [event("Seen", 0), event("Other", DAY)])
    assert due(state) == START + 8 * DAY
    away = advance(IDLE, state, START + 30 * DAY)

    assert [(change.key, change.because) for change in away.changes] == [
        ("away", "no event for 7d, which were over at 2026-11-29T10:00:00Z")
    ]
    assert fold(IDLE, away.state, event("Back", 31 * DAY)).state.tags["away"].expires == -1


def test_inactivity_may_be_of_one_kind_of_event():
    state = folded(IDLE, [event("Workout", 0), event("Workout", DAY, properties={"x": 1}), event("Seen", DAY)])

    assert [change.key for change in advance(IDLE, state, START + 3 * DAY).changes] == ["lazy"]


def test_a_late_event_does_not_bring_inactivity_forward():
    assert due(folded(IDLE, [event("Seen", DAY), event("Seen", 0)])) == START + 8 * DAY


def test_inactivity_is_one_timer_however_many_events_come():
    state = folded(IDLE, [event("Seen", number) for number in range(100)])

    assert (len(state.timers), len(state.sequences), due(state)) == (1, 1, START + 99 + 7 * DAY)


def test_a_sequence_under_way_is_described_with_what_it_waits_for():
    assert describe(ABANDONS, folded(ABANDONS, at("View 0")), now=START)["progress"] == [
        {"tag": "done", "done": 1, "of": 2, "next": "Compare", "until": "2026-11-21T10:30:00Z"}
    ]
    assert describe(ABANDONS, folded(ABANDONS, at("View 0", "Compare 1")), now=START)["progress"] == [
        {"tag": "done", "done": 2, "of": 2, "next": "no Buy", "until": "2026-11-21T10:30:00Z"}
    ]
    assert describe(ABANDONS, folded(ABANDONS, at("View 0")), now=START + HOUR)["progress"] == []
