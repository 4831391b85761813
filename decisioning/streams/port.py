"""What an event log is to the rest of the house: Protocols that Redis Streams and Kafka fill, and the words they share."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypedDict

from decisioning.tagging.event import Event

NEVER = "0-0"
"""The offset of a partition of which nothing was applied yet."""
RETRY_SECONDS, RETRY_SECONDS_FULL = 1, 5

Entries = list[tuple[str, bytes]]
"""Entries of one partition in order: the id of each, and the event in msgpack."""


class LogUnavailable(Exception):
    """The log did not take the events, or did not say that it has. Sending all of them again is safe: their message ids are the same."""

    def __init__(self, reason: str, retry_after: int = RETRY_SECONDS) -> None:
        self.reason, self.retry_after = reason, retry_after
        super().__init__(f"the event log does not answer as it should ({reason}); try again in {retry_after} s")


class CannotLimit(Exception):
    """Here somebody else says how many partitions a worker owns."""


class Lag(TypedDict):
    """How far a partition's owner is behind: events not applied yet, and how long the oldest of them has waited."""

    partition: int
    events: int
    seconds: float


@dataclass(slots=True)
class Held:
    """A partition this worker owns: its fence, the last entry applied, and how many entries were consumed so far."""

    partition: int
    fence: int
    offset: str
    position: int


class Reader(Protocol):
    """One worker's part in reading the log. Used by one thread; what it holds changes only within its own methods."""

    worker: str

    @property
    def held(self) -> Mapping[int, Held]:
        """The partitions owned. Whoever commits a batch moves `offset` and `position` on."""

    def keep(self) -> None:
        """Does what keeping partitions, taking free ones and tidying up takes. Called before each read, never within a batch."""

    def read(self, block_ms: int) -> dict[int, Entries]:
        """What comes after the offset of each partition owned; waits so long for the first entry."""

    def caught_up(self, partitions: Collection[int]) -> set[int]:
        """Those of the partitions owned of which all is applied that was in the log at the last read (Kafka: 0.3 s ago at the most)."""

    paused: frozenset[int]
    """Partitions that are kept and not read, nor do their timers fire. May be set by other threads."""

    def limit(self, partitions: int | None) -> None:
        """The most partitions to own; None: as many as are this worker's share. Raises CannotLimit. May be called by other threads."""

    def drop(self, partition: int) -> None:
        """Forgets a partition that another worker has taken over."""

    def leave(self, partition: int) -> None:
        """Does not own the partition for a while: it is for a worker that can do more."""

    def restart(self) -> None:
        """Starts anew from what Redis knows: after an error nobody can say what was committed."""

    def close(self) -> None:
        """Gives every partition back, so that others need not wait for this worker to count as dead."""


class EventLog(Protocol):
    """Partitions of entries in order. Offsets and ids are texts `<number>-<number>` that functions.lua can compare."""

    def append(self, events: Sequence[Event], within: float | None = None) -> None:
        """Appends each event to its user's partition in the order given, and returns once the log has all of them.

        `within`: seconds after which to give up, where the log's own limit is too long. Raises LogUnavailable; half of the events may
        be in the log then, which is harmless: their repetition is caught by message id.
        """

    def lag(self) -> list[Lag]:
        """Of every partition. Raises LogUnavailable or an error of Redis."""

    def entries(self, partition: int, after: str, until: str | None, count: int) -> Entries:
        """The first `count` entries after the id `after`, up to and including `until`. What was trimmed or has expired is not there."""

    def check(self) -> None:
        """Refuses a log that would lose events or mix them up. Raises UnsuitableServer; LogUnavailable where it is away."""

    def reader(self, lease_ms: int | None = None) -> Reader:
        """`lease_ms`: how long a partition waits for a worker that died; None for what the log is used to."""
