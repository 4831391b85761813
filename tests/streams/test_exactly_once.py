"""Exactly once: worker processes are killed, stopped and joined while events flow, and the states are those of a plain fold."""

from __future__ import annotations

import os
import signal
import threading
import time

from django.conf import settings

from decisioning import keys
from decisioning.streams import log
from tests.streams import shop
from tests.streams.conftest import eventually
from tests.streams.test_consumer import states

EVENTS = int(os.environ.get("EXACTLY_ONCE_EVENTS", "20000"))
KILLS = int(os.environ.get("EXACTLY_ONCE_KILLS", "5"))


def owners(client):
    return [client.get(keys.lease_key(p)) for p in range(settings.PARTITIONS)]


def owned_by(client, worker):
    return [owner for owner in owners(client) if owner and f":{worker.pid}:".encode() in owner]


def applied(client):
    return log.stats(client)["applied"]


def consumed(client):
    return sum(log.stats(client).values())


def test_killed_workers_lose_nothing_and_count_nothing_twice(client, new_worker):
    events = shop.traffic(EVENTS, users=400, repeated=0.05)
    sent, all_killed = [], threading.Event()

    def send():
        """However long it takes to kill the workers, events flow until then: when there are no more, the last ones once again."""
        while len(sent) < len(events) or not all_killed.is_set():
            batch = events[len(sent) : len(sent) + 50] or events[-50:]
            log.append(client, batch)
            sent.extend(batch)
            time.sleep(0.015)

    def at_work(worker):
        """It owns partitions, and events were consumed since it was looked at."""
        seen = consumed(client)
        eventually(lambda: owned_by(client, worker) and consumed(client) > seen)

    workers = [new_worker(), new_worker()]
    sender = threading.Thread(target=send)
    sender.start()
    try:
        for _ in range(KILLS):
            victim = workers.pop(0)
            at_work(victim)
            victim.send_signal(signal.SIGKILL)
            workers.append(new_worker())
    finally:
        all_killed.set()
        sender.join()
    eventually(lambda: not any(row["events"] for row in log.lag(client)), seconds=30)

    assert states(client) == shop.folded(sent)
    stats = log.stats(client)
    assert stats["applied"] + stats["duplicate"] == len(sent)


def test_two_workers_share_the_partitions_and_a_dead_ones_are_taken_over(client, new_worker):
    first, second = new_worker(), new_worker()

    def halves():
        held = owners(client)
        return None not in held and sorted(held.count(owner) for owner in set(held)) == [settings.PARTITIONS // 2] * 2

    eventually(halves, seconds=20)
    first.kill()
    eventually(lambda: len(set(owners(client))) == 1 and None not in owners(client))

    log.append(client, [shop.event("alice", 1)])
    eventually(lambda: applied(client) == 1)
    second.send_signal(signal.SIGTERM)
    assert second.wait(5) == 0
    assert set(owners(client)) == {None}
