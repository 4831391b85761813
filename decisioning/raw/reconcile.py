"""Use case: hold what the log took in against what became of it, and name every gap."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from redis import Redis

from decisioning import keys
from decisioning.raw import reader
from decisioning.raw.gaps import Gap, Numbers
from decisioning.raw.store import Store
from decisioning.streams import ids
from decisioning.streams.log import entries
from decisioning.violations import rejections

CHUNK = 1000
OUTCOMES = ("applied", "duplicate", "late", "forwarded", "refused", "withheld", "erased", "dead")
"""What becomes of an entry that a worker has consumed: one of these."""


@dataclass(slots=True)
class Row:
    """One partition. Counts are of all time; `received` and `archived` of the hours asked for, where hours were asked for."""

    partition: int
    received: int = 0
    archived: int = 0
    waiting: int = 0
    """In the log, and not in the archive yet."""
    unread: int = 0
    """In the log, and not applied yet."""
    outcomes: dict[str, int] = field(default_factory=dict)
    unaccounted: int = 0
    """Consumed, and not counted as anything."""
    unnumbered: int = 0
    gaps: list[Gap] = field(default_factory=list)


@dataclass(slots=True)
class Report:
    rows: list[Row] = field(default_factory=list)
    hours: dict[int, Counter[str]] = field(default_factory=dict)
    """Per hour since the epoch: `received`, `found` in the archive or the log."""
    damaged: list[str] = field(default_factory=list)
    rejected: int = 0
    """Messages the door refused, which the log never saw."""

    def damage(self, words: str) -> None:
        if words not in self.damaged:
            self.damaged.append(words)

    @property
    def whole(self) -> bool:
        return not self.damaged and not any(row.gaps or row.unaccounted for row in self.rows)

    def total(self, name: str) -> int:
        return sum(row.outcomes.get(name, 0) if name in OUTCOMES else getattr(row, name) for row in self.rows)


def reconcile(store: Store | None, client: Redis, *, partitions: int, since: float | None = None) -> Report:
    """`store` is None where the archive is off: only what is still in the log can be looked at then."""
    report = Report(rejected=rejections(client, 0 if since is None else int(since // 3600)))
    for partition in range(partitions):
        report.rows.append(_partition(store, client, partition, since, report))
    return report


def _partition(store: Store | None, client: Redis, partition: int, since: float | None, report: Report) -> Row:
    # Counters first, and of one moment: what comes in while this reads is more than they say, never less.
    pipeline = client.pipeline(transaction=True)
    pipeline.hgetall(keys.received_key(partition))
    pipeline.hgetall(keys.stats_key(partition))
    pipeline.mget(keys.offset_key(partition), keys.archived_key(partition))
    taken, counted, positions = pipeline.execute()
    received = {name.decode(): int(count) for name, count in taken.items()}
    offset, archived = ((found or ids.NEVER.encode()).decode() for found in positions)
    total, row = received.pop("total", 0), Row(partition)
    first_hour = 0 if since is None else int(since // 3600)
    for hour, count in received.items():
        _count(report, int(hour), "received", count, first_hour)
    row.received = total if since is None else sum(count for hour, count in received.items() if int(hour) >= first_hour)
    # Without the archive, or from some hour on, nobody can say what came before the first entry.
    numbers = Numbers(partition, ids.NEVER if store is not None and since is None else None)

    def see(entry_id: str) -> None:
        numbers.see(entry_id)
        _count(report, ids.parts(entry_id)[0] // 3_600_000, "found", 1, first_hour)

    if store is not None:
        for entry_id, _ in reader.found(store, partition, since=since or 0.0, damaged=lambda error: report.damage(str(error))):
            if ids.parts(entry_id) <= ids.parts(archived):  # what comes after is read from the log
                see(entry_id)
        row.archived = numbers.entries
    after = archived if store is not None else ids.NEVER
    while found := entries(client, partition, after, None, CHUNK):
        for entry_id, _ in found:
            see(entry_id)
            row.unread += ids.parts(entry_id) > ids.parts(offset)
        after = found[-1][0]
    numbers.end(total)
    row.waiting = numbers.entries - row.archived
    row.unnumbered, row.gaps = numbers.unnumbered, numbers.gaps
    row.outcomes = {name: int(counted.get(name.encode(), 0)) for name in OUTCOMES}
    if since is None and store is not None and not numbers.unnumbered:
        lost = sum(gap.count for gap in numbers.gaps if gap.before and ids.parts(gap.before) <= ids.parts(offset))
        row.unaccounted = max(0, ids.parts(offset)[1] - sum(row.outcomes.values()) - lost)
    return row


def _count(report: Report, hour: int, name: str, count: int, first_hour: int) -> None:
    if hour >= first_hour:
        report.hours.setdefault(hour, Counter())[name] += count
