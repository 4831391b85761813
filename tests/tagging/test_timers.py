"""Timers: fired in order, once, and before the event that arrives after them."""

from __future__ import annotations

from copy import copy

from decisioning.tagging import advance, due, fold, new_state
from tests.tagging.building import defined, event


def waiting(**timers: float):
    state = copy(new_state())
    state.timers = dict(timers)
    return state


def test_nothing_waits_for_a_new_user():
    assert due(new_state()) is None


def test_the_first_timer_says_when_to_look():
    assert due(waiting(later=20.0, sooner=10.0)) == 10.0


def test_a_timer_that_is_due_is_gone_once_it_was_looked_at():
    assert advance(defined(), waiting(now=10.0, later=20.0), 10.0).state.timers == {"later": 20.0}


def test_a_state_without_due_timers_stays_the_very_same():
    state = waiting(later=20.0)
    assert advance(defined(), state, 19.9).state is state


def test_an_event_finds_the_timers_before_it_fired():
    folded = fold(defined(), waiting(before=10.0, after=1e12), event("Seen"))
    assert folded.state.timers == {"after": 1e12}
