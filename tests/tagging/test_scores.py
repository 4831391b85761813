"""Weighted scores and their bands."""

from __future__ import annotations

import pytest

from tests.tagging.building import DAY, MINUTE, defined, event, folded, seen, value

SIGNALS = [
    {"key": "scroll", "event": "Page Scrolled", "value": "properties.depth"},
    {"key": "cart", "event": "Product Added"},
]


def scored(*terms, **parts):
    return defined(signals=SIGNALS, scores=[{"key": "intent", "terms": list(terms), **parts}])


def scrolled(at: float, depth: float):
    return event("Page Scrolled", at, properties={"depth": depth})


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ({}, 7.0),  # 2 + 5
        ({"weight": 0.5}, 3.5),
        ({"weight": 0.5, "gain": 4}, 14.0),
        ({"per": 10}, 0.7),
        ({"max": 3}, 3.0),
        ({"per": 2, "max": 3}, 3.0),  # min(3, 7 / 2)
        ({"per": 10, "max": 3, "weight": 2}, 1.4),
        ({"take": "last"}, 2.0),
        ({"take": "max"}, 5.0),
    ],
)
def test_a_term_is_weight_times_gain_times_the_capped_share(term, expected):
    assert value(scored({"signal": "scroll", **term}), [scrolled(0, 5), scrolled(1, 2)], "scores.intent", 2) == expected


def test_the_terms_of_a_score_add_up():
    definitions = scored({"signal": "scroll", "weight": 0.3}, {"signal": "cart", "weight": 0.9})

    assert value(definitions, [scrolled(0, 1), event("Product Added", 1)], "scores.intent", 2) == 1.2


def test_a_score_with_a_half_life_halves_in_it():
    state = folded(definitions := scored({"signal": "scroll"}, half_life="10m"), [scrolled(0, 8)])

    assert [seen(definitions, state, after).get("scores.intent") for after in (0, 10 * MINUTE, 20 * MINUTE)] == [8, 4, 2]


def test_recent_signals_weigh_more_than_old_ones():
    definitions = scored({"signal": "scroll"}, half_life="10m")

    assert value(definitions, [scrolled(0, 8), scrolled(10 * MINUTE, 1)], "scores.intent", 10 * MINUTE) == 5
    assert value(definitions, [scrolled(0, 1), scrolled(10 * MINUTE, 8)], "scores.intent", 10 * MINUTE) == 8.5


def test_two_scores_of_one_signal_fade_each_at_its_own_pace():
    definitions = defined(
        signals=SIGNALS,
        scores=[{"key": pace, "terms": [{"signal": "scroll"}], "half_life": pace} for pace in ("10m", "20m")],
    )
    facts = seen(definitions, folded(definitions, [scrolled(0, 8)]), 20 * MINUTE)

    assert (facts.get("scores.10m"), facts.get("scores.20m")) == (2, 4)


BANDS = {"high": 0.8, "medium": 0.5, "low": 0}


@pytest.mark.parametrize(
    ("depth", "band"),
    [(0, "low"), (0.4994, "low"), (0.4999, "medium"), (0.5, "medium"), (0.7994, "medium"), (0.8, "high"), (9, "high"), (-0.1, "missing")],
)
def test_a_band_is_the_highest_lower_bound_reached(depth, band):
    assert value(scored({"signal": "scroll"}, bands=BANDS), [scrolled(0, depth)], "scores.intent.band") == band


def test_sums_of_decimals_reach_the_bound_a_person_expects():
    definitions = scored({"signal": "scroll", "weight": 0.1}, {"signal": "cart", "weight": 0.7}, bands=BANDS)

    assert 0.1 + 0.7 < 0.8
    assert value(definitions, [scrolled(0, 1), event("Product Added")], "scores.intent.band") == "high"


def test_a_score_without_bands_has_none():
    assert value(scored({"signal": "scroll"}), [scrolled(0, 1)], "scores.intent.band") == "missing"


def test_a_boost_holds_from_its_first_moment_until_its_last_and_not_a_moment_longer():
    boost = {"factor": 3, "from": "2026-11-27", "until": "2026-11-30T12:00:00Z"}
    definitions = scored({"signal": "scroll", "weight": 0.5, "boosts": [boost]})
    state = folded(definitions, [scrolled(0, 2)])
    first, end = 6 * DAY - 10 * 3_600, 9 * DAY + 2 * 3_600  # from START, 21 November 10:00

    readings = [seen(definitions, state, after).get("scores.intent") for after in (0, first - 1, first, end - 1, end)]

    assert readings == [1, 1, 3, 3, 1]


def test_boosts_that_overlap_multiply():
    boost = {"from": "2026-11-01", "until": "2026-12-01"}
    definitions = scored({"signal": "scroll", "boosts": [{**boost, "factor": 2}, {**boost, "factor": 3}]})

    assert value(definitions, [scrolled(0, 1)], "scores.intent") == 6


def test_terms_in_another_order_read_the_same_levels():
    terms = [{"signal": "scroll", "weight": 2, "take": "last"}, {"signal": "cart", "weight": 1}]
    before, after = scored(*terms, half_life="1h"), scored(*terms[::-1], half_life="1h")
    state = folded(before, [scrolled(0, 1), event("Product Added", 0)])

    assert seen(after, state).get("scores.intent") == seen(before, state).get("scores.intent") == 3


def test_a_score_of_a_user_without_events_is_zero():
    assert value(scored({"signal": "scroll"}, bands=BANDS), [], "scores.intent.band") == "low"
