"""Sliding windows of signals."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from decisioning.tagging.windows import added, is_over, total, window
from tests.tagging.building import DAY, HOUR, START, defined, event, folded, seen, value

VIEWS = defined("counts.views.1h", "counts.views.7d", signals=[{"key": "views", "event": "Product Viewed"}])


def view(at: float):
    return event("Product Viewed", at)


def test_each_window_counts_what_lies_in_it():
    events = [view(0), view(2 * HOUR), view(2 * HOUR + 60)]

    assert value(VIEWS, events, "counts.views.1h", 2.5 * HOUR) == 2
    assert value(VIEWS, events, "counts.views.7d", 2.5 * HOUR) == 3
    assert value(VIEWS, events, "counts.views.total", 2.5 * HOUR) == 3


def test_a_window_empties_as_time_passes_without_events():
    state = folded(VIEWS, [view(0)])

    assert [seen(VIEWS, state, after).get("counts.views.1h") for after in (0, HOUR, HOUR + 60, 30 * DAY)] == [1, 1, 0, 0]


def test_a_late_event_counts_in_its_own_place():
    assert value(VIEWS, [view(2 * HOUR), view(1.5 * HOUR), view(0)], "counts.views.1h", 2 * HOUR) == 2


def test_signals_sum_the_value_they_read():
    seconds = defined("counts.seconds.1h", signals=[{"key": "seconds", "event": "Page Dwelled", "value": "properties.time.seconds"}])
    events = [event("Page Dwelled", at, properties={"time": {"seconds": told}}) for at, told in enumerate([5, 2.5, 0.1])]

    assert value(seconds, events, "counts.seconds.1h", 10) == 7.6


@pytest.mark.parametrize("wrong", ["5", True, None, [5], float("nan"), float("inf"), 10**30], ids=repr)
def test_an_event_without_a_usable_number_is_no_signal(wrong):
    seconds = defined(signals=[{"key": "seconds", "event": "Page Dwelled", "value": "properties.seconds"}])

    assert value(seconds, [event("Page Dwelled", properties={"seconds": wrong})], "counts.seconds.total") == 0


def test_a_window_nobody_asked_for_is_missing_not_zero():
    assert value(VIEWS, [view(0)], "counts.views.2h") == "missing"
    assert value(VIEWS, [view(0)], "counts.clicks.total") == "missing"


def test_an_event_from_a_clock_in_the_future_counts_as_of_when_it_came():
    ahead = event("Product Viewed", 400 * DAY, received=0)

    assert value(VIEWS, [ahead, view(10)], "counts.views.1h", 20) == 2


def test_a_window_never_holds_more_than_61_buckets():
    hour = window(3_600)
    held = None
    for second in range(0, 20_000, 7):
        held = added(held, hour, START + second, 1)
        assert len(held) <= 61


def test_events_behind_the_window_take_no_room():
    held = None
    for second in range(200, 0, -1):
        held = added(held, window(60), second, 1)

    assert sorted(held) == list(range(140, 201))


def test_a_window_is_over_when_its_last_bucket_has_left_it():
    held = added(None, window(60), 0.5, 1)

    assert [(total(held, window(60), now), is_over(held, window(60), now)) for now in (60, 61)] == [(1, False), (0, True)]


times = st.integers(0, 30 * 86_400).map(float)


@given(st.sampled_from([1, 45, 59, 60, 61, 90, 3_600, 86_400, 604_800]), st.lists(times, min_size=1, max_size=80), st.integers(0, 700_000))
@example(90, [0.0, 91.5], 0)
def test_a_window_reads_between_w_and_w_and_a_60th(seconds, moments, later):
    length = window(seconds)
    held = None
    for moment in moments:
        held = added(held, length, moment, 1)
        assert len(held) <= 61
    now = max(moments) + later / 10

    surely = sum(now - seconds <= moment for moment in moments)
    at_most = sum(now - seconds - max(1.0, seconds / 60) < moment for moment in moments)
    assert surely <= total(held, length, now) <= at_most
    assert is_over(held, length, now) == (total(held, length, now) == 0)


@given(st.lists(times, min_size=1, max_size=40), st.randoms(use_true_random=False), st.integers(0, 700_000))
def test_the_order_of_arrival_does_not_matter_to_a_window(moments, random, later):
    length, now = window(86_400), max(moments) + later
    totals = []
    for _ in range(2):
        held = None
        for moment in moments:
            held = added(held, length, moment, 1)
        totals.append(total(held, length, now))
        random.shuffle(moments)

    assert totals[0] == totals[1]
