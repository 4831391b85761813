"""A user's state in Redis, as decisions read it and commit to it; and the states seen last, for when Redis does not answer."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Lock
from typing import Any

import msgspec
from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

from decisioning import codec, keys
from decisioning.breaker import CircuitOpen
from decisioning.caps import Count, Wins
from decisioning.redis import breaker
from decisioning.streams import functions
from decisioning.tagging import UserState, new_state
from decisioning.tagging.event import Event

REMEMBER_SECONDS = 60.0
REMEMBER_USERS = 10_000
MOST_UNREAD = 200
"""Entries of a partition that a decision looks through for its user's. With more than these waiting, the newest are not seen yet."""


_encode = msgspec.msgpack.Encoder().encode


class Unavailable(RedisError):
    """Redis did not answer in time, refused, or holds what can't be read. An error of Redis to all who guard against those."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a decision knows of a user: the state, how often each capped rule won (None: not known), the state's bytes."""

    state: UserState
    wins: Wins | None
    encoded: bytes | None = None
    unread: Sequence[Event] = ()
    """This user's events that the log has and the state has not: those of the last milliseconds, or more while no worker runs.
    Always none where the log is in Kafka (docs/decisions/0014-kafka.md)."""


def load(client: Redis, workspace: str, user: str, session: str) -> Profile:
    """In one round trip. A user nobody has heard of has a new state. Raises Unavailable."""
    partition = keys.partition_of(workspace, user)
    names = [keys.state_key(workspace, user), keys.caps_key(workspace, session, user), keys.user_caps_key(workspace, user)]
    if settings.EVENT_LOG == "redis":  # what waits in Kafka can't be seen from here
        names += [keys.events_key(partition), keys.offset_key(partition)]
    with _available():
        encoded, in_session, by_period, unread = functions.call(client, "read", names, [MOST_UNREAD])
    state = new_state() if encoded is None else _decoded(encoded, names[0])
    wins = Wins(session, _in_session(_pairs(in_session)), _by_period(_pairs(by_period)))
    return Profile(state, wins, encoded, _of_user(unread, workspace, user))


def _of_user(entries: Sequence[bytes], workspace: str, user: str) -> list[Event]:
    """A partition's entries are of many users; only those with this one's id in their bytes are worth decoding."""
    mark = user.encode()
    found = []
    for entry in entries:
        if mark in entry:
            with suppress(msgspec.DecodeError, UnicodeError):  # the stream worker sets it aside
                found.append(codec.decode_event(entry))
    return [event for event in found if event.workspace == workspace and event.user == user]


def load_session(client: Redis, workspace: str, user: str, session: str) -> Mapping[str, tuple[int, float]]:
    """The wins in another session than the one `load` was asked for. Raises Unavailable."""
    with _available():
        stored = client.hgetall(keys.caps_key(workspace, session, user))
    return _in_session(stored.items())


def _pairs(flat: Sequence[bytes]) -> Iterator[tuple[bytes, bytes]]:
    return zip(flat[::2], flat[1::2], strict=True)


def _in_session(stored: Iterable[tuple[bytes, bytes]]) -> dict[str, tuple[int, float]]:
    """Each value is `<times> <time of the last>`."""
    with _readable():
        return {rule.decode(): (int(times), float(at)) for rule, value in stored for times, at in [value.split()]}


def _by_period(stored: Iterable[tuple[bytes, bytes]]) -> dict[str, dict[str, int]]:
    """Each value is `<time of the last>`, then `<period> <times>` for each period."""
    with _readable():
        parts = {field.decode(): value.decode().split()[1:] for field, value in stored}
        return {field: dict(zip(each[::2], map(int, each[1::2]), strict=True)) for field, each in parts.items()}


def commit_decisions(
    client: Redis,
    workspace: str,
    user: str,
    session: str,
    counts: Sequence[Count],
    records: Sequence[Mapping[str, Any]],
    *,
    at: float,
    since: float,
) -> set[str]:
    """Counts the wins of capped rules and appends the decision records, all or nothing.

    `at` is the time of these wins; earlier ones in the session count if they are not before `since`. Returns the rules whose cap was used
    up meanwhile: then nothing was written and the caller decides again without them.
    Raises Unavailable; then nobody knows whether it was written.
    """
    decisions = keys.decisions_key(keys.partition_of(workspace, user))
    names = [keys.caps_key(workspace, session, user), keys.user_caps_key(workspace, user), decisions]
    counted = [part for count in counts for part in count]
    encoded = [_encode(record) for record in records]
    with _available():
        refused = functions.call(client, "decide", names, [repr(at), repr(since), len(counts), *counted, *encoded])
    return {rule.decode() for rule in refused}


def _decoded(encoded: bytes, key: str) -> UserState:
    with _readable():
        return codec.decode_state(encoded, key)


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
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
        return _decoded(encoded, keys.state_key(workspace, user)) if encoded and now - at <= self._seconds else None

    def forget(self, workspace: str, user: str) -> None:
        with self._lock:
            self._states.pop((workspace, user), None)


_memory = Memory()
remember, recall, forget = _memory.remember, _memory.recall, _memory.forget
