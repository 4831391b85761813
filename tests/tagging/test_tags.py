"""Tags given, extended, taken away and run out."""

from __future__ import annotations

import pytest

from decisioning.tagging import fold
from tests.tagging.building import DAY, START, defined, event, folded, identify, seen, value, where

BUYER = {"key": "buyer", "ttl": "7d", "assign": {"event": "Order Completed"}}
CART = {"key": "cart", "assign": {"event": "Product Added"}, "remove": {"event": "Order Completed"}}
SHOP = defined(tags=[BUYER, CART])


def ordered(at: float = 0.0, **told):
    return event("Order Completed", at, **told)


def put(at: float = 0.0):
    return event("Product Added", at)


def changes(definitions, events, last):
    return [(change.kind, change.key, change.because) for change in fold(definitions, folded(definitions, events), last).changes]


def test_an_event_gives_a_tag_and_says_why():
    assert value(SHOP, [ordered()], "tags") == ["buyer"]
    assert ("tag_added", "buyer", "Order Completed at 2026-11-21T10:00:00Z") in changes(SHOP, [], ordered())


def test_a_tag_expires_to_the_second_counted_from_the_event():
    late = event("Order Completed", 0, received=3 * DAY)
    state = folded(SHOP, [late])

    assert seen(SHOP, state, 7 * DAY - 1).get("tags") == ["buyer"]
    assert seen(SHOP, state, 7 * DAY).get("tags") == []


def test_the_event_again_extends_the_tag_and_keeps_its_since():
    state = folded(SHOP, [ordered(0), ordered(5 * DAY)])

    assert (state.tags["buyer"].since, state.tags["buyer"].expires) == (START, START + 12 * DAY)
    assert changes(SHOP, [ordered(0)], ordered(5 * DAY))[-1] == ("tag_extended", "buyer", "Order Completed at 2026-11-26T10:00:00Z")


def test_a_late_event_never_shortens_a_tag():
    assert folded(SHOP, [ordered(5 * DAY), ordered(0)]).tags["buyer"].expires == START + 12 * DAY


def test_a_late_event_that_touches_the_tags_time_moves_its_since_back():
    assert folded(SHOP, [ordered(5 * DAY), ordered(0)]).tags["buyer"].since == START
    assert folded(SHOP, [ordered(7 * DAY), ordered(0)]).tags["buyer"].since == START + 7 * DAY


def test_a_late_event_whose_tag_is_over_already_gives_nothing():
    assert folded(SHOP, [put(8 * DAY), ordered(0)]).tags.keys() == {"cart"}


def test_an_expired_tag_is_dropped_by_the_next_event_and_told():
    happened = changes(SHOP, [ordered(0)], event("Anything", 7 * DAY))

    assert ("tag_expired", "buyer", "its time ran out at 2026-11-28T10:00:00Z") in happened
    assert "buyer" not in folded(SHOP, [ordered(0), event("Anything", 7 * DAY)]).tags


def test_a_tag_given_again_after_it_expired_is_a_new_one():
    assert folded(SHOP, [ordered(0), ordered(7 * DAY)]).tags["buyer"].since == START + 7 * DAY


def test_a_tag_without_ttl_stays_until_it_is_removed():
    assert value(SHOP, [put(0)], "tags", 300 * DAY) == ["cart"]
    assert value(SHOP, [put(0), ordered(1)], "tags", 1) == ["buyer"]
    assert ("tag_removed", "cart", "Order Completed at 2026-11-21T10:00:01Z") in changes(SHOP, [put(0)], ordered(1))


def test_an_assignment_older_than_a_removal_does_not_undo_it():
    assert value(SHOP, [ordered(10), put(5)], "tags", 10) == ["buyer"]


def test_a_removal_older_than_an_assignment_takes_nothing_away():
    assert "cart" in value(SHOP, [put(10), ordered(5)], "tags", 10)


def test_a_removal_is_remembered_for_a_day():
    assert "cart" not in folded(SHOP, [ordered(0), event("Anything", DAY)]).tags
    assert "cart" in folded(SHOP, [ordered(0), event("Anything", DAY - 1)]).tags


def test_conditions_on_properties_context_and_traits_hold_back_a_tag():
    definitions = defined(
        tags=[
            {"key": "big", "assign": {"event": "Order Completed", "where": where("properties.cart.total", "greater_than", 100)}},
            {"key": "phone", "assign": {"event": "Order Completed", "where": where("context.device.type", "equal_to", "phone")}},
            {"key": "gold", "assign": {"event": "Order Completed", "where": where("traits.plan", "equal_to", "gold")}},
        ]
    )
    small = ordered(1, properties={"cart": {"total": 100}}, context={"device": {"type": "phone"}})
    large = ordered(1, properties={"cart": {"total": 101}}, context={"device": {"type": "tv"}})

    assert value(definitions, [identify(plan="free"), small], "tags", 2) == ["phone"]
    assert value(definitions, [identify(plan="gold"), large], "tags", 2) == ["big", "gold"]


def test_a_late_identify_is_judged_by_the_traits_it_tells():
    definitions = defined(tags=[{"key": "trial", "assign": {"event": "Identified", "where": where("traits.plan", "equal_to", "free")}}])

    assert value(definitions, [identify(10, plan="gold"), identify(5, plan="free")], "tags", 10) == ["trial"]


def test_a_condition_may_name_a_threshold():
    condition = where("properties.total", "greater_than", {"threshold": "big-cart"})
    big = {"key": "big", "assign": {"event": "Order Completed", "where": condition}}
    definitions = defined(thresholds=[{"key": "big-cart", "value": 50}], tags=[big])

    assert value(definitions, [ordered(properties={"total": 51})], "tags") == ["big"]
    assert value(definitions, [ordered(properties={"total": 50})], "tags") == []


def test_an_event_that_gives_and_takes_leaves_the_tag_off():
    definitions = defined(tags=[{"key": "both", "assign": {"event": "Flip"}, "remove": {"event": "Flip"}}])

    assert value(definitions, [event("Flip")], "tags") == []


def test_a_tag_the_release_no_longer_defines_is_not_read_but_comes_back_with_a_roll_back():
    state = folded(SHOP, [put(0)])

    assert seen(defined(), state).get("tags") == []
    assert seen(SHOP, folded(defined(), [event("Anything", 1)], state)).get("tags") == ["cart"]


def test_events_of_other_names_touch_nothing_of_it():
    assert folded(SHOP, [event("order completed")]).tags == {}


@pytest.mark.parametrize(("at", "text"), [(0.25, "2026-11-21T10:00:00.250Z"), (0.0, "2026-11-21T10:00:00Z")])
def test_words_give_milliseconds_only_where_there_are_some(at, text):
    assert changes(SHOP, [], ordered(at))[-1][2] == f"Order Completed at {text}"
