"""The stream worker's own consumer, run in the test's process until the log is empty."""

from __future__ import annotations

from decisioning import rulesets
from decisioning.redis import worker_client
from decisioning.streams.consumer import Consumer
from decisioning.streams.log import lag


def drain() -> Consumer:
    """Applies everything accepted so far and gives the partitions back."""
    consumer = Consumer(worker_client(), lambda workspace: rulesets.rulesets.all()[workspace].definitions)
    while True:
        consumer.step(block_ms=1)
        if not any(row["events"] for row in lag(worker_client())):
            consumer.stop()
            return consumer
