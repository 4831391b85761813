"""Moving averages and percentiles of a signal, by themselves, in conditions and in scores."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decisioning.tagging.kept import Kept, merged
from decisioning.tagging.limits import RANKED
from decisioning.tagging.ranks import SCALE, joined, percentile, ranks_of
from decisioning.tagging.smoothing import level_of, smoothed
from decisioning.tagging.smoothing import merged as smoothed_together
from tests.tagging.building import HOUR, MINUTE, defined, event, folded, seen, value

SIGNALS = [{"key": "velocity", "event": "Page Scrolled", "value": "properties.velocity"}]


def scrolled(velocity, at=0.0, **told):
    return event("Page Scrolled", at, properties={"velocity": velocity}, **told)


def asking(*names, **parts):
    return defined(*names, signals=SIGNALS, **parts)


def test_a_moving_average_is_of_the_latest_values():
    name = "values.velocity.moving_average.3"
    events = [scrolled(number, at) for at, number in enumerate([100, 1, 2, 6])]

    assert value(asking(name), events[:2], name) == 50.5
    assert value(asking(name), events, name) == 3
    assert value(asking(name), [*events, scrolled(1_000, 0.5, received=9)], name) == 3  # late, and not among the latest


def test_a_smoothed_value_gives_newer_ones_more_weight():
    name = "values.velocity.smoothed.10m"
    events = [scrolled(0), scrolled(12, 10 * MINUTE), scrolled(12, 20 * MINUTE)]

    # 12 counts half, and 0 a quarter: 6 + 12 of weights that come to 1.75.
    assert value(asking(name), events, name, 21 * MINUTE) == pytest.approx(18 / 1.75, abs=1e-9)


def test_a_smoothed_value_stays_as_it_is_without_new_ones_until_all_has_faded():
    name = "values.velocity.smoothed.1m"
    state = folded(asking(name), [scrolled(4), scrolled(8, 60)])

    read = [seen(asking(name), state, after).get(name, "missing") for after in (60, HOUR, 101 * MINUTE, 102 * MINUTE)]
    assert read == [6.666666667, 6.666666667, 6.666666667, "missing"]


def test_one_rapid_scroll_moves_a_smoothed_value_less_than_it_moves_the_latest():
    names = ["values.velocity.smoothed.10m", "values.velocity.last.total"]
    definitions = asking(*names)
    facts = seen(definitions, folded(definitions, [scrolled(2, at) for at in range(20)] + [scrolled(100, 20)]), 21)

    assert facts.get(names[1]) == 100
    assert 2 < facts.get(names[0]) < 8


def test_at_even_distances_it_is_the_usual_recursion():
    held, usual, a = None, 0.0, 1 - 2 ** (-1 / 10)
    for step in range(2_000):
        held = smoothed(held, 10, float(step), step % 7)
        usual = usual + a * (step % 7 - usual)

    assert level_of(held, 10, 2_000.0) == pytest.approx(usual, rel=1e-9)


values = st.lists(st.tuples(st.integers(0, 10_000), st.integers(-1_000, 1_000)), min_size=1, max_size=30, unique_by=lambda one: one[0])


@given(values, st.integers(0, 30), st.randoms(use_true_random=False))
def test_smoothing_parts_and_joining_them_is_smoothing_all(history, cut, random):
    def of(some):
        held = None
        for at, number in some:
            held = smoothed(held, 600, float(at), number)
        return held

    shuffled = list(history)
    random.shuffle(shuffled)
    one, other = of(shuffled[:cut]), of(shuffled[cut:])
    together = smoothed_together(one, other, 600) if one and other else one or other

    assert level_of(together, 600, 10_000.0) == pytest.approx(level_of(of(history), 600, 10_000.0), abs=1e-6)


def test_the_percentile_is_the_share_below_the_newest_and_half_of_the_equal():
    name = "values.velocity.percentile.session"
    definitions = asking(name)

    assert value(definitions, [scrolled(5)], name) == 50
    assert value(definitions, [scrolled(number, number) for number in range(10)], name, 9) == 95
    assert value(definitions, [scrolled(3, at) for at in range(4)], name, 4) == 50
    assert value(definitions, [scrolled(9), scrolled(1, 1), scrolled(9, 2), scrolled(2, 3)], name, 3) == 37.5


def test_a_percentile_is_within_the_norms_of_this_session_only():
    name = "values.velocity.percentile.session"
    events = [scrolled(1_000, at) for at in range(9)] + [scrolled(1, HOUR), scrolled(2, HOUR + 1)]

    assert value(asking(name), events, name, HOUR + 2) == 75


numbers = st.lists(st.floats(-1e6, 1e6).filter(lambda number: number == 0 or abs(number) >= 1e-3), min_size=1, max_size=200)


@settings(deadline=None)
@given(numbers)
def test_a_percentile_is_exact_for_few_values_and_within_a_tenth_of_the_value_for_many(some):
    ranks = ranks_of(0, some[0])
    for at, number in enumerate(some[1:], 1):
        ranks = joined(ranks, ranks_of(at, number))
    newest, apart = some[-1], SCALE.growth if len(some) > RANKED else 1.0
    low, high = sorted((newest / apart, newest * apart))
    surely_below = sum(number < low for number in some)
    surely_above = sum(number > high for number in some)

    assert 50 * (surely_below * 2) / len(some) <= percentile(ranks) <= 100 - 100 * surely_above / len(some)
    if len(some) <= RANKED:
        exact = sum(number < newest for number in some) + sum(number == newest for number in some) / 2
        assert percentile(ranks) == pytest.approx(100 * exact / len(some))


@settings(deadline=None)
@given(st.lists(st.integers(-50, 50), min_size=3, max_size=150), st.integers(1, 149), st.integers(1, 149))
def test_sketches_join_in_any_order(some, one, other):
    cuts = sorted({min(one, len(some) - 1), min(other, len(some) - 1)})
    parts = [some[start:end] for start, end in zip([0, *cuts], [*cuts, len(some)], strict=True)]

    def of(part, at):
        ranks = ranks_of(at, part[0])
        for offset, number in enumerate(part[1:], 1):
            ranks = joined(ranks, ranks_of(at + offset, number))
        return ranks

    sketches, at = [], 0
    for part in parts:
        sketches.append(of(part, at))
        at += len(part)
    whole = of(some, 0)
    forwards = backwards = sketches[0]
    for sketch in sketches[1:]:
        forwards = joined(forwards, sketch)
        backwards = joined(sketch, backwards)

    assert forwards == backwards == whole


def test_a_score_takes_what_an_aggregate_is_now():
    terms = [
        {"signal": "velocity", "take": "smoothed.10m", "weight": 2},
        {"signal": "velocity", "take": "percentile.session", "per": 100},
        {"signal": "velocity", "take": "max.5m", "max": 1},
    ]
    definitions = asking(scores=[{"key": "s", "terms": terms, "half_life": "1m"}])
    state = folded(definitions, [scrolled(3)])

    assert [seen(definitions, state, after).get("scores.s") for after in (0, HOUR)] == [7.5, 6]  # 6 + 0.5 + 1; the session is over
    assert seen(definitions, folded(definitions, [])).get("scores.s") == 0


@settings(deadline=None, max_examples=60)
@given(values, st.integers(0, 30))
def test_what_two_users_keep_joins_to_what_one_would(history, cut):
    """As when an anonymous visitor turns out to be a known user."""
    words = ["count.1h", "average.10m", "max.today", "first.1h", "last.total", "unique.30m", "most_frequent.1h", "moving_average.5"]
    names = [f"values.velocity.{word}" for word in [*words, "smoothed.10m"]]
    definitions = asking(*names)
    events = [scrolled(number % 10, at, received=10_000, message_id=str(at)) for at, number in history]
    one, other, whole = (folded(definitions, some) for some in (events[:cut], events[cut:], events))
    (whole.kept, surplus), apart = merged(one.kept, other.kept, definitions.kept), whole.kept
    joined_facts, facts = seen(definitions, whole, 10_000), seen(definitions, folded(definitions, events), 10_000)

    assert (merged(None, apart, ()), merged(Kept(), apart, ())) == ((apart, 0), (apart or Kept(), 0))
    assert surplus == 0
    for name in names:
        assert joined_facts.get(name) == pytest.approx(facts.get(name), abs=1e-6)


def test_of_more_than_fits_what_nobody_asks_for_makes_room_when_users_are_joined():
    def of(lengths):
        definitions = asking(*(f"values.velocity.max.{length}m" for length in lengths))
        return folded(definitions, [scrolled(5)]).kept, definitions.kept

    (one, _), (other, asked) = of(range(1, 41)), of(range(31, 71))

    assert merged(one, other, asked)[1] == 0
    assert set(merged(one, other, asked)[0].tallies) == asked
    both, surplus = merged(one, other, {*one.tallies, *other.tallies})
    assert (len(both.tallies), surplus) == (50, 20)
