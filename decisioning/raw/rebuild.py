"""Use case: compute every state anew from the raw archive, say what differs from the live ones, and put the new ones in their place."""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec
from redis import Redis
from redis.exceptions import WatchError

from decisioning import codec, keys
from decisioning.raw import reader
from decisioning.raw.gaps import Gap
from decisioning.raw.shadow import CHUNK, Shadow
from decisioning.raw.store import Store
from decisioning.streams import functions, ids
from decisioning.streams.batch import DefinitionsOf
from decisioning.tagging import UserState, advance, due, encode_state

LEASE_MS = 60_000
"""How long the workers wait for a rebuild that died while it had their partition."""
NAMED = 10
"""Users that are named of those that differ."""
NOT_KEPT = "is not in the archive"
NOT_LIVE = "has no live state"


class Taken(RuntimeError):
    """A worker took the partition back while it was being rebuilt. What was written until then is right, the rest is as it was."""


class Difference(NamedTuple):
    user: str
    fields: tuple[str, ...]


@dataclass(slots=True)
class Report:
    users: int = 0
    equal: int = 0
    different: int = 0
    written: int = 0
    entries: int = 0
    first: list[Difference] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    withheld: list[int] = field(default_factory=list)
    """Partitions whose states were not replaced, since entries are missing."""

    def differs(self, user: str, fields: tuple[str, ...]) -> None:
        self.different += 1
        if len(self.first) < NAMED:
            self.first.append(Difference(user, fields))


@dataclass(frozen=True, slots=True)
class Rebuild:
    """`definitions` are those of today: a state that older ones made may differ rightly. `clock`: seconds since the epoch."""

    store: Store
    client: Redis
    definitions: DefinitionsOf
    workspace: str | None = None
    apply: bool = False
    force: bool = False
    """Replace states also where entries are missing."""
    clock: Callable[[], float] = time.time

    def partition(self, partition: int, report: Report) -> None:
        """Adds one partition to the report. Raises Taken, reader.Damaged, UnknownStateSchema, or an error of Redis or of the store."""
        shadow = Shadow(self.client, partition, self.definitions, self.workspace)
        try:
            shadow.replay(reader.entries(self.store, partition))
            shadow.catch_up(self._offset(partition))
            gaps = list(shadow.numbers.gaps)
            writes = self.apply and (self.force or not gaps)
            with _seized(self.client, partition) if writes else nullcontext() as fence:
                self._compare(shadow, fence, report)
            report.entries += shadow.numbers.entries
            report.gaps += shadow.numbers.gaps
            if self.apply and not writes:
                report.withheld.append(partition)
        finally:
            shadow.drop()

    def _offset(self, partition: int) -> str:
        return (self.client.get(keys.offset_key(partition)) or ids.NEVER.encode()).decode()

    def _compare(self, shadow: Shadow, fence: int | None, report: Report) -> None:
        seen: set[str] = set()
        # Users who come while this runs are compared at the end: one more round finds nobody new but in a busy shop, and then it may end.
        for _ in range(2):
            computed = {name for name in shadow.users if name.startswith(f"{{p{shadow.partition}}}:state:")}
            names = sorted((self._live(shadow.partition) | computed) - seen)
            seen.update(names)
            for start in range(0, len(names), CHUNK):
                self._compare_some(shadow, names[start : start + CHUNK], fence, report)

    def _live(self, partition: int) -> set[str]:
        return {name.decode() for name in self.client.scan_iter(f"{{p{partition}}}:state:{self.workspace or '*'}:*", count=1000)}

    def _compare_some(self, shadow: Shadow, users: Sequence[str], fence: int | None, report: Report) -> None:
        """The live states and the offset they are of are read in one step; then the shadow is brought to that offset."""
        pipeline = self.client.pipeline(transaction=True)
        pipeline.get(keys.offset_key(shadow.partition))
        pipeline.mget(users)
        offset, live = pipeline.execute()
        now = self.clock()
        shadow.catch_up((offset or ids.NEVER.encode()).decode())
        writes: dict[str, UserState] = {}
        for user, old, new in zip(users, live, shadow.load(users), strict=True):
            if old is None and new is None:
                continue
            report.users += 1
            if new is None:
                report.differs(user, (NOT_KEPT,))
            elif old is None:
                report.differs(user, (NOT_LIVE,))
                writes[user] = codec.decode_state(new, user)
            elif fields := self._fields(user, old, new, now):
                report.differs(user, fields)
                writes[user] = self._as_fired(user, old, new, now)
            else:
                report.equal += 1
        if fence is not None and writes:
            _write(self.client, shadow.partition, fence, {user: self._packed(user, state) for user, state in writes.items()})
            report.written += len(writes)

    def _packed(self, user: str, state: UserState) -> tuple[bytes, float | None]:
        personal = self.definitions(keys.workspace_of(user)).personal
        return codec.encode_state(state, user, personal), due(state)

    def _advanced(self, user: str, data: bytes, until: float) -> UserState:
        state = codec.decode_state(data, user)
        return advance(self.definitions(keys.workspace_of(user)), state, until).state

    def _fields(self, user: str, old: bytes, new: bytes, now: float) -> tuple[str, ...]:
        """Which fields differ once all that is due has happened in both: a worker may have fired a timer that the fold has not come to."""
        if old == new:
            return ()
        one, two = self._advanced(user, old, now), self._advanced(user, new, now)
        if encode_state(one) == encode_state(two):
            return ()
        names = UserState.__struct_fields__
        told = tuple(name for name in names if _encoded(getattr(one, name)) != _encoded(getattr(two, name)))
        return told or ("order",)

    def _as_fired(self, user: str, old: bytes, new: bytes, now: float) -> UserState:
        """The new state with those timers fired that had fired in the old one, and no others: their messages are on their way already."""
        following = due(codec.decode_state(old, user))
        until = now if following is None or following > now else math.nextafter(following, -math.inf)
        return self._advanced(user, new, until)


def _encoded(value: object) -> bytes:
    return msgspec.msgpack.encode(value)


@contextmanager
def _seized(client: Redis, partition: int) -> Iterator[int]:
    """Owns the partition, whoever had it: its owner's next write is refused, and nobody takes it before this ends."""
    name, lease = f"rebuild:{secrets.token_hex(6)}", keys.lease_key(partition)
    pipeline = client.pipeline(transaction=True)
    pipeline.set(lease, name, px=LEASE_MS)
    pipeline.incr(keys.fence_key(partition))
    fence = int(pipeline.execute()[1])
    try:
        yield fence
    finally:
        functions.call(client, "release", [lease], [name])


def _write(client: Redis, partition: int, fence: int, states: dict[str, tuple[bytes, float | None]]) -> None:
    """Some users' states and timers in one step, which fails if another owner came."""
    with client.pipeline(transaction=True) as pipeline:
        pipeline.watch(keys.fence_key(partition))
        if int(pipeline.get(keys.fence_key(partition)) or 0) != fence:
            raise Taken(f"partition {partition} was taken back by a worker; run it again")
        pipeline.multi()
        pipeline.pexpire(keys.lease_key(partition), LEASE_MS)
        for user, (state, following) in states.items():
            pipeline.set(user, state)
            if following is None:
                pipeline.zrem(keys.timers_key(partition), user)
            else:
                pipeline.zadd(keys.timers_key(partition), {user: following})
        try:
            pipeline.execute()
        except WatchError as error:
            raise Taken(f"partition {partition} was taken back by a worker; run it again") from error
