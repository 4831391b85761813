"""A stream worker in a process of its own, to be killed: `python -m tests.streams.worker LEASE_MS WHERE_IT_DIES TIME_FOR_TIMERS`."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

from decisioning.redis import worker_client
from decisioning.streams import batch, commit
from decisioning.streams.consumer import Consumer
from decisioning.streams.outbox import Outbox
from tests.streams import shop


def die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def before(owner: object, name: str, matters=lambda *of: True) -> None:
    real = getattr(owner, name)
    setattr(owner, name, lambda *of, **named: die() if matters(*of) else real(*of, **named))


def after(owner: object, name: str, matters=lambda *of: True) -> None:
    real = getattr(owner, name)
    setattr(owner, name, lambda *of, **named: [real(*of, **named), matters(*of) and die()][0])


def amid_settle() -> None:
    """Half of the partitions are written, the others are not."""
    real = commit.send

    def send(client, calls):
        if not settles(client, calls):
            return real(client, calls)
        real(client, dict(list(calls.items())[: len(calls) // 2]))
        return die()

    commit.send = send


def settles(client: object, calls: dict) -> bool:
    return any(call.function == "settle" for call in calls.values())


def some_waiting(outbox: object, waiting: dict) -> bool:
    return any(waiting.values())


POINTS = {
    "before settle": lambda: before(commit, "send", settles),
    "amid settle": amid_settle,
    "after settle": lambda: after(commit, "send", settles),
    "before forget": lambda: before(Outbox, "_forget", some_waiting),
    "after forget": lambda: after(Outbox, "_forget", some_waiting),
    "never": lambda: None,
}

if __name__ == "__main__":
    POINTS[sys.argv[2]]()
    batch.fold = shop.telling_fold
    lease_ms, ahead = int(sys.argv[1]), float(sys.argv[3]) - time.time()
    consumer = Consumer(worker_client(), shop.definitions, lease_ms=lease_ms, clock=lambda: time.time() + ahead)
    asked_to_stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: asked_to_stop.set())
    consumer.start()
    print("ready", flush=True)
    asked_to_stop.wait()
    consumer.stop()
