"""Celery stream workers beside the one that the system itself runs: started, killed at work, stopped kindly, replaced."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Mapping
from types import TracebackType

from redis import Redis

from decisioning.local import programs
from tests.system import ROOT

PATIENCE = 120.0


class Workers:
    def __init__(self, environment: Mapping[str, str], *, wanted: int) -> None:
        self._environment = os.environ | environment
        self._redis = Redis.from_url(environment["REDIS_URL"])
        self._partitions = int(environment["PARTITIONS"])
        self._wanted = wanted
        self._alive: list[subprocess.Popen[bytes]] = []
        self._number = self.killed = self.stopped = 0

    def __enter__(self) -> Workers:
        for _ in range(self._wanted):
            self._start()
        deadline = time.monotonic() + PATIENCE
        while not all(self._owned(worker.pid) for worker in self._alive):
            if time.monotonic() > deadline:
                raise SystemExit(f"the stream workers did not get partitions in {PATIENCE:.0f} s")
            time.sleep(0.1)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        for worker in self._alive:
            worker.send_signal(signal.SIGTERM)
        for worker in self._alive:
            worker.wait(PATIENCE)

    def told(self) -> str:
        return f"{self.killed} stream workers killed, {self.stopped} stopped, {self._number} started"

    def replace_one(self, draw: random.Random, *, kindly: bool) -> None:
        """Ends one that is at work, and starts another. At work: it owns partitions and has applied events since it was looked at."""
        worker = draw.choice(self._alive)
        deadline = time.monotonic() + PATIENCE
        while not self._at_work(worker.pid):
            if time.monotonic() > deadline:
                raise SystemExit(f"worker {worker.pid} did not come to work in {PATIENCE:.0f} s")
            worker = draw.choice(self._alive)
            time.sleep(0.02)
        worker.send_signal(signal.SIGTERM if kindly else signal.SIGKILL)
        worker.wait(PATIENCE)
        self._alive.remove(worker)
        self.stopped += kindly
        self.killed += not kindly
        self._start()

    def _start(self) -> None:
        self._number += 1
        streams = programs.streams()
        argv = [part.replace("streams@%h", f"chaos{self._number}@%h") for part in streams.argv]
        self._alive.append(subprocess.Popen(argv, cwd=ROOT, env=self._environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    def _at_work(self, pid: int) -> bool:
        owned = self._owned(pid)
        offsets = [self._redis.get(f"{{p{p}}}:offset") for p in owned]
        time.sleep(0.05)
        return any(self._redis.get(f"{{p{p}}}:offset") != offset for p, offset in zip(owned, offsets, strict=True))

    def _owned(self, pid: int) -> list[int]:
        mark = f":{pid}:".encode()
        return [p for p in range(self._partitions) if mark in (self._redis.get(f"{{p{p}}}:lease") or b"")]
