"""Appends to Kafka: one producer a process, made at the first use, and callers who wait for the reports on their own records."""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
from collections.abc import Sequence
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Producer
from django.conf import settings

from decisioning.breaker import Breaker
from decisioning.redis import UnsuitableServer
from decisioning.streams.kafka.clients import check_topic, options, unavailable
from decisioning.streams.port import LogUnavailable

logger = logging.getLogger(__name__)

breaker = Breaker((KafkaException,))
"""The request path's view of Kafka in this process. Delivery reports tell it, so that an impatient caller is no failure of Kafka's."""


class Reports:
    """What became of the records of one `send`. Only the thread that polls calls `report`."""

    def __init__(self, count: int) -> None:
        self._left = count
        self.all_in = threading.Event()
        self.error: KafkaError | None = None

    def report(self, error: KafkaError | None, _: object) -> None:
        if error is None:
            breaker.succeeded()
        else:
            breaker.failed()
            self.error = error
        self._left -= 1
        if not self._left:
            self.all_in.set()


class Sender:
    """Thread-safe, and safe to inherit by a fork: librdkafka's threads are not, so a child makes a producer of its own."""

    def __init__(self) -> None:
        self._made_for: tuple[object, ...] = ()
        self._lock = threading.Lock()
        self._producer: Producer | None = None
        self._ending = threading.Event()

    def send(self, records: Sequence[tuple[int, bytes]], within: float | None) -> None:
        """Records as (partition, bytes). Returns once all brokers that must have them do. Raises LogUnavailable."""
        limit = settings.KAFKA_TIMEOUT_MS / 1000
        if not breaker.allow():
            raise LogUnavailable("Kafka did not answer a moment ago")
        producer, reports = self._ready(limit), Reports(len(records))
        try:
            for partition, data in records:
                producer.produce(settings.KAFKA_TOPIC, data, partition=partition, on_delivery=reports.report)
        except BufferError as error:
            raise LogUnavailable("too much waits for Kafka") from error
        except KafkaException as error:
            self._drop_if_fatal(error.args[0])
            raise unavailable(error) from error
        # librdkafka gives up by itself at the limit; the rest is for its report to get here.
        wait = limit + 1.0 if within is None else within
        if not reports.all_in.wait(wait):
            raise LogUnavailable(f"Kafka did not answer within {wait * 1000:.0f} ms")
        if reports.error is not None:
            self._drop_if_fatal(reports.error)
            raise LogUnavailable(f"Kafka: {reports.error.str()}")

    def forget(self) -> None:
        """The next append makes a producer anew."""
        self._ending.set()
        self._producer = None

    def _ready(self, limit: float) -> Producer:
        these = (os.getpid(), settings.KAFKA_BOOTSTRAP, limit)
        if self._made_for != these:
            self.forget()
            self._lock, self._made_for = threading.Lock(), these
        if self._producer is not None:
            return self._producer
        if not self._lock.acquire(timeout=limit):
            raise LogUnavailable("Kafka is being connected to")
        try:
            if self._producer is None:
                self._ending = threading.Event()
                self._producer = _new_producer(limit, self._ending)
        except LogUnavailable:
            breaker.failed()
            raise
        except UnsuitableServer as error:
            logger.critical("no event is accepted: %s", error)
            raise LogUnavailable(str(error)) from error
        finally:
            self._lock.release()
        return self._producer

    def _drop_if_fatal(self, error: KafkaError) -> None:
        """A producer that can't keep its promises any more refuses everything; the next append makes another."""
        if error.fatal():
            logger.error("Kafka's producer is made anew: %s", error)
            self.forget()


def _new_producer(limit: float, ending: threading.Event) -> Producer:
    producer = Producer(
        options(
            **{
                "enable.idempotence": True,
                "acks": "all",
                "linger.ms": 1,
                "message.timeout.ms": settings.KAFKA_TIMEOUT_MS,
                "compression.type": "lz4",
            }
        )
    )
    check_topic(producer, limit)
    thread = threading.Thread(target=_poll, args=(producer, ending), name="kafka-reports", daemon=True)
    thread.start()

    def end() -> None:
        """A thread inside librdkafka while Python ends would crash it."""
        ending.set()
        thread.join(1)

    atexit.register(end)
    return producer


def _poll(producer: Any, ending: threading.Event) -> None:
    """One thread takes in all reports: callers polling by themselves would sleep on while another served theirs."""
    while not ending.is_set():
        try:
            producer.poll(0.1)
        except Exception:  # without this thread every append would wait in vain
            logger.exception("Kafka's reports can't be taken in, trying again")
            time.sleep(0.1)


sender = Sender()
