"""What names ask for of a signal beside its sum: averages, extremes, different values, the most frequent, first and last."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decisioning.tagging import decode_state, encode_state
from decisioning.tagging.limits import FREQUENT, UNIQUE
from tests.tagging.building import DAY, HOUR, MINUTE, START, defined, event, folded, seen, value, where

SIGNALS = [
    {"key": "dwell", "event": "Page Dwelled", "value": "properties.seconds"},
    {"key": "category", "event": "Product Viewed", "value": "properties.category", "type": "text"},
    {"key": "views", "event": "Product Viewed"},
]
NUMBERS = ("count", "sum", "average", "min", "max", "unique", "most_frequent", "first", "last")


def asking(*names, **parts):
    return defined(*names, signals=SIGNALS, **parts)


def dwelled(seconds, at=0.0, **told):
    return event("Page Dwelled", at, properties={"seconds": seconds}, **told)


def viewed(category, at=0.0, **told):
    return event("Product Viewed", at, properties={"category": category}, **told)


def read(names, events, after=0.0, **told):
    """Several names of one folded state."""
    definitions = asking(*names)
    facts = seen(definitions, folded(definitions, events), after, **told)
    return [facts.get(name, "missing") for name in names]


@pytest.mark.parametrize("window", ["1h", "today", "this_week", "this_month", "session", "total"])
def test_every_aggregate_is_kept_in_every_window(window):
    names = [f"values.dwell.{aggregate}.{window}" for aggregate in NUMBERS]
    events = [dwelled(10), dwelled(30, 1), dwelled(10, 2), dwelled(4.5, 3)]

    assert read(names, events, 10) == [4, 54.5, 13.625, 4.5, 30, 3, 10, 10, 4.5]


@pytest.mark.parametrize("window", ["1h", "today", "session", "total"])
def test_of_text_there_are_counts_and_the_texts_themselves(window):
    names = [f"values.category.{aggregate}.{window}" for aggregate in ("count", "unique", "most_frequent", "first", "last")]

    assert read(names, [viewed("shoes"), viewed("hats", 1), viewed("hats", 2)], 10) == [3, 2, "hats", "shoes", "hats"]


def test_of_text_the_counts_count_events_with_a_text():
    events = [viewed("shoes"), viewed(5, 1), viewed(None, 2), viewed("", 3)]

    assert read(["counts.category.total", "values.category.unique.total"], events) == [2, 2]


def test_without_values_what_is_counted_is_0_and_the_rest_is_missing():
    names = [f"values.dwell.{aggregate}.1h" for aggregate in NUMBERS]

    assert read(names, []) == [0, 0, "missing", "missing", "missing", 0, "missing", "missing", "missing"]
    assert read(["values.dwell.percentile.session", "values.dwell.moving_average.3", "values.dwell.smoothed.1h"], []) == ["missing"] * 3


def test_what_nobody_asks_for_is_missing_and_not_kept():
    definitions = asking("values.dwell.average.1h")
    state = folded(definitions, [dwelled(10), viewed("shoes")])

    assert seen(definitions, state).get("values.dwell.max.1h", "missing") == "missing"
    assert (list(state.kept.tallies), state.kept.frequents) == (["dwell|tallies|3600"], {})


def test_a_sliding_window_forgets_what_lies_behind_it():
    events = [dwelled(10), dwelled(2, HOUR + 30), dwelled(4, HOUR + 40)]
    names = ["values.dwell.min.1h", "values.dwell.average.2h", "values.dwell.first.2h", "values.dwell.first.10m"]

    assert read(names, events, HOUR + 50) == [2, 5.333333333, 10, 2]
    assert read(names, events, 4 * HOUR) == ["missing"] * 4


def test_conditions_of_the_signal_hold_for_its_aggregates():
    long = {**SIGNALS[0], "where": where("properties.seconds", "greater_than", 5)}
    definitions = defined("values.dwell.min.total", signals=[long])

    assert value(definitions, [dwelled(3), dwelled(8, 1)], "values.dwell.min.total") == 8


@pytest.mark.parametrize(
    ("window", "days"),  # START is a Saturday, 11:00 in Berlin
    [("today", 0), ("this_week", 1), ("this_month", 9)],
)
def test_a_calendar_window_ends_at_midnight_on_the_workspaces_clock(window, days):
    over = days * DAY + 13 * HOUR
    names = [
        f"counts.dwell.{window}",
        f"values.dwell.max.{window}",
        f"values.dwell.unique.{window}",
        f"values.dwell.most_frequent.{window}",
    ]
    definitions = defined(*names, signals=SIGNALS, workspace={"key": "shop", "timezone": "Europe/Berlin"})
    state = folded(definitions, [dwelled(7)])

    assert [seen(definitions, state, over - 1).get(name, "missing") for name in names] == [7, 7, 1, 7]
    assert [seen(definitions, state, over).get(name, "missing") for name in names] == [0, "missing", 0, "missing"]


def test_a_day_on_which_clocks_change_has_its_own_length():
    definitions = defined("counts.views.today", signals=SIGNALS, workspace={"key": "shop", "timezone": "Europe/Berlin"})
    change = 1_774_738_800.0 - START  # 2026-03-29T00:00 in Berlin, a day of 23 hours
    state = folded(definitions, [event("Product Viewed", change)])

    assert [seen(definitions, state, change + hours * HOUR).get("counts.views.today") for hours in (0, 22.99, 23)] == [1, 1, 0]


def test_an_event_of_yesterday_that_comes_late_is_not_todays():
    events = [dwelled(5, DAY), dwelled(9, 0, received=DAY + 5)]

    assert read(["counts.dwell.today", "values.dwell.max.total"], events, DAY + 9) == [5, 9]


def test_what_is_of_the_session_ends_with_it():
    names = ["values.dwell.max.session", "values.dwell.unique.session"]
    events = [dwelled(50), dwelled(3, HOUR), dwelled(8, HOUR + 60)]

    assert read(names, events, HOUR + 70) == [8, 2]
    assert read(names, events, 3 * HOUR) == ["missing", 0]
    assert read(names, events, HOUR + 70, session="another") == ["missing", 0]


def test_up_to_a_hundred_different_values_are_told_apart():
    events = [dwelled(number % (UNIQUE + 30), number) for number in range(2 * UNIQUE)]
    name = "values.dwell.unique.1h"
    definitions = asking(name)

    assert value(definitions, events[:60] + events[:60], name, 60) == 60
    assert value(definitions, events, name, 200) == UNIQUE
    assert value(definitions, events, name, HOUR + 120) == 80  # those from second 120 on


def test_1_and_the_text_1_differ_and_1_and_1_0_do_not():
    assert read(["values.dwell.unique.total"], [dwelled(1), dwelled(1.0, 1), dwelled(2, 2)]) == [2]


def test_a_value_that_makes_up_more_than_a_twentieth_is_never_lost():
    events = [viewed(f"rare {number}" if number % 4 else "often", number) for number in range(8 * FREQUENT)]

    assert read(["values.category.most_frequent.total"], events, 1_000) == ["often"]


def test_of_values_that_come_equally_often_the_first_in_order_is_told():
    assert read(["values.category.most_frequent.1h"], [viewed("b"), viewed("a", 1)]) == ["a"]


def test_what_a_signal_read_as_numbers_before_is_no_text_of_it_now():
    name = "values.x.last.total"
    numbers = defined(name, signals=[{"key": "x", "event": "X", "value": "properties.x"}])
    texts = defined(name, signals=[{"key": "x", "event": "X", "value": "properties.x", "type": "text"}])
    state = folded(numbers, [event("X", properties={"x": 5})])

    assert seen(texts, state).get(name, "missing") == "missing"
    assert seen(texts, folded(texts, [event("X", 1, properties={"x": "five"})], state)).get(name) == "five"


def test_what_a_tags_conditions_on_the_user_ask_for_is_kept_too():
    long = {"name": "values.dwell.max.session", "operator": "greater_than", "value": 20}
    definitions = asking(tags=[{"key": "stayed", "assign": {"event": "Page Dwelled", "when": long}}])

    assert value(definitions, [dwelled(15)], "tags", 1) == []
    assert value(definitions, [dwelled(15), dwelled(25, 1)], "tags", 2) == ["stayed"]


def test_a_page_is_dwelled_on_since_the_first_event_of_it():
    page = {"context": {"page": {"path": "/p/1"}}}
    events = [
        event("Page Viewed", 0, properties={"path": "/"}),
        event("Page Viewed", 60, properties={"path": "/p/1"}),
        viewed("x", 90, **page),
    ]

    assert value(asking(), events, "session.page_seconds", 100) == 40
    assert (
        value(
            asking(),
            events,
            "session.page_seconds",
            3 * HOUR,
        )
        == "missing"
    )
    assert value(asking(), [viewed("x")], "session.page_seconds", 5) == "missing"


told = st.tuples(st.integers(0, 4 * 3_600), st.integers(-3, 3), st.sampled_from(["a", "b", "c"]))
histories = st.lists(told, max_size=40, unique_by=lambda one: one[0])
ASKED = [
    *(f"values.dwell.{aggregate}.{window}" for aggregate in NUMBERS for window in ("30m", "today", "total")),
    *(f"values.category.{aggregate}.1h" for aggregate in ("unique", "most_frequent", "first", "last")),
    *(f"values.category.{aggregate}.this_week" for aggregate in ("unique", "most_frequent", "first", "last")),
    "values.dwell.moving_average.4", "values.dwell.smoothed.20m", "counts.dwell.today",
]  # fmt: skip
ALL = asking(*ASKED)


@settings(deadline=None, max_examples=60)
@given(histories, st.randoms(use_true_random=False), st.integers(0, 3_600))
def test_the_order_of_arrival_does_not_matter_to_aggregates(history, random, later):
    events = [
        made for at, number, text in history
        for made in (dwelled(number, at, received=5 * HOUR, message_id=f"d{at}"), viewed(text, at, received=5 * HOUR, message_id=f"v{at}"))
    ]  # fmt: skip
    shuffled = list(events)
    random.shuffle(shuffled)
    now = max((at for at, _, _ in history), default=0) + later
    one, other = (seen(ALL, folded(ALL, order), now) for order in (events, shuffled))

    for name in ASKED:
        found, again = one.get(name), other.get(name)
        assert found == again or found == pytest.approx(again, abs=1e-6)


@settings(deadline=None, max_examples=60)
@given(histories, st.integers(0, 3_600))
def test_a_window_reads_what_lies_in_it_and_at_most_a_slot_more(history, later):
    events = [dwelled(number, at, received=5 * HOUR) for at, number, _ in sorted(history)]
    now = max((at for at, _, _ in history), default=0) + later
    definitions = asking("values.dwell.count.30m", "values.dwell.max.30m", "values.dwell.unique.30m", "values.dwell.last.30m")
    facts = seen(definitions, folded(definitions, events), now)
    surely = [number for at, number, _ in history if at >= now - 1_800]
    at_most = [number for at, number, _ in history if at > now - 1_830]

    assert len(surely) <= facts.get("values.dwell.count.30m") <= len(at_most)
    assert len(set(surely)) <= facts.get("values.dwell.unique.30m") <= len(set(at_most))
    if surely:
        assert max(surely) <= facts.get("values.dwell.max.30m") <= max(at_most)
        assert facts.get("values.dwell.last.30m") == max((at, number) for at, number, _ in history)[1]


@settings(deadline=None, max_examples=40)
@given(histories)
def test_the_same_events_give_the_same_bytes_and_the_bytes_the_same_state(history):
    events = [dwelled(number, at, received=5 * HOUR, message_id=str(at)) for at, number, _ in history]
    encoded = encode_state(folded(ALL, events))

    assert encoded == encode_state(folded(ALL, events))
    assert encode_state(decode_state(encoded)) == encoded


def test_a_new_session_begins_without_what_has_run_out():
    definitions = asking("values.dwell.average.10m", "values.dwell.max.today", "values.dwell.smoothed.1m", "values.dwell.max.total")
    state = folded(definitions, [dwelled(5), event("Anything", 2 * DAY)])

    assert ([*state.kept.tallies], state.kept.smoothed) == (["dwell|tallies|total"], {})


def test_past_the_limit_what_is_no_longer_asked_for_makes_room():
    many = [f"values.dwell.max.{minutes}m" for minutes in range(1, 61)]
    full = folded(asking(*many), [dwelled(5)])
    definitions = asking("values.dwell.min.1d")
    state = folded(definitions, [dwelled(7, MINUTE)], full)

    assert (len(full.kept.tallies), full.ignored) == (50, {"values": 10})
    assert seen(definitions, state, MINUTE).get("values.dwell.min.1d") == 7
