"""How many users: counted where there are few, estimated from random draws where there are many, with an honest margin."""

from __future__ import annotations

import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decisioning import codec, estimating, keys, trying
from decisioning.estimating import MATCHING, drawn, wilson
from decisioning.tagging import new_state
from decisioning.tagging.state import Tag

NOW = time.time()
BUYERS = {"all": [{"name": "tags", "operator": "contains", "value": "buyer"}]}


@pytest.fixture(autouse=True)
def no_old_sample():
    estimating.samples.forget()
    yield
    estimating.samples.forget()


def fill(valkey, users, *, buyers, workspace="shop"):
    """States of so many users, the first of them with the tag."""
    pipeline = valkey.pipeline(transaction=False)
    for number in range(users):
        state = new_state()
        state.tags = {"buyer": Tag(NOW, 0, "", NOW)} if number < buyers else {}
        key = keys.state_key(workspace, f"u:{workspace}{number}")
        pipeline.set(key, codec.encode_state(state, key, frozenset()))
    pipeline.execute()


def test_few_users_are_counted_one_by_one(workspace, anna, valkey):
    fill(valkey, 40, buyers=10)
    fill(valkey, 30, buyers=30, workspace="other")

    found = estimating.matching(workspace, BUYERS, reader_id=anna.pk, now=NOW).of(MATCHING)

    assert (found.users, found.fewest, found.most, found.share) == (10, 10, 10, 0.25)


def test_many_users_are_estimated_within_the_margin_that_is_told(workspace, anna, valkey, monkeypatch):
    monkeypatch.setattr(estimating, "SECONDS", 60)  # a busy machine would look at fewer
    fill(valkey, 3_000, buyers=900)
    fill(valkey, 500, buyers=500, workspace="other")

    estimate = estimating.matching(workspace, BUYERS, reader_id=anna.pk, now=NOW)
    found = estimate.of(MATCHING)

    assert not estimate.sample.all
    assert estimate.sampled >= 1_000
    assert found.margin < 0.04
    # Twice the margin told: one run in twenty is beyond the margin itself, one in ten thousand beyond this.
    assert abs(found.share - 0.3) < 2 * found.margin
    assert abs(found.users - 900) < 2 * (found.most - found.fewest) / 2


def test_who_would_get_each_rule_is_counted_by_what_the_rules_decide(workspace, anna, valkey):
    fill(valkey, 40, buyers=10)

    by = trying.under(workspace, "draft", reader_id=anna.pk, placements=["banner"])

    assert dict(estimating.winners(by, "banner", now=NOW).counts) == {"loyal": 10, "": 30}


def test_a_merged_id_and_a_state_that_can_not_be_read_are_nobody(workspace, anna, valkey):
    fill(valkey, 3, buyers=3)
    state = new_state()
    state.merged_into = "u:shop0"
    key = keys.state_key("shop", "a:device")
    valkey.set(key, codec.encode_state(state, key, frozenset()))
    valkey.set(keys.state_key("shop", "u:broken"), b"\xc1")

    assert len(drawn(valkey, "shop", now=NOW).users) == 3


def test_a_sample_is_used_again_while_it_is_fresh(workspace, anna, valkey):
    fill(valkey, 5, buyers=5)
    first = estimating.matching(workspace, BUYERS, reader_id=anna.pk, now=NOW)
    fill(valkey, 9, buyers=9)

    assert estimating.matching(workspace, None, reader_id=anna.pk, now=NOW + 1).sample is first.sample
    assert estimating.matching(workspace, BUYERS, reader_id=anna.pk, now=NOW + estimating.FRESH).counts[MATCHING] == 9


@given(st.integers(1, 5_000).flatmap(lambda draws: st.tuples(st.integers(0, draws), st.just(draws))))
def test_the_interval_holds_what_was_seen_and_is_never_certain(drawing):
    hits, draws = drawing

    low, high = wilson(hits, draws)

    assert 0 <= low <= hits / draws <= high + 1e-12 <= 1 + 1e-9
    assert low < high


def test_the_interval_is_the_one_in_the_books():
    low, high = wilson(15, 50)

    assert (round(low, 4), round(high, 4)) == (0.1910, 0.4375)
    assert wilson(0, 0) == (0.0, 1.0)
    assert math.isclose(wilson(0, 100)[1], 0.037, abs_tol=0.001)
