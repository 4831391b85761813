"""Applies the event log: one thread reads the partitions this worker owns, folds their events and commits each batch in one step."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from decisioning import keys
from decisioning.streams import functions
from decisioning.streams.batch import Batch, DefinitionsOf, Entry, SetAside, fold_entries, read
from decisioning.streams.functions import Call
from decisioning.streams.keep import keep_from
from decisioning.streams.lease import LEASE_MS, Held, Leases, worker_name
from decisioning.streams.log import FIELD
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
    """One a process. `definitions` gives a workspace's tagging; nothing is read until `ready` says that it can."""

    def __init__(
        self,
        client: Redis,
        definitions: DefinitionsOf,
        *,
        partitions: int,
        ready: Callable[[], bool] = lambda: True,
        lease_ms: int = LEASE_MS,
    ) -> None:
        self._client, self._definitions, self._ready = client, definitions, ready
        self._leases = Leases(client, worker_name(), partitions, lease_ms=lease_ms)
        self._tick_seconds = lease_ms / 5000
        self._next_tick = self._next_trim = 0.0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self.run, name="streams", daemon=True)
        self.applied = self.duplicate = self.dead = self.errors = 0

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
        done = {"applied": self.applied, "duplicate": self.duplicate, "dead": self.dead, "errors": self.errors}
        return {"worker": self._leases.worker, "owned": owned, **done}

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

    def step(self, block_ms: int = BLOCK_MS) -> int:
        """One round: keep the leases, wait for events, apply them. Returns how many entries were consumed."""
        now = time.monotonic()
        if now >= self._next_tick:
            self._leases.tick()
            self._next_tick = now + self._tick_seconds
        if now >= self._next_trim:
            self.trim(now=time.time())
            self._next_trim = now + TRIM_SECONDS
        if not self._leases.held:
            self._stopping.wait(block_ms / 1000)
            return 0
        return self._apply(self._read(block_ms))

    def trim(self, *, now: float) -> None:
        """Removes entries that are applied, archived and older than KEEP_SECONDS. Never by length: that would remove unread ones."""
        held = list(self._leases.held.values())
        keep = keep_from(self._client, [each.partition for each in held], f"{int((now - KEEP_SECONDS) * 1000)}-0")
        calls = [
            Call("trim", [*keys.progress_keys(each.partition), keys.events_key(each.partition)], [each.fence, keep[each.partition]])
            for each in held
        ]
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

    def _apply(self, found: Mapping[int, Entries]) -> int:
        if not found:
            return 0
        stored = self._load(found)
        batches = {p: batch for p, entries in found.items() if (batch := self._fold(p, entries, stored))}
        calls = [_commit(self._leases.held[p], found[p], batch) for p, batch in batches.items()]
        failure: Exception | None = None
        for (partition, batch), reply in zip(batches.items(), functions.call_many(self._client, calls), strict=True):
            if isinstance(reply, Exception):
                failure = reply
            else:
                self._committed(self._leases.held[partition], found[partition], batch, *reply)
        if failure is not None:
            raise failure
        return sum(len(found[partition]) for partition in batches)

    def _fold(self, partition: int, entries: Entries, stored: Mapping[str, bytes | None]) -> Batch | None:
        """None for a partition that holds a state of a newer Signpost: its events wait for a worker of that release."""
        try:
            return fold_entries(entries, stored, self._definitions)
        except UnknownStateSchema as error:
            logger.error("partition %s is left to a newer worker: %s", partition, error)
            self._leases.leave(partition, until=time.monotonic() + LEFT_SECONDS)
            return None

    def _load(self, found: Mapping[int, Entries]) -> dict[str, bytes | None]:
        """The states of all users met, in one trip: one MGET a partition, whose keys share a slot."""
        wanted = [list({e.state_key: None for e in entries if isinstance(e, Entry)}) for entries in found.values()]
        wanted = [names for names in wanted if names]
        pipeline = self._client.pipeline(transaction=False)
        for names in wanted:
            pipeline.mget(names)
        return {
            name: state for names, states in zip(wanted, pipeline.execute(), strict=True) for name, state in zip(names, states, strict=True)
        }

    def _committed(self, held: Held, entries: Entries, batch: Batch, outcome: bytes, offset: bytes) -> None:
        if outcome == b"fence":
            logger.warning("partition %s has another owner now", held.partition)
            self._leases.drop(held.partition)
        elif outcome == b"offset":
            logger.warning("partition %s is at %s, not at %s: reading on from there", held.partition, offset.decode(), held.offset)
            held.offset = offset.decode()
        else:
            held.offset, held.position = offset.decode(), held.position + len(entries)
            self.applied += batch.applied
            self.duplicate += batch.duplicate
            self.dead += len(batch.set_aside)

    def _recover(self, error: Exception) -> None:
        """Starts anew from what Redis knows: after an error nobody can say what was committed, or how long it took."""
        self.errors += 1
        if isinstance(error, RedisError):
            logger.warning("the event log is not reached, trying again: %s", error)
        else:
            logger.exception("the consumer failed, starting anew")
        self._leases.held.clear()
        self._next_tick = 0.0


def _commit(held: Held, entries: Entries, batch: Batch) -> Call:
    p = held.partition
    names = [*keys.progress_keys(p), keys.dead_key(p), *batch.states]
    counts = [held.position + len(entries), batch.applied, batch.duplicate, len(batch.states)]
    dead = [part for each in batch.set_aside for part in (each.id, each.data, each.reason)]
    return Call("apply", names, [held.fence, held.offset, entries[-1].id, *counts, *batch.states.values(), *dead])
