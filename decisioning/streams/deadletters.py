"""What was set aside, dead or late: to look at, to be applied after all, or to be thrown away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

import msgspec
from django.conf import settings
from redis import Redis

from decisioning import keys
from decisioning.streams import functions, log
from decisioning.streams.functions import Call
from decisioning.tagging.event import Event, decode_event, encode_event

Kind = Literal["dead", "late"]
KEYS = {"dead": keys.dead_key, "late": keys.late_key}
PAGE = 200
"""Entries read, moved or removed at a time."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An entry of `{pN}:dead` or `{pN}:late`: an event, or a decision that the archive did not take. `id` says when it was set aside."""

    partition: int
    id: str
    what: Literal["event", "decision"]
    data: bytes
    reason: str

    @property
    def event(self) -> Event | None:
        """None for a decision and for bytes that this release can't read."""
        try:
            return decode_event(self.data) if self.what == "event" else None
        except (msgspec.DecodeError, UnicodeError):
            return None

    @property
    def record(self) -> dict[str, object] | None:
        """The decision record, None for an event and for bytes that are no record."""
        try:
            found = msgspec.msgpack.decode(self.data) if self.what == "decision" else None
        except (msgspec.DecodeError, UnicodeError):
            return None
        return found if isinstance(found, dict) else None

    @property
    def workspace(self) -> str | None:
        event, record = self.event, self.record
        return event.workspace if event else str(record.get("workspace")) if record else None


def find(
    client: Redis,
    kind: Kind,
    *,
    workspace: str | None = None,
    reason: str | None = None,
    ids: Iterable[str] = (),
    count: int | None = None,
) -> Iterator[Kept]:
    """The first `count` of a workspace, with `reason` in theirs, and with one of the `ids` (`<partition>:<id>`), the oldest of each
    partition first. What is found may be moved or removed while this goes on."""
    wanted = set(ids)
    fitting = (
        each
        for partition in range(settings.PARTITIONS)
        for each in _of(client, kind, partition)
        if (not wanted or f"{partition}:{each.id}" in wanted)
        and (workspace is None or each.workspace == workspace)
        and (reason is None or reason in each.reason)
    )
    return islice(fitting, count)


def _of(client: Redis, kind: Kind, partition: int) -> Iterator[Kept]:
    name, after = KEYS[kind](partition), "-"
    last = client.xrevrange(name, count=1)
    # Up to what is there now: what is set aside again as soon as it is redriven must not be sent round and round.
    while last and (rows := client.xrange(name, after, last[0][0], count=PAGE)):
        for entry_id, fields in rows:
            what, field = ("decision", b"d") if b"d" in fields else ("event", b"e")
            told = fields.get(b"reason", b"").decode(errors="replace")
            yield Kept(partition, entry_id.decode(), what, fields.get(field, b""), told)
        after = f"({rows[-1][0].decode()}"


def redrive(client: Redis, kind: Kind, kept: Iterable[Kept]) -> Counter[str]:
    """Appends events to the log and decisions to those on their way to the archive again. Returns how many were `redriven`, how many were
    `gone` (somebody else took them) and how many are `unreadable`: no release that can't read them could apply them, so they stay.

    With the log in Redis an entry moves in one step. Else it is appended, then removed: dying between the two leaves it to be sent again
    with the same message id, which its user's state knows. Raises LogUnavailable or an error of Redis; what was moved until then stays so.
    """
    done: Counter[str] = Counter()
    for page in _pages(kept):
        calls, elsewhere = [], []
        for each in page:
            event = each.event
            names = [KEYS[kind](each.partition), keys.stats_key(each.partition)]
            if each.what == "decision":
                calls.append(Call("redrive", [*names, keys.decisions_key(each.partition)], [each.id, each.data]))
            elif event is None:
                done["unreadable"] += 1
            elif settings.EVENT_LOG == "redis" and keys.partition_of(event.workspace, event.user) == each.partition:
                names += [keys.events_key(each.partition), keys.received_key(each.partition)]
                calls.append(Call("redrive", names, [each.id, encode_event(_to_count(event))]))
            else:
                elsewhere.append((each, _to_count(event)))
        _count(done, "redriven", functions.checked(functions.call_many(client, calls)))
        if elsewhere:
            log.append(client, [event for _, event in elsewhere])
            _count(done, "redriven", _remove(client, kind, "redriven", [each for each, _ in elsewhere]))
    return done


def discard(client: Redis, kind: Kind, kept: Iterable[Kept]) -> Counter[str]:
    """Removes for good. Returns how many were `discarded` and how many were `gone` already."""
    done: Counter[str] = Counter()
    for page in _pages(kept):
        _count(done, "discarded", _remove(client, kind, "discarded", page))
    return done


def _to_count(event: Event) -> Event:
    """Marked as history: it must not be late, or late again, because people took their time."""
    return msgspec.structs.replace(event, context={**event.context, "historical": True})


def _remove(client: Redis, kind: Kind, counter: str, page: list[Kept]) -> list[int]:
    calls = [Call("remove", [KEYS[kind](each.partition), keys.stats_key(each.partition)], [counter, each.id]) for each in page]
    return functions.checked(functions.call_many(client, calls))


def _count(done: Counter[str], as_what: str, replies: list[int]) -> None:
    done[as_what] += sum(replies)
    done["gone"] += len(replies) - sum(replies)


def _pages(kept: Iterable[Kept]) -> Iterator[list[Kept]]:
    following = iter(kept)
    while page := list(islice(following, PAGE)):
        yield page


def oldest(client: Redis, now: float) -> dict[Kind, float]:
    """How many seconds ago the oldest that is kept was set aside, by kind; 0 where there is none."""
    pipeline = client.pipeline(transaction=False)
    for name in KEYS.values():
        for partition in range(settings.PARTITIONS):
            pipeline.xrange(name(partition), count=1)
    rows = iter(pipeline.execute())
    ages = {}
    for kind in KEYS:
        firsts = [int(found[0][0].partition(b"-")[0]) / 1000 for found in islice(rows, settings.PARTITIONS) if found]
        ages[kind] = max(0.0, now - min(firsts, default=now))
    return ages
