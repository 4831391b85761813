"""Exactly once, at full size: `python -m tests.chaos` sends events through the public API while stream workers are killed and added.

A whole Signpost runs with the benchmark's shop. A twentieth of the messages is sent twice, all are shuffled. Meanwhile Celery stream
workers get SIGKILL, or SIGTERM, and new ones start. In the end every user's state must be, byte for byte, what a plain loop makes of the
entries that the log has.
"""

from __future__ import annotations

import argparse
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.benchmarks.pipeline import shop
from tests.benchmarks.pipeline.serving import BackPressure, Shop, batches, running
from tests.chaos.oracle import differences
from tests.chaos.workers import Workers
from tests.kafka import MockBrokers

USERS, BATCH, SENDERS = 2_000, 100, 2
REPEATED = 0.05
KAFKA_PARTITIONS = 64
TRICKLE = 0.4
"""Seconds between two requests of a sender that is ahead of the kills."""
SHUFFLED = 300
"""How far a message is moved at most."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--log", choices=("redis", "kafka"), default="redis", help="kafka: librdkafka's mock brokers, over TCP")
    chosen = parser.parse_args()
    started = time.perf_counter()
    with _log(chosen.log) as env, running(env) as there:
        messages = _messages(chosen.events, chosen.seed)
        with Workers(there.environment, wanted=3) as workers:
            _under_fire(there, batches(messages, BATCH), workers, kills=chosen.kills, seed=chosen.seed)
            there.settle()
            stopped = workers.told()
        found = differences(there.environment)
    print(f"{len(messages):,} messages of {USERS:,} users sent, {len(messages) - chosen.events:,} of them repetitions; {stopped}")
    print(f"{found.entries:,} entries in the log, {found.applied:,} applied, {found.duplicate:,} duplicates, {found.users:,} states")
    for name in found.different[:10]:
        print(f"DIFFERENT: {name}")
    print(f"{time.perf_counter() - started:.0f} s")
    if found.different or found.applied + found.duplicate != found.entries or found.applied != chosen.events:
        raise SystemExit("NOT EXACTLY ONCE")
    print("every state is byte for byte that of a plain fold")


@contextmanager
def _log(kind: str) -> Iterator[dict[str, str]]:
    """The environment of a system with this event log. The mock brokers keep only 5 MB a partition, hence so many."""
    if kind == "redis":
        yield {}
        return
    brokers = MockBrokers()
    try:
        topic = brokers.new_topic(KAFKA_PARTITIONS)
        yield {"EVENT_LOG": "kafka", "KAFKA_BOOTSTRAP": brokers.bootstrap, "KAFKA_TOPIC": topic, "PARTITIONS": str(KAFKA_PARTITIONS)}
    finally:
        brokers.stop()


def _messages(count: int, seed: int) -> list[dict[str, object]]:
    """Messages with times of the last hour, some twice, none far from its place."""
    draw = random.Random(seed)
    started = time.time() - 3_600
    messages = list(shop.messages(count, users=USERS, seed=seed))
    for number, message in enumerate(messages):
        message["timestamp"] = _rfc3339(started + 3_000 * number / count)
    messages += draw.sample(messages, int(count * REPEATED / (1 - REPEATED)))
    places = {id(message): number for number, message in enumerate(messages[:count])}
    return sorted(messages, key=lambda message: places[id(message)] + draw.uniform(0, SHUFFLED))


def _rfc3339(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) + f".{int(at % 1 * 1000):03d}Z"


def _under_fire(there: Shop, bodies: list[bytes], workers: Workers, *, kills: int, seed: int) -> None:
    """Sends everything, a share for each kill; slowly when ahead of them, so that each kill meets flowing events."""
    draw = random.Random(seed)
    waiting, failed, held_up = list(reversed(bodies)), [], []

    def send() -> None:
        connection = there.connect()
        while waiting and not failed:
            body = waiting.pop()
            try:
                there.send(connection, body)
            except BackPressure as refused:  # what a partition holds waits while its owners are killed one after the other
                waiting.append(body)
                held_up.append(refused.seconds)
                time.sleep(refused.seconds)
            except BaseException as error:  # noqa: BLE001 - reported by the main thread, which ends the run
                failed.append(error)
            if len(waiting) < len(bodies) * (kills - workers.killed) / (kills + 1):
                time.sleep(TRICKLE)

    senders = [threading.Thread(target=send) for _ in range(SENDERS)]
    for sender in senders:
        sender.start()
    while workers.killed < kills and not failed:
        workers.replace_one(draw, kindly=draw.random() < 0.2)
        print(f"{workers.killed} killed, {len(waiting) * BATCH:,} events to send", flush=True)
        if not waiting:
            raise SystemExit("the events ran out before the kills")
    for sender in senders:
        sender.join()
    if held_up:
        print(f"{len(held_up)} requests were told to come again, for the oldest event had waited too long")
    if failed:
        raise SystemExit(f"an event was not accepted: {failed[0]}")


if __name__ == "__main__":
    main()
