"""What is due without an event: which users of a partition to look at, and what the time that has passed makes of their states."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping

from redis import Redis

from decisioning import codec, keys
from decisioning.streams.batch import Batch, DefinitionsOf
from decisioning.tagging import UnknownStateSchema, advance, due

logger = logging.getLogger(__name__)

GRACE = 1.0
"""A timer waits this long after it is due. An event received before that moment is in the log by then, and is folded first."""
LOOK_SECONDS = 0.2
"""How often partitions are asked for what is due."""
COUNT = 200
"""Users of one partition looked at in a round: events must not wait longer for timers than timers for events."""
BROKEN_SECONDS = 3600.0
"""When a state that can't be read or advanced is tried again."""


def find(client: Redis, partitions: Iterable[int], until: float) -> dict[int, list[str]]:
    """Per partition the keys of up to COUNT states that have something due by `until`, the longest due first."""
    asked = list(partitions)
    pipeline = client.pipeline(transaction=False)
    for partition in asked:
        pipeline.zrange(keys.timers_key(partition), "-inf", repr(until), byscore=True, offset=0, num=COUNT)
    found = zip(asked, pipeline.execute(), strict=True)
    return {partition: [name.decode() for name in names] for partition, names in found if names}


def fire(names: Iterable[str], stored: Mapping[str, bytes | None], definitions: DefinitionsOf, until: float) -> Batch:
    """What everything due by `until` comes to, with the moment each user is to be looked at next.

    A user may have nothing due: whoever is active moves a timer on without touching the sorted set, which is put right here.
    """
    batch = Batch()
    for name in names:
        encoded = stored[name]
        if encoded is None:
            batch.timers[name] = None
            continue
        try:
            _fire_user(batch, name, encoded, definitions, until)
        except UnknownStateSchema:
            raise
        except Exception:  # one state must not stop the partition's others: it is logged, counted and tried again
            logger.exception("timers of %s can't fire and are tried again in an hour", name)
            batch.timers[name] = until + BROKEN_SECONDS
            batch.counts["timer_errors"] += 1
    return batch


def _fire_user(batch: Batch, name: str, encoded: bytes, definitions: DefinitionsOf, until: float) -> None:
    state = codec.decode_state(encoded, name)
    of = definitions(keys.workspace_of(name))
    advanced = advance(of, state, until)
    following = due(advanced.state)
    if advanced.state is not state:
        messages = [codec.encode_event(message, of.personal) for message in advanced.messages]
        batch.store(name, advanced.state, of.personal)
        batch.messages += messages
        batch.counts["timers"] += 1
    batch.timers[name] = following
