"""Each message counts once."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from decisioning.tagging import fold, new_state
from decisioning.tagging.dedup import Seen, _holds, remembered
from decisioning.tagging.limits import MESSAGE_IDS
from tests.tagging.building import MINUTE, START, defined, event, folded, value

VIEWS = defined(signals=[{"key": "views", "event": "Product Viewed"}])


def view(message_id: str, at: float = 0.0, **told):
    return event("Product Viewed", at, message_id=message_id, **told)


def test_an_event_counts_and_its_repeat_does_not():
    assert value(VIEWS, [view("m-1"), view("m-1"), view("m-2")], "counts.views.total") == 2


def test_a_repeat_leaves_the_very_same_state():
    state = folded(VIEWS, [view("m-1")])

    repeat = fold(VIEWS, state, view("m-1", 5))

    assert (repeat.outcome, repeat.state, repeat.changes) == ("duplicate", state, [])


def test_a_thousand_events_with_a_hundred_repeats_count_once_each():
    events = [view(f"m-{number}", number / 100) for number in range(900)]
    everything = events + random.Random(1).sample(events, 100)
    random.Random(2).shuffle(everything)
    state, outcomes = new_state(), []
    for item in everything:
        result = fold(VIEWS, state, item)
        state = result.state
        outcomes.append(result.outcome)

    assert (outcomes.count("applied"), outcomes.count("duplicate")) == (900, 100)
    assert (state.totals, state.revision) == ({"views": 900}, 900)


def test_an_id_is_known_for_at_least_30_minutes():
    for first in (0, 29.9, 30, 47, 59.99):
        assert value(VIEWS, [view("m-1", first * MINUTE), view("m-1", first * MINUTE + 1_799.9)], "counts.views.total") == 1


def test_an_id_is_forgotten_after_60_minutes():
    between = view("other", 31 * MINUTE)

    assert value(VIEWS, [view("m-1"), between, view("m-1", 60 * MINUTE)], "counts.views.total") == 3
    assert value(VIEWS, [view("m-1"), view("m-1", 60 * MINUTE)], "counts.views.total") == 2


def test_what_counts_for_repeats_is_when_a_message_came_not_when_it_happened():
    late = view("m-1", -5 * 60 * MINUTE, received=10 * MINUTE)

    assert value(VIEWS, [view("m-1"), late], "counts.views.total") == 1


def test_a_full_generation_grows_old_and_two_are_all_that_is_kept():
    seen = Seen()
    for number in range(3 * MESSAGE_IDS):
        seen = remembered(seen, f"m-{number}", START) or seen

    assert len(seen.young) + len(seen.old) == 2 * MESSAGE_IDS * 8
    assert remembered(seen, f"m-{MESSAGE_IDS}", START) is None
    assert remembered(seen, "m-0", START) is not None


def test_a_hash_found_across_two_others_is_no_repeat():
    first, second = bytes.fromhex("0011223344556677"), bytes.fromhex("8899aabbccddeeff")

    # The look-up itself is asked: no message id is known whose hash begins in the middle of another's.
    assert not _holds(first + second, (first + second)[4:12])
    assert _holds(first + second, second)


@given(st.lists(st.integers(0, 15), max_size=60))
def test_a_batch_with_repeats_equals_the_batch_without(numbers):
    events = {number: view(f"m-{number}", number) for number in range(16)}

    assert folded(VIEWS, [events[number] for number in numbers]) == folded(VIEWS, [events[number] for number in dict.fromkeys(numbers)])
