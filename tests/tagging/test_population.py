"""Thresholds that follow all users: what a population comes to, how its parts join, and what a threshold makes of it."""

from __future__ import annotations

from functools import reduce
from statistics import fmean, pstdev

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decisioning.tagging import compile_definitions, fold, new_state
from decisioning.tagging.population import SCALE, ThresholdPlan, absorb, followed, joined, merge, sample_name, threshold, thresholds
from rules.engine import compile_ruleset, parse_workspace
from tests.tagging.building import DAY, HOUR, START, defined, event, folded, seen, where

HALF_LIFE = 86_400
MOMENTS, HISTOGRAM = (sample_name("dwell", measure, HALF_LIFE) for measure in ("moments", "histogram"))
SIGNALS = [{"key": "dwell", "event": "Page Dwelled", "value": "properties.seconds"}]


def plan(**parts):
    known = {"value": 10, "watched": MOMENTS, "half_life": HALF_LIFE, "at_least": 3, "k": None if "percentile" in parts else 2}
    return ThresholdPlan(**{**known, "watched": HISTOGRAM if "percentile" in parts else MOMENTS, **parts})


def absorbed(numbers, now=START, document=None):
    return absorb(document, [(name, number) for number in numbers for name in (MOMENTS, HISTOGRAM)], now)


def dwelled(seconds, at=0.0, **told):
    return event("Page Dwelled", at, properties={"seconds": seconds}, **told)


def adaptive(**parts):
    return {"key": "busy", "value": 10, "adaptive": {"signal": "dwell", "k": 2, "half_life": "1d", "at_least": 3, **parts}}


def test_it_is_the_mean_and_so_many_deviations():
    population = merge([absorbed([2, 4, 4, 4, 5, 5, 7, 9])])

    assert [threshold(plan(k=k), population, START) for k in (0, 1, 2, -1)] == [5, 7, 9, 3]


def test_it_is_the_percentile_within_two_per_cent():
    population = merge([absorbed(range(1, 101))])

    assert [threshold(plan(percentile=share), population, START) for share in (10, 50, 90)] == pytest.approx([10, 50, 90], rel=0.02)


def test_below_the_least_sample_the_fallback_holds_whatever_the_bounds():
    population = merge([absorbed([100, 100])])

    assert threshold(plan(most=5), population, START) == 10
    assert threshold(plan(percentile=50, most=5), population, START) == 10
    assert threshold(plan(), merge([]), START) == 10


def test_it_never_leaves_its_bounds():
    population = merge([absorbed([100, 100, 100])])

    assert threshold(plan(most=60), population, START) == 60
    assert threshold(plan(least=200), population, START) == 200
    assert threshold(plan(least=50, most=150), population, START) == 100


def test_old_values_weigh_less():
    document = absorbed([0.0] * 8)
    later = absorbed([8.0] * 4, START + DAY, document)

    # 8 zeros that count half, 4 eights that count whole
    assert threshold(plan(k=0), merge([later]), START + DAY) == 4
    assert threshold(plan(percentile=60), merge([later]), START + DAY) == pytest.approx(8, rel=0.02)


def test_a_sample_that_has_faded_is_too_small():
    population = merge([absorbed([5, 5, 5, 5, 5])])

    assert [threshold(plan(), population, START + days * DAY) for days in (0, 0.7, 0.8)] == [5, 5, 10]


def test_values_of_a_batch_that_comes_late_weigh_as_of_their_time():
    document = absorbed([8.0] * 4, START + DAY)

    assert threshold(plan(k=0), merge([absorbed([0.0] * 8, START, document)]), START + DAY) == 4


def test_what_nobody_adds_to_is_forgotten():
    document = absorbed([5, 5])
    document = absorb(document, [("other|moments|60", 1.0)], START + 20 * DAY)

    assert [list(part) for part in (merge([document]).moments, merge([document]).histograms)] == [["other|moments|60"], []]


@pytest.mark.parametrize(
    "document", [b"", b"no document", b"\xc1", msgspec.msgpack.encode([2, {}, {}]), msgspec.msgpack.encode([1, {"a": 5}])]
)
def test_a_document_that_cant_be_read_counts_as_none_and_is_begun_anew(document):
    assert merge([document, None]) == merge([])
    assert threshold(plan(k=0), merge([absorbed([5, 5, 5], START, document)]), START) == 5


batches = st.lists(st.tuples(st.integers(0, 3), st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=6)), min_size=3, max_size=9)


@settings(deadline=None)
@given(batches)
def test_populations_join_in_any_order(told):
    """Associative and commutative up to rounding: relative 1e-9 of the values' size."""
    parts = [merge([absorbed(numbers, START + days * DAY)]) for days, numbers in told]
    left = reduce(joined, parts)
    right = reduce(lambda one, other: joined(other, one), reversed(parts))
    now = START + 4 * DAY

    for asked in (plan(at_least=0.1), plan(at_least=0.1, k=0.0)):
        assert followed(asked, left, now) == pytest.approx(followed(asked, right, now), abs=1e-3, rel=1e-6)
    assert left.moments[MOMENTS].weight == pytest.approx(right.moments[MOMENTS].weight, rel=1e-9)
    assert left.histograms[HISTOGRAM].buckets == pytest.approx(right.histograms[HISTOGRAM].buckets, rel=1e-9, abs=1e-6)


@settings(deadline=None)
@given(st.lists(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20), min_size=1, max_size=8))
def test_partitions_together_are_all_values_at_once(partitions):
    population, everything = merge([absorbed(numbers) for numbers in partitions]), [number for numbers in partitions for number in numbers]

    assert followed(plan(k=0, at_least=1), population, START) == pytest.approx(fmean(everything), rel=1e-9, abs=1e-6)
    deviation = followed(plan(k=1, at_least=1), population, START) - followed(plan(k=0, at_least=1), population, START)
    assert deviation == pytest.approx(pstdev(everything), rel=1e-6, abs=1e-3)


@settings(deadline=None)
@given(st.lists(st.floats(1e-5, 1e6), min_size=1, max_size=100), st.integers(1, 99))
def test_a_percentile_is_within_the_stated_accuracy(numbers, share):
    found = followed(plan(percentile=share, at_least=1), merge([absorbed(numbers)]), START)
    ordered = sorted(numbers)
    wanted = share / 100 * len(ordered)
    near = [ordered[min(len(ordered) - 1, max(0, int(place)))] for place in (wanted - 1 - 1e-6, wanted - 1 + 1e-6, wanted + 1e-6)]

    assert any(abs(found - number) <= SCALE.accuracy * number * (1 + 1e-6) + 1e-9 for number in near)


def test_a_fold_gives_the_values_that_thresholds_watch_and_no_others():
    follows = [adaptive(), {**adaptive(), "key": "same"}, {**adaptive(k=None, percentile=90), "key": "high"}]
    definitions = defined(signals=[*SIGNALS, {"key": "views", "event": "Page Dwelled"}], thresholds=follows)
    first = fold(definitions, new_state(), dwelled(7, message_id="m"))

    assert first.samples == [(HISTOGRAM, 7), (MOMENTS, 7)]
    assert fold(definitions, first.state, dwelled(7, message_id="m")).samples == []
    assert fold(definitions, first.state, event("Anything")).samples == []


RULES = [{"key": "long", "when": where("counts.dwell.total", "greater_than", {"threshold": "busy"}), "then": {"template": "one"}}]
SHOP = parse_workspace(
    {
        "workspace": {"key": "shop"},
        "signals": SIGNALS,
        "thresholds": [adaptive(), {"key": "fixed", "value": 4}],
        "templates": [{"key": "one"}],
        "placements": [{"key": "slot", "rules": RULES}],
    }
)


def test_a_rule_compares_with_what_the_threshold_is_when_it_is_asked():
    ruleset = compile_ruleset(SHOP)
    definitions = compile_definitions(SHOP, ruleset.names)
    state = folded(definitions, [dwelled(12)])
    numbers = thresholds(definitions.thresholds, merge([absorbed([20, 20, 20])]), START)

    assert numbers == {"busy": 20}
    assert ruleset.decide("slot", seen(definitions, state)).outcome == "matched"  # more than 10, the fallback
    facts = seen(definitions, state, thresholds=numbers)
    told = ruleset.decide("slot", facts, explain=True)
    [condition] = told.explain["rules"][0]["conditions"]["all"]
    assert told.outcome == "fallback"
    assert (condition["threshold"], condition["expected_value"], condition["actual"]) == ("busy", 20, 12)
    assert facts.kept()["thresholds.busy"] == 20


def test_whoever_knows_no_population_has_the_fallback():
    definitions = compile_definitions(SHOP, compile_ruleset(SHOP).names)

    assert seen(definitions, new_state(), HOUR).get("thresholds.busy") == 10
