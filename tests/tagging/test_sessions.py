"""Sessions, by the clock of the events."""

from __future__ import annotations

import pytest

from tests.tagging.building import MINUTE, START, defined, event, folded, seen, value

DWELL = defined(signals=[{"key": "dwell", "event": "Page Dwelled", "value": "properties.seconds"}])


def dwelled(at: float, seconds: float = 10, session: str | None = None):
    return event("Page Dwelled", at, properties={"seconds": seconds}, session=session)


def test_a_session_sums_its_own_signals_and_counts_its_events():
    state = folded(DWELL, [dwelled(0, 5), dwelled(20 * MINUTE, 7), event("Anything", 21 * MINUTE)])
    facts = seen(DWELL, state, 22 * MINUTE)

    assert (facts.get("counts.dwell.session"), facts.get("session.events"), facts.get("session.seconds")) == (12, 3, 1_320)


def test_thirty_minutes_without_an_event_end_a_session():
    assert value(DWELL, [dwelled(0, 5), dwelled(30 * MINUTE, 7)], "counts.dwell.session", 30 * MINUTE) == 12
    assert value(DWELL, [dwelled(0, 5), dwelled(30 * MINUTE + 1, 7)], "counts.dwell.session", 31 * MINUTE) == 7


def test_another_named_session_starts_anew():
    assert value(DWELL, [dwelled(0, 5, "s-1"), dwelled(1, 7, "s-2")], "counts.dwell.session", 2) == 7


def test_an_event_without_a_session_belongs_to_the_one_going_on():
    assert value(DWELL, [dwelled(0, 5, "s-1"), dwelled(1, 7)], "counts.dwell.session", 2, session="s-1") == 12


def test_a_session_the_app_names_lasts_as_long_as_it_is_named():
    assert value(DWELL, [dwelled(0, 5, "s-1"), dwelled(50 * MINUTE, 7, "s-1")], "counts.dwell.session", 51 * MINUTE, session="s-1") == 12


@pytest.mark.parametrize("late", [dwelled(50, 9, "s-1"), dwelled(50, 9), dwelled(-3_600, 9)], ids=["its-own-name", "no-name", "long-ago"])
def test_a_late_event_never_brings_an_earlier_session_back(late):
    before = folded(DWELL, [dwelled(0, 5, "s-1"), dwelled(100, 7, "s-2")])

    after = folded(DWELL, [late], before)

    assert after.session == before.session
    assert after.totals == {"dwell": 21}


def test_a_late_event_that_names_the_session_counts_in_it_from_when_it_happened():
    state = folded(DWELL, [dwelled(100, 5, "s-1"), dwelled(40, 7, "s-1")])
    facts = seen(DWELL, state, 160, session="s-1")

    assert (facts.get("counts.dwell.session"), facts.get("session.seconds")) == (12, 120)


def test_a_late_event_inside_the_session_counts_in_it_and_moves_nothing():
    before = folded(DWELL, [dwelled(0, 5), dwelled(100, 7)])
    after = folded(DWELL, [dwelled(50, 9)], before).session

    assert (after.started, after.last, after.events, after.sums) == (START, START + 100, 3, {"dwell": 21})


def test_a_request_in_another_session_reads_none_of_this_one():
    state = folded(DWELL, [dwelled(0, 5, "s-1")])
    other, same = seen(DWELL, state, 5, session="s-2"), seen(DWELL, state, 5, session="s-1")

    assert [other.get(name) for name in ("counts.dwell.session", "session.seconds", "session.events")] == [0, 0, 0]
    assert [same.get(name) for name in ("counts.dwell.session", "session.seconds", "session.events")] == [5, 5, 1]
    assert other.get("counts.dwell.total") == 5


def test_a_session_is_over_for_a_request_that_comes_after_thirty_minutes():
    state = folded(DWELL, [dwelled(0, 5)])

    assert seen(DWELL, state, 30 * MINUTE).get("counts.dwell.session") == 5
    assert seen(DWELL, state, 30 * MINUTE + 1).get("counts.dwell.session") == 0


def test_an_overlong_session_name_is_one_session_for_events_and_requests():
    name = "ü" * 1_000

    assert value(DWELL, [dwelled(0, 5, name), dwelled(1, 7, name)], "counts.dwell.session", 2, session=name) == 12
