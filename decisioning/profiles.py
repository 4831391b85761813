"""A user's state in Redis, as decisions read it and commit to it; and the states seen last, for when Redis does not answer."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any

import msgspec
from redis import Redis
from redis.exceptions import RedisError

from decisioning import keys
from decisioning.breaker import CircuitOpen
from decisioning.redis import breaker
from decisioning.streams import functions
from decisioning.tagging import UserState, decode_state, new_state

REMEMBER_SECONDS = 60.0
REMEMBER_USERS = 10_000


_encode = msgspec.msgpack.Encoder().encode


class Unavailable(RedisError):
    """Redis did not answer in time, refused, or holds what can't be read. An error of Redis to all who guard against those."""


@dataclass(frozen=True, slots=True)
class Caps:
    """How often each capped rule won in a session, and when last (seconds, UTC)."""

    session: str
    wins: Mapping[str, tuple[int, float]]

    def since(self, moment: float) -> dict[str, int]:
        """The wins by rule, less those of rules that last won before the moment."""
        return {rule: times for rule, (times, at) in self.wins.items() if at >= moment}


@dataclass(frozen=True, slots=True)
class Profile:
    """What a decision knows of a user: the state, how often each capped rule won in this session (None: not known), the state's bytes."""

    state: UserState
    caps: Caps | None
    encoded: bytes | None = None


def load(client: Redis, workspace: str, user: str, session: str) -> Profile:
    """In one round trip. A user nobody has heard of has a new state. Raises Unavailable."""
    pipeline = client.pipeline(transaction=False)
    pipeline.get(keys.state_key(workspace, user))
    pipeline.hgetall(keys.caps_key(workspace, session, user))
    with _available():
        encoded, caps = pipeline.execute()
    state = new_state() if encoded is None else _decoded(encoded)
    return Profile(state, _caps(session, caps), encoded)


def load_caps(client: Redis, workspace: str, user: str, session: str) -> Caps:
    """Of another session than the one `load` was asked for. Raises Unavailable."""
    with _available():
        return _caps(session, client.hgetall(keys.caps_key(workspace, session, user)))


def _caps(session: str, stored: Mapping[bytes, bytes]) -> Caps:
    wins = {}
    for rule, value in stored.items():
        times, _, at = value.partition(b" ")
        wins[rule.decode()] = int(times), float(at)
    return Caps(session, wins)


def find(client: Redis, workspace: str, user: str) -> UserState | None:
    """The user's state, or None for one nobody has heard of. For callers that may wait: it asks no breaker."""
    encoded = client.get(keys.state_key(workspace, user))
    return None if encoded is None else _decoded(encoded)


def commit_decisions(
    client: Redis,
    workspace: str,
    user: str,
    session: str,
    caps: Mapping[str, tuple[int, int]],
    records: Sequence[Mapping[str, Any]],
    *,
    at: float,
    since: float,
) -> set[str]:
    """Counts the wins of capped rules (by key: times won, limit) and appends the decision records, all or nothing.

    `at` is the time of these wins; earlier ones count if they are not before `since`. Returns the rules whose cap was used up
    meanwhile: then nothing was written and the caller decides again without them.
    Raises Unavailable; then nobody knows whether it was written.
    """
    names = [keys.caps_key(workspace, session, user), keys.decisions_key(keys.partition_of(workspace, user))]
    counted = [part for rule, (times, limit) in caps.items() for part in (rule, times, limit)]
    encoded = [_encode(record) for record in records]
    with _available():
        refused = functions.call(client, "decide", names, [repr(at), repr(since), len(caps), *counted, *encoded])
    return {rule.decode() for rule in refused}


def _decoded(encoded: bytes) -> UserState:
    try:
        return decode_state(encoded)
    except ValueError as error:
        raise Unavailable(str(error)) from error


@contextmanager
def _available() -> Iterator[None]:
    try:
        with breaker.guard():
            yield
    except (RedisError, CircuitOpen) as error:
        raise Unavailable(f"{type(error).__name__}: {error}") from error


class Memory:
    """The states seen last in this process: at most so many, none older than so many seconds."""

    def __init__(self, *, users: int = REMEMBER_USERS, seconds: float = REMEMBER_SECONDS) -> None:
        self._users, self._seconds = users, seconds
        self._lock = Lock()
        self._states: OrderedDict[tuple[str, str], tuple[float, bytes]] = OrderedDict()

    def remember(self, workspace: str, user: str, encoded: bytes | None, now: float) -> None:
        """Keeps a profile's `encoded`: bytes, not objects, for those of thousands of users would slow the garbage collector."""
        if encoded is None:
            return
        with self._lock:
            self._states[workspace, user] = (now, encoded)
            self._states.move_to_end((workspace, user))
            if len(self._states) > self._users:
                self._states.popitem(last=False)

    def recall(self, workspace: str, user: str, now: float) -> UserState | None:
        with self._lock:
            at, encoded = self._states.get((workspace, user), (0.0, b""))
        return _decoded(encoded) if encoded and now - at <= self._seconds else None

    def forget_all(self) -> None:
        with self._lock:
            self._states.clear()


_memory = Memory()
remember, recall, forget_all = _memory.remember, _memory.recall, _memory.forget_all
