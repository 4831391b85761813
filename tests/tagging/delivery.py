"""Partitions that fold their logs and pass messages on, each at least once and whenever it likes: what the stream workers come to."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from zlib import crc32

from decisioning.tagging import Definitions, UserState, decode_state, encode_state, fold, new_state
from decisioning.tagging.event import Event, decode_event, encode_event

PARTITIONS = 3
ENOUGH = 5_000
"""More steps than any of these histories needs: messages that go round in circles would take them."""


class Partitions:
    """States, messages and events are kept as bytes, as they are in Redis."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions
        self._logs: list[deque[bytes]] = [deque() for _ in range(PARTITIONS)]
        self._outboxes: list[deque[bytes]] = [deque() for _ in range(PARTITIONS)]
        self._states: dict[str, bytes] = {}
        self.outcomes: dict[str, int] = defaultdict(int)

    def send(self, events: Iterable[Event]) -> None:
        for event in events:
            self._logs[crc32(event.user.encode()) % PARTITIONS].append(encode_event(event))

    def run(self, draw: Callable[[int], int] = lambda choices: 0) -> None:
        """Until nothing waits. `draw(n)` decides, by a number below n, which partition does what next and what comes twice."""
        for _ in range(ENOUGH):
            busy = [(kind, number) for kind in (self._fold, self._relay) for number in range(PARTITIONS) if self._waits(kind, number)]
            if not busy:
                return
            act, number = busy[draw(len(busy))]
            act(number, again=draw(4) == 3)
        raise AssertionError("messages go round in circles")

    def state(self, user: str) -> UserState:
        return decode_state(self._states[user]) if user in self._states else new_state()

    def states(self) -> dict[str, UserState]:
        return {user: self.state(user) for user in self._states}

    def root(self, user: str) -> str:
        """The user that an id belongs to."""
        for _ in range(100):
            into = self.state(user).merged_into
            if not into:
                return user
            user = into
        raise AssertionError("a circle of merges")

    def _waits(self, kind: Callable, number: int) -> bool:
        return bool((self._logs if kind == self._fold else self._outboxes)[number])

    def _fold(self, number: int, *, again: bool) -> None:
        """A batch of one: state and messages in one step. `again`: a client sends the event once more."""
        data = self._logs[number].popleft()
        event = decode_event(data)
        folded = fold(self._definitions, self.state(event.user), event)
        self.outcomes[folded.outcome] += 1
        self._states[event.user] = encode_state(folded.state)
        self._outboxes[number].extend(encode_event(message) for message in folded.messages)
        if again and not event.name.startswith("$"):
            self._logs[number].append(data)

    def _relay(self, number: int, *, again: bool) -> None:
        """`again`: the relay died between the log's answer and forgetting the message."""
        event = decode_event(self._outboxes[number][0] if again else self._outboxes[number].popleft())
        self.send([event])
