"""Values that fade by half in each half-life."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decisioning.tagging.decay import Level, faded, joined, level_at

H = 600.0
moments = st.integers(0, 50_000).map(lambda tenths: tenths / 10)
values = st.integers(-1_000, 1_000)
events = st.lists(st.tuples(values, moments), min_size=1, max_size=30, unique_by=lambda event: event[1])


def level(take, told, half_life=H):
    held = None
    for value, at in told:
        held = joined(held, take, value, at, half_life)
    return held


def test_half_is_left_after_a_half_life():
    assert level_at(Level(8, 0.0), H, H) == 4
    assert level_at(Level(8, 0.0), 3 * H, H) == 1


def test_nothing_fades_without_a_half_life():
    assert level_at(Level(8, 0.0), 1e9, 0) == 8


def test_a_read_before_the_value_gives_the_value():
    assert level_at(Level(8, 1_000.0), 0.0, H) == 8


def test_a_value_of_long_ago_is_nothing_and_no_error():
    assert level_at(Level(1e15, 0.0), 1e11, 1) == 0


def test_a_sum_adds_to_what_is_left():
    assert level("sum", [(8, 0.0), (1, H)]) == Level(5, H)


def test_last_forgets_what_was_before_and_max_keeps_the_strongest_by_now():
    assert level("last", [(8, 0.0), (1, H)]) == Level(1, H)
    assert level("max", [(8, 0.0), (5, H)]) == Level(5, H)
    assert level("max", [(8, 0.0), (3, H)]) == Level(8, 0.0)


@given(values, moments, moments)
def test_decay_composes(value, first, second):
    assert faded(faded(value, first, H), second, H) == pytest.approx(faded(value, first + second, H), rel=1e-9)


@given(events, moments)
def test_a_sum_is_what_its_formula_says(told, later):
    now = max(at for _, at in told) + later

    assert level_at(level("sum", told), now, H) == pytest.approx(sum(v * 2 ** (-(now - at) / H) for v, at in told), rel=1e-9, abs=1e-9)


@given(events, moments)
def test_last_and_max_are_what_their_formulas_say(told, later):
    now = max(at for _, at in told) + later
    newest = max(told, key=lambda event: event[1])

    assert level_at(level("last", told), now, H) == pytest.approx(newest[0] * 2 ** (-(now - newest[1]) / H), rel=1e-9)
    assert level_at(level("max", told), now, H) == pytest.approx(max(v * 2 ** (-(now - at) / H) for v, at in told), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("take", ["sum", "last", "max"])
@pytest.mark.parametrize("half_life", [0.0, H])
@given(told=events, random=st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(take, half_life, told, random):
    shuffled = list(told)
    random.shuffle(shuffled)
    now = max(at for _, at in told)

    assert level_at(level(take, shuffled, half_life), now, half_life) == pytest.approx(
        level_at(level(take, told, half_life), now, half_life), rel=1e-9, abs=1e-9
    )
