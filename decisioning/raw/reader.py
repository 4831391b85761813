"""Reads the raw archive: the entries of a partition in the order of the log, each once, however many files hold it."""

from __future__ import annotations

import gzip
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from heapq import heappop, heappush

from decisioning.raw import lines
from decisioning.raw.store import Part, Store, hour_of
from decisioning.streams import ids

ATTEMPTS = 5
"""Looks for files that are listed and not there, before that is an error."""


class Damaged(ValueError):
    """A file of the archive that can't be read to its end."""


Told = Callable[[Damaged], None]


def entries(store: Store, partition: int, *, after: str = ids.NEVER) -> Iterator[tuple[str, bytes]]:
    """Ids and bytes of all entries after an id. Raises Damaged."""
    return ((entry_id, lines.read(line)[1]) for entry_id, line in found(store, partition, after=after))


def found(
    store: Store, partition: int, *, after: str = ids.NEVER, since: float = 0.0, damaged: Told | None = None
) -> Iterator[tuple[str, bytes]]:
    """Ids and lines of all entries after an id, in files of hours since a moment. Raises Damaged, or tells `damaged` and goes on.

    Files may be merged meanwhile: what is gone when its turn comes is looked for again.
    """
    attempts = 0
    while True:
        parts = [part for part in store.parts(partition) if ids.parts(part.last) > ids.parts(after) and part.hour >= hour_of(since)]
        try:
            for entry_id, line in merged(store, parts, after=after, damaged=damaged):
                yield entry_id, line
                after, attempts = entry_id, 0
        except FileNotFoundError:
            attempts += 1
            if attempts == ATTEMPTS:
                raise
            continue
        return


def merged(store: Store, parts: Iterable[Part], *, after: str = ids.NEVER, damaged: Told | None = None) -> Iterator[tuple[str, bytes]]:
    """Ids and lines of several files in order, each id once. `parts` in the order of their first entries; each is opened in its turn."""
    waiting = deque(parts)
    last = ids.parts(after)
    heap: list[tuple[tuple[int, int], int, bytes, Iterator[tuple[str, bytes]]]] = []
    turn = 0

    def push(stream: Iterator[tuple[str, bytes]]) -> None:
        nonlocal turn
        found = next(stream, None)
        if found is not None:
            turn += 1
            heappush(heap, (ids.parts(found[0]), turn, found[1], stream))

    while waiting or heap:
        while waiting and (not heap or ids.parts(waiting[0].first) <= heap[0][0]):
            push(_lines(store, waiting.popleft(), damaged))
        if not heap:
            continue
        at, _, line, stream = heappop(heap)
        if at > last:
            yield f"{at[0]}-{at[1]}", line
            last = at
        push(stream)


def _lines(store: Store, part: Part, damaged: Told | None) -> Iterator[tuple[str, bytes]]:
    try:
        with closing(store.open(part)) as file, gzip.GzipFile(fileobj=file) as text:
            for line in text:
                yield lines.read(line)[0], line
    except (EOFError, zlib.error, gzip.BadGzipFile, lines.BadLine) as error:
        found = Damaged(f"{part.name}: {error}")
        if damaged is None:
            raise found from error
        damaged(found)
