"""A stream worker in a process of its own, to be killed: `python -m tests.streams.worker LEASE_MS`."""

from __future__ import annotations

import signal
import sys
import threading

from decisioning.redis import worker_client
from decisioning.streams.consumer import Consumer
from tests.streams import shop

if __name__ == "__main__":
    consumer = Consumer(worker_client(), shop.definitions, lease_ms=int(sys.argv[1]))
    asked_to_stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: asked_to_stop.set())
    consumer.start()
    print("ready", flush=True)
    asked_to_stop.wait()
    consumer.stop()
