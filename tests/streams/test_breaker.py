"""The circuit breaker, with a clock moved by hand."""

from __future__ import annotations

import pytest

from decisioning.breaker import Breaker, CircuitOpen


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def breaker(clock):
    return Breaker((ConnectionError,), limit=5, probe_every=1.0, clock=clock)


def fail(breaker, times=1, error=ConnectionError):
    for _ in range(times):
        with pytest.raises(error), breaker.guard():
            raise error


def test_four_failures_leave_it_closed(breaker):
    fail(breaker, 4)

    assert breaker.state == "closed"


def test_five_failures_in_a_row_open_it(breaker):
    fail(breaker, 5)

    assert breaker.state == "open"
    with pytest.raises(CircuitOpen), breaker.guard():
        pytest.fail("this must not run")


def test_a_success_between_failures_starts_the_count_again(breaker):
    fail(breaker, 4)
    with breaker.guard():
        pass
    fail(breaker, 4)

    assert breaker.state == "closed"


def test_an_error_that_is_an_answer_is_no_failure(breaker):
    fail(breaker, 10, ValueError)

    assert breaker.state == "closed"


def test_after_a_second_one_caller_may_probe_and_others_may_not(breaker, clock):
    fail(breaker, 5)
    clock.now += 1.0

    assert [breaker.allow() for _ in range(3)] == [True, False, False]
    assert breaker.state == "half_open"


def test_a_probe_that_succeeds_closes_it(breaker, clock):
    fail(breaker, 5)
    clock.now += 1.0
    with breaker.guard():
        pass

    assert breaker.state == "closed"


def test_a_probe_that_fails_opens_it_for_another_second(breaker, clock):
    fail(breaker, 5)
    clock.now += 1.0
    fail(breaker)

    clock.now += 0.9
    assert (breaker.state, breaker.allow()) == ("open", False)
    clock.now += 0.2
    assert breaker.allow()


def test_a_probe_that_never_reports_back_holds_the_next_up_by_a_second_only(breaker, clock):
    fail(breaker, 5)
    clock.now += 1.0
    assert breaker.allow()

    clock.now += 1.0
    assert breaker.allow()
