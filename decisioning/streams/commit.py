"""The one write of a batch: the call that makes it one step in Redis, and what its reply means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from redis import Redis

from decisioning import keys
from decisioning.streams import functions
from decisioning.streams.batch import Batch, SetAside
from decisioning.streams.functions import Argument, Call
from decisioning.streams.port import Held


class Written(NamedTuple):
    """Whether a batch was written, or why not (`fence`: another owns the partition; `offset`: it is elsewhere), and the stored offset."""

    outcome: Literal["ok", "fence", "offset"]
    offset: str


def apply(held: Held, batch: Batch, *, last: str, consumed: int) -> Call:
    """Writes what folding entries came to and moves the offset on to the `last` of the `consumed` entries."""
    return Call("apply", _keys(held, batch), [held.fence, held.offset, last, held.position + consumed, *_content(batch)])


def settle(held: Held, batch: Batch) -> Call:
    """Writes what happened without an event. Refused where the offset has moved: the states would lack what was applied meanwhile."""
    return Call("settle", _keys(held, batch), [held.fence, held.offset, *_content(batch)])


def send(client: Redis, calls: Mapping[int, Call]) -> tuple[dict[int, Written], Exception | None]:
    """All partitions' calls in one trip: the replies of those that were answered, and the error of one that was not."""
    written, failure = {}, None
    for partition, reply in zip(calls, functions.call_many(client, list(calls.values())), strict=True):
        if isinstance(reply, Exception):
            failure = reply
        else:
            outcome, offset = reply
            written[partition] = Written(outcome.decode(), offset.decode())
    return written, failure


def _keys(held: Held, batch: Batch) -> list[str]:
    p = held.partition
    return [
        *keys.progress_keys(p),
        keys.dead_key(p),
        keys.late_key(p),
        keys.outbox_key(p),
        keys.timers_key(p),
        keys.consents_key(p),
        *batch.states,
    ]


def _content(batch: Batch) -> list[Argument]:
    """Each list after its length, as `write` of functions.lua reads them."""
    timers = [part for key, due in batch.timers.items() for part in (key, "" if due is None else repr(due))]
    counts = [part for count in batch.counts.items() for part in count]
    return [
        *(len(batch.states), *batch.states.values()),
        *(len(batch.timers), *timers),
        *(len(batch.counts), *counts),
        *(len(batch.messages), *batch.messages),
        *(len(batch.words), *batch.words),
        *_kept(batch.set_aside),
        *_kept(batch.late),
    ]


def _kept(entries: list[SetAside]) -> list[Argument]:
    return [len(entries), *(part for each in entries for part in (each.id, each.data, each.reason))]
