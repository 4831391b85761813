"""A verification that somebody asked for, and how far the one that runs is: kept in Redis beside what the last one found."""

from __future__ import annotations

import msgspec

from decisioning import keys
from decisioning.history.results import Result
from decisioning.redis import worker_client

ASKED_SECONDS = 600
"""An asking that nobody has taken up by then is forgotten: the timetable has come by."""
RUN_SECONDS = 600
"""What is told of a run is forgotten so long after the last word of it: its worker may be dead."""


class Asked(msgspec.Struct, frozen=True):
    """`at` in seconds since the epoch; `by` is a name."""

    at: float
    by: str

    def is_open(self, newest: Result | None) -> bool:
        """A verification that had begun before does not answer it: what was altered meanwhile may have been looked at already."""
        return newest is None or newest.at < self.at


class Run(msgspec.Struct, frozen=True):
    """`done` of `total` chains are looked at."""

    at: float
    done: int
    total: int


def ask(*, by: str, now: float) -> None:
    worker_client().set(keys.HISTORY_ASKED, msgspec.json.encode(Asked(now, by)), ex=ASKED_SECONDS)


def take_back() -> None:
    worker_client().delete(keys.HISTORY_ASKED)


def asked() -> Asked | None:
    """Raises RedisError, as all here do."""
    data = worker_client().get(keys.HISTORY_ASKED)
    return msgspec.json.decode(data, type=Asked) if data else None


def running() -> Run | None:
    data = worker_client().get(keys.HISTORY_RUN)
    return msgspec.json.decode(data, type=Run) if data else None


def tell(run: Run | None) -> None:
    """None: it is over."""
    if run is None:
        worker_client().delete(keys.HISTORY_RUN)
    else:
        worker_client().set(keys.HISTORY_RUN, msgspec.json.encode(run), ex=RUN_SECONDS)
