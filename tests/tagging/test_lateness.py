"""How late an event may come: measured against its user's newest, and what becomes of one that is later."""

from __future__ import annotations

import msgspec
import pytest

from decisioning.tagging import compile_definitions, fold, new_state
from rules.engine import parse_workspace
from tests.tagging.building import DAY, HOUR, event, value

DOCUMENT = parse_workspace({"workspace": {"key": "shop"}, "signals": [{"key": "views", "event": "Product Viewed"}]})
SHOP = compile_definitions(DOCUMENT, ["counts.views.2d"])


def view(at, **told):
    return event("Product Viewed", at, **told)


def outcomes(events, definitions=SHOP):
    state, found = new_state(), []
    for each in events:
        result = fold(definitions, state, each)
        state = result.state
        found.append(result.outcome)
    return found


@pytest.mark.parametrize(("behind", "outcome"), [(DAY - 1, "applied"), (DAY, "applied"), (DAY + 1, "late")])
def test_an_event_is_late_that_happened_more_than_a_day_before_its_users_newest(behind, outcome):
    assert outcomes([view(0), view(-behind, received=1)]) == ["applied", outcome]


def test_a_late_event_changes_nothing_and_is_late_again_when_it_comes_again():
    state = fold(SHOP, new_state(), view(0)).state
    late = view(-2 * DAY, received=1)

    assert fold(SHOP, state, late).state is state
    assert outcomes([view(0), late, late]) == ["applied", "late", "late"]


def test_an_event_within_the_allowed_lateness_counts_in_its_own_window():
    events = [view(0), view(-20 * HOUR, received=1)]

    assert [value(SHOP, events, "counts.views.2d", after) for after in (1, 30 * HOUR)] == [2, 1]


def test_the_past_of_a_user_told_in_its_order_is_never_late():
    history = [view(day * DAY, received=0) for day in range(-300, 0)]

    assert set(outcomes([*history, view(1)])) == {"applied"}


def test_a_users_first_event_is_not_late_however_long_it_was_on_its_way():
    assert outcomes([view(-90 * DAY, received=0)]) == ["applied"]


@pytest.mark.parametrize(("flag", "outcome"), [(True, "applied"), (False, "late"), ("true", "late")])
def test_an_event_that_says_it_is_history_is_taken_whenever_it_comes(flag, outcome):
    assert outcomes([view(0), view(-90 * DAY, received=1, context={"historical": flag})]) == ["applied", outcome]


def test_a_message_of_another_partition_is_taken_whenever_it_comes():
    message = msgspec.structs.replace(view(-90 * DAY, received=1), type="forward", name="$forward")

    assert outcomes([view(0), message]) == ["applied", "applied"]


def test_a_clock_that_is_ahead_makes_no_other_event_late():
    assert outcomes([view(90 * DAY, received=0), view(1)]) == ["applied", "applied"]


def test_the_allowed_lateness_can_be_set():
    strict = compile_definitions(DOCUMENT, lateness=60)

    assert outcomes([view(0), view(-60, received=1), view(-61, received=2)], strict) == ["applied", "applied", "late"]
