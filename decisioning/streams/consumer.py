"""Applies the event log: one thread reads the partitions this worker owns, folds their events and commits each batch in one step.

A round: keep the leases, read, fold and commit, fire what is due where all events are applied, pass on messages for other users.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from decisioning import keys
from decisioning.streams import commit, functions, log, timers
from decisioning.streams.batch import Batch, DefinitionsOf, Entry, SetAside, fold_entries, read
from decisioning.streams.commit import Written
from decisioning.streams.functions import Call
from decisioning.streams.lease import LEASE_MS, Leases, worker_name
from decisioning.streams.log import FIELD
from decisioning.streams.outbox import Append, Outbox
from decisioning.tagging import UnknownStateSchema

logger = logging.getLogger(__name__)

COUNT = 500
"""Entries read of one partition at a time: more would make every other partition wait longer."""
BLOCK_MS = 200
"""How long a read waits for an event. It ends with the first one, so this only bounds how long a stop takes."""
KEEP_SECONDS = 3600
"""Applied entries stay this long, for people who look."""
TRIM_SECONDS = 30.0
LEFT_SECONDS = 30.0
"""How long a partition that this worker is too old for is left to others."""
BACKOFF_SECONDS = (0.1, 2.0)
"""The first and the longest wait after an error."""

Entries = list[Entry | SetAside]


class Consumer:
    """One a process. `definitions` gives a workspace's tagging; nothing is read until `ready` says that it can.

    `append` takes messages for other users to the log. `clock` says what time it is for timers, in seconds since the epoch.
    """

    def __init__(
        self,
        client: Redis,
        definitions: DefinitionsOf,
        *,
        partitions: int,
        ready: Callable[[], bool] = lambda: True,
        lease_ms: int = LEASE_MS,
        append: Append | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._client, self._definitions, self._ready = client, definitions, ready
        self._leases = Leases(client, worker_name(), partitions, lease_ms=lease_ms)
        self._outbox = Outbox(client, append or partial(log.append, client))
        self._clock, self._timers_looked, self._timers_wait = clock, 0.0, False
        self._tick_seconds = lease_ms / 5000
        self._next_tick = self._next_trim = 0.0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self.run, name="streams", daemon=True)
        self.counts: Counter[str] = Counter()
        self.errors = 0

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        """Finishes the batch in hand and gives the partitions back."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def stats(self) -> dict[str, Any]:
        """What this process has done since it started, and what it owns."""
        owned = {held.partition: held.offset for held in list(self._leases.held.values())}
        done = dict.fromkeys(log.OUTCOMES, 0) | self.counts
        return {"worker": self._leases.worker, "owned": owned, **done, "errors": self.errors}

    def run(self) -> None:
        while not self._ready():
            if self._stopping.wait(0.05):
                return
        wait = BACKOFF_SECONDS[0]
        while not self._stopping.is_set():
            try:
                self.step()
                wait = BACKOFF_SECONDS[0]
            except Exception as error:  # noqa: BLE001 - a thread that dies silently would leave its events waiting for ever
                self._recover(error)
                self._stopping.wait(wait)
                wait = min(2 * wait, BACKOFF_SECONDS[1])
        try:
            self._leases.release_all()
        except RedisError as error:
            logger.warning("leases can't be given back, they end by themselves: %s", error)

    def step(self, block_ms: int = BLOCK_MS, *, now: float | None = None) -> int:
        """One round, waiting for events for up to `block_ms`. Returns how many entries were consumed."""
        now = self._clock() if now is None else now  # before the read: what it finds is all that was received up to now, less a moment
        self._keep()
        if not self._leases.held:
            self._stopping.wait(block_ms / 1000)
            return 0
        found = self._read(1 if self._timers_wait else block_ms)
        applied = self._apply(found)
        behind = {partition for partition, entries in found.items() if partition not in applied or len(entries) == COUNT}
        self._fire(self._leases.held.keys() - behind, now)
        self._outbox.relay(self._leases.held.values())
        return sum(len(found[partition]) for partition in applied)

    def _keep(self) -> None:
        now = time.monotonic()
        if now >= self._next_tick:
            self._leases.tick()
            self._next_tick = now + self._tick_seconds
        if now >= self._next_trim:
            self.trim(now=time.time())
            self._next_trim = now + TRIM_SECONDS

    def trim(self, *, now: float) -> None:
        """Removes entries that are applied and older than KEEP_SECONDS. Never by length: that would remove what nobody has read."""
        keep = f"{int((now - KEEP_SECONDS) * 1000)}-0"
        held = list(self._leases.held.values())
        calls = [Call("trim", [*keys.progress_keys(each.partition), keys.events_key(each.partition)], [each.fence, keep]) for each in held]
        for each, position in zip(held, functions.checked(functions.call_many(self._client, calls)), strict=True):
            if position is not None:
                each.position = position

    def _read(self, block_ms: int) -> dict[int, Entries]:
        held = {keys.events_key(each.partition).encode(): each for each in self._leases.held.values()}
        reply = self._client.xread({name: each.offset for name, each in held.items()}, count=COUNT, block=block_ms)
        return {
            held[name].partition: [read(entry_id.decode(), fields.get(FIELD, b"")) for entry_id, fields in entries]
            for name, entries in reply
        }

    def _apply(self, found: Mapping[int, Entries]) -> set[int]:
        """Returns the partitions whose entries are applied now."""
        if not found:
            return set()
        stored = self._load({e.state_key: None for e in entries if isinstance(e, Entry)} for entries in found.values())
        folded = {p: self._made(p, fold_entries, entries, stored, self._definitions) for p, entries in found.items()}
        batches = {p: batch for p, batch in folded.items() if batch is not None}
        calls = {p: commit.apply(self._leases.held[p], batch, last=found[p][-1].id, consumed=len(found[p])) for p, batch in batches.items()}
        applied = self._commit(batches, calls)
        for partition in applied:
            self._leases.held[partition].position += len(found[partition])
        return applied

    def _fire(self, partitions: Collection[int], now: float) -> None:
        """Fires what is due in partitions whose events are all applied: an event from before a timer comes before it."""
        looked_just_now = abs(now - self._timers_looked) < timers.LOOK_SECONDS and not self._timers_wait
        if looked_just_now or not partitions:
            return
        self._timers_looked = now
        until = now - timers.GRACE
        found = timers.find(self._client, partitions, until)
        self._timers_wait = any(len(names) == timers.COUNT for names in found.values())
        if not found:
            return
        stored = self._load(found.values())
        fired = {p: self._made(p, timers.fire, names, stored, self._definitions, until) for p, names in found.items()}
        batches = {p: batch for p, batch in fired.items() if batch is not None}
        self._commit(batches, {p: commit.settle(self._leases.held[p], batch) for p, batch in batches.items()})

    def _made(self, partition: int, make: Callable[..., Batch], *of: Any) -> Batch | None:
        """None for a partition that holds a state of a newer Signpost: its events wait for a worker of that release."""
        try:
            return make(*of)
        except UnknownStateSchema as error:
            logger.error("partition %s is left to a newer worker: %s", partition, error)
            self._leases.leave(partition, until=time.monotonic() + LEFT_SECONDS)
            return None

    def _load(self, wanted: Iterable[Iterable[str]]) -> dict[str, bytes | None]:
        """The states named, in one trip: one MGET a partition, whose keys share a slot."""
        asked = [list(names) for names in wanted]
        asked = [names for names in asked if names]
        pipeline = self._client.pipeline(transaction=False)
        for names in asked:
            pipeline.mget(names)
        return {
            name: state for names, states in zip(asked, pipeline.execute(), strict=True) for name, state in zip(names, states, strict=True)
        }

    def _commit(self, batches: Mapping[int, Batch], calls: Mapping[int, Call]) -> set[int]:
        """In one trip. Returns the partitions whose batch was written; one that was not leaves the others unhindered."""
        written, failure = commit.send(self._client, calls)
        done = {partition for partition, reply in written.items() if self._written(partition, batches[partition], reply)}
        if failure is not None:
            raise failure
        return done

    def _written(self, partition: int, batch: Batch, reply: Written) -> bool:
        held = self._leases.held[partition]
        if reply.outcome == "fence":
            logger.warning("partition %s has another owner now", partition)
            self._leases.drop(partition)
            return False
        if reply.outcome == "offset":
            logger.warning("partition %s is at %s, not at %s: reading on from there", partition, reply.offset, held.offset)
        held.offset = reply.offset
        if reply.outcome == "ok":
            self.counts += batch.counts
            if batch.messages:
                self._outbox.added(partition)
        return reply.outcome == "ok"

    def _recover(self, error: Exception) -> None:
        """Starts anew from what Redis knows: after an error nobody can say what was committed, or how long it took."""
        self.errors += 1
        if isinstance(error, RedisError):
            logger.warning("the event log is not reached, trying again: %s", error)
        else:
            logger.exception("the consumer failed, starting anew")
        self._leases.held.clear()
        self._next_tick = 0.0
