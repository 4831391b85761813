"""Kafka for tests: librdkafka's mock brokers in a process of their own, or real ones where KAFKA_TEST_BOOTSTRAP says where."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid

from confluent_kafka.admin import AdminClient, NewTopic

REAL = os.environ.get("KAFKA_TEST_BOOTSTRAP")
NOT_PROVED = (
    "NO REAL KAFKA: KAFKA_TEST_BOOTSTRAP is not set, so the tests of the event log ran on librdkafka's mock brokers only. NOT proved: "
    "replication and elections, retention by time, looking for records by time, rebalancing by real brokers, how long acks=all takes"
)


class MockBrokers:
    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.kafka_broker"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.bootstrap = self._line()
        assert self.bootstrap, "the mock brokers did not start: run `python -m tests.kafka_broker` to see why"

    def new_topic(self, partitions: int) -> str:
        name = f"test-{uuid.uuid4().hex[:8]}"
        self.tell(f"topic {name} {partitions}")
        return name

    def tell(self, command: str) -> None:
        assert self._process.stdin is not None
        print(command, file=self._process.stdin, flush=True)
        assert self._line() == "done", command

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


class RealBrokers:
    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self._admin = AdminClient({"bootstrap.servers": bootstrap})
        self._made: list[str] = []

    def new_topic(self, partitions: int) -> str:
        name = f"signpost-test-{uuid.uuid4().hex[:8]}"
        self._admin.create_topics([NewTopic(name, partitions)])[name].result(30)
        self._made.append(name)
        return name

    def stop(self) -> None:
        for future in self._admin.delete_topics(self._made).values():
            future.result(30)
