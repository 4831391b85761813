"""A circuit breaker: after failures in a row nothing is tried but one probe each second, until a probe succeeds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Literal

State = Literal["closed", "open", "half_open"]


class CircuitOpen(Exception):
    """Not tried: what is behind the breaker failed a moment ago."""


class Breaker:
    """Thread-safe. A failure is one of `failures`; any other exception means that the other side did answer."""

    def __init__(
        self,
        failures: tuple[type[Exception], ...],
        *,
        limit: int = 5,
        probe_every: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._failures, self._limit, self._probe_every, self._clock = failures, limit, probe_every, clock
        self._lock = Lock()
        self._in_a_row = 0
        self._next_probe = 0.0
        self._probing = False

    @property
    def state(self) -> State:
        with self._lock:
            if self._in_a_row < self._limit:
                return "closed"
            return "half_open" if self._probing else "open"

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Runs the block and notes how it went. Raises CircuitOpen instead of running it while the circuit is open."""
        if not self.allow():
            raise CircuitOpen("not tried, the circuit is open")
        try:
            yield
        except self._failures:
            self.failed()
            raise
        except BaseException:
            self.succeeded()
            raise
        self.succeeded()

    def allow(self) -> bool:
        if self._in_a_row < self._limit:  # without the lock: a stale read costs one call more or less
            return True
        with self._lock:
            now = self._clock()
            if self._in_a_row < self._limit:
                return True
            if now < self._next_probe:
                return False
            # A probe that never reports back holds the next one up by no more than this.
            self._next_probe, self._probing = now + self._probe_every, True
            return True

    def succeeded(self) -> None:
        if self._in_a_row:
            with self._lock:
                self._in_a_row, self._probing = 0, False

    def failed(self) -> None:
        with self._lock:
            self._in_a_row += 1
            self._probing = False
            self._next_probe = self._clock() + self._probe_every
