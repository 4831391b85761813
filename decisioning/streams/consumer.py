"""Applies the event log: one thread reads the partitions this worker owns, folds their events and commits each batch in one step.

A round: keep the leases, read, fold and commit, fire what is due where all events are applied, pass on messages for other users.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from decisioning.streams import commit, log, timers
from decisioning.streams.batch import Batch, DefinitionsOf, Entry, SetAside, fold_entries, needed, read
from decisioning.streams.commit import Written
from decisioning.streams.functions import Call
from decisioning.streams.outbox import Append, Outbox
from decisioning.streams.port import LogUnavailable
from decisioning.tagging import UnknownStateSchema

logger = logging.getLogger(__name__)

BLOCK_MS = 200
"""How long a read waits for an event. It ends with the first one, so this only bounds how long a stop takes."""
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
        ready: Callable[[], bool] = lambda: True,
        lease_ms: int | None = None,
        append: Append | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._client, self._definitions, self._ready = client, definitions, ready
        events = log.event_log(client)
        self._reader = events.reader(lease_ms)
        self._outbox = Outbox(client, append or events.append)
        self._clock, self._timers_looked, self._timers_wait = clock, 0.0, False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self.run, name="streams", daemon=True)
        self.counts: Counter[str] = Counter()
        self.errors = 0

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        """Finishes the batch in hand and gives the partitions back."""
        self._stopping.set()
        if self._thread.ident is None:  # whoever calls `step` is the thread
            self._reader.close()
        else:
            self._thread.join(timeout)

    def stats(self) -> dict[str, Any]:
        """What this process has done since it started, and what it owns."""
        owned = {held.partition: held.offset for held in list(self._reader.held.values())}
        done = dict.fromkeys(log.OUTCOMES, 0) | self.counts
        return {"worker": self._reader.worker, "owned": owned, "paused": sorted(self._reader.paused), **done, "errors": self.errors}

    def pause(self, partitions: Collection[int]) -> None:
        """Keeps the partitions, also those to be taken later, and applies nothing of them until `resume`. The batch in hand is finished."""
        self._reader.paused |= frozenset(partitions)

    def resume(self, partitions: Collection[int]) -> None:
        self._reader.paused -= frozenset(partitions)

    def limit(self, partitions: int | None) -> None:
        """The most partitions this process owns, from the next second on. Raises CannotLimit."""
        self._reader.limit(partitions)

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
        self._reader.close()

    def step(self, block_ms: int = BLOCK_MS, *, now: float | None = None) -> int:
        """One round, waiting for events for up to `block_ms`. Returns how many entries were consumed."""
        now = self._clock() if now is None else now  # before the read: what it finds is all that was received up to now, less a moment
        self._reader.keep()
        found = {p: [read(*entry) for entry in entries] for p, entries in self._reader.read(1 if self._timers_wait else block_ms).items()}
        applied = self._apply(found)
        self._fire(self._reader.held.keys() - (found.keys() - applied), now)
        self._outbox.relay(self._reader.held.values())
        return sum(len(found[partition]) for partition in applied)

    def _apply(self, found: Mapping[int, Entries]) -> set[int]:
        """Returns the partitions whose entries are applied now."""
        if not found:
            return set()
        stored = self._load(needed(entries, self._definitions) for entries in found.values())
        folded = {p: self._made(p, fold_entries, entries, stored, self._definitions) for p, entries in found.items()}
        batches = {p: batch for p, batch in folded.items() if batch is not None}
        calls = {p: commit.apply(self._reader.held[p], batch, last=found[p][-1].id, consumed=len(found[p])) for p, batch in batches.items()}
        applied = self._commit(batches, calls)
        for partition in applied:
            self._reader.held[partition].position += len(found[partition])
        return applied

    def _fire(self, partitions: Collection[int], now: float) -> None:
        """Fires what is due in those of the partitions whose events are all applied: an event from before a timer comes before it."""
        looked_just_now = abs(now - self._timers_looked) < timers.LOOK_SECONDS and not self._timers_wait
        if looked_just_now or not partitions:
            return
        self._timers_looked = now
        until = now - timers.GRACE
        waiting = timers.find(self._client, partitions, until)
        found = {partition: waiting[partition] for partition in self._reader.caught_up(waiting.keys())}
        self._timers_wait = any(len(names) == timers.COUNT for names in found.values())
        if not found:
            return
        stored = self._load(found.values())
        fired = {p: self._made(p, timers.fire, names, stored, self._definitions, until) for p, names in found.items()}
        batches = {p: batch for p, batch in fired.items() if batch is not None}
        self._commit(batches, {p: commit.settle(self._reader.held[p], batch) for p, batch in batches.items()})

    def _made(self, partition: int, make: Callable[..., Batch], *of: Any) -> Batch | None:
        """None for a partition that holds a state of a newer Signpost: its events wait for a worker of that release."""
        try:
            return make(*of)
        except UnknownStateSchema as error:
            logger.error("partition %s is left to a newer worker: %s", partition, error)
            self._reader.leave(partition)
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
        held = self._reader.held[partition]
        if reply.outcome == "fence":
            logger.warning("partition %s has another owner now", partition)
            self._reader.drop(partition)
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
        if isinstance(error, RedisError | LogUnavailable):
            logger.warning("the event log is not reached, trying again: %s", error)
        else:
            logger.exception("the consumer failed, starting anew")
        self._reader.restart()
