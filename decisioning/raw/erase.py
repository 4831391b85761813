"""Takes entries out of the raw archive: their lines give way to what says that they were erased."""

from __future__ import annotations

from collections.abc import Callable

from redis import Redis

from decisioning import keys
from decisioning.raw import lines
from decisioning.raw.reader import merged
from decisioning.raw.store import Store
from decisioning.raw.writer import LOCK_MS, alone, archive_partition, packed
from decisioning.streams import ids

Holds = Callable[[bytes], bool]


class Busy(RuntimeError):
    """Somebody else is at the partition's files, or they do not reach far enough yet."""


def erase(store: Store, client: Redis, partition: int, until: str, holds: Holds) -> int:
    """Of the entries up to and including `until`; says how many. What is in the log only is archived first, so that none goes missing.

    Raises Busy; then it is to be tried again.
    """
    erased = 0
    with alone(client, partition) as free:
        if not free:
            raise Busy("the raw archive is being written to")
        archive_partition(store, client, partition)
        if ids.parts((client.get(keys.archived_key(partition)) or ids.NEVER.encode()).decode()) < ids.parts(until):
            raise Busy("the raw archive does not have all events yet")
        for part in store.parts(partition):
            found = [(entry_id, line, _is(entry_id, line, until, holds)) for entry_id, line in merged(store, [part])]
            if any(mine for _, _, mine in found):
                store.write(part, packed(lines.erased(entry_id) if mine else line for entry_id, line, mine in found))
                erased += sum(mine for _, _, mine in found)
            client.pexpire(keys.archiver_key(partition), LOCK_MS)
    return erased


def left(store: Store, partition: int, until: str, holds: Holds) -> int:
    return sum(sum(_is(*each, until, holds) for each in merged(store, [part])) for part in store.parts(partition))


def _is(entry_id: str, line: bytes, until: str, holds: Holds) -> bool:
    return ids.parts(entry_id) <= ids.parts(until) and holds(lines.read(line)[1])
