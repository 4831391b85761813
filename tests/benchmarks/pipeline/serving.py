"""A whole Signpost under load over loopback: what accepting costs the web process, and how soon an event's tag stands in the state."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from redis import Redis

from tests.benchmarks.pipeline import shop
from tests.system import ROOT, System, forget, new_folder

TICKS = os.sysconf("SC_CLK_TCK")
ISSUE = """
import django; django.setup()
from datetime import UTC, datetime
from rules.services import issue_key
print(issue_key({workspace!r}, kind="secret", label="benchmark", now=datetime.now(UTC)))
"""


@dataclass
class Accepted:
    """Microseconds of CPU an event: of the web process and of Valkey; the floor is Valkey's for bare XADDs of the same bytes."""

    batch: int
    web: float
    valkey: float
    floor: float
    floor_valkey: float


class BackPressure(SystemExit):
    """Nothing of a request was kept; it may come again after `seconds`. Who does not know what to do about it ends."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"POST /v1/batch answered 429, try again in {seconds} s: the stream workers do not keep up")
        self.seconds = seconds


class Shop:
    """A running Signpost that has the benchmark's workspace."""

    def __init__(self, system: System) -> None:
        self._system = system
        path = system.data_dir / "bench-shop.json"
        path.write_text(json.dumps(shop.document()))
        loaded = system.manage("load", str(path), "--publish", "benchmark")
        if loaded.returncode:
            raise SystemExit(loaded.stderr)
        self.environment = system.environment()
        environment = os.environ | self.environment
        code = ISSUE.format(workspace=shop.WORKSPACE)
        self.key = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        ).stdout.strip()
        self.redis = Redis.from_url(self.environment["REDIS_URL"])
        self.partitions = int(self.environment["PARTITIONS"])
        self._wait_for_key()

    @property
    def host(self) -> str:
        return urlsplit(self._system.url).netloc

    def connect(self) -> HTTPConnection:
        return HTTPConnection(self.host)

    def send(self, connection: HTTPConnection, body: bytes) -> float:
        """Posts a batch and says how many seconds its acceptance took."""
        started = time.perf_counter()
        post(connection, self.key, body)
        return time.perf_counter() - started

    def web_cpu(self) -> float:
        """Seconds of CPU of the web server's processes."""
        return sum(_cpu(pid) for pid in _family(self._system.processes()["web"]))

    def valkey_cpu(self) -> float:
        info = self.redis.info("cpu")
        return float(info["used_cpu_user"] + info["used_cpu_sys"])

    def settle(self) -> None:
        """Waits until every event is applied."""
        while self._status()["log"].get("lag_events", 1):
            time.sleep(0.05)

    def _wait_for_key(self) -> None:
        """A new key and a new release are known to the web process within a second or so."""
        deadline = time.monotonic() + 10
        while not (found := self._status()).get("release"):
            if time.monotonic() > deadline:
                raise SystemExit(f"the benchmark's workspace is not live: {found}")
            time.sleep(0.1)

    def _status(self) -> dict[str, Any]:
        connection = self.connect()
        connection.request("GET", "/statusz", headers={"Authorization": f"Bearer {self.key}"})
        return dict(json.loads(connection.getresponse().read()))


def post(connection: HTTPConnection, key: str, body: bytes) -> None:
    """Posts a batch, all of which is accepted."""
    connection.request("POST", "/v1/batch", body, {"Authorization": f"Bearer {key}", "Content-Type": "application/json"})
    answer = connection.getresponse()
    content = answer.read()
    if answer.status == 429:
        raise BackPressure(int(answer.headers["Retry-After"]))
    if answer.status != 200 or b'"success":true' not in content:
        raise SystemExit(f"POST /v1/batch answered {answer.status}: {content[:300]!r}")


@contextmanager
def running(env: Mapping[str, str] | None = None) -> Iterator[Shop]:
    folder = new_folder()
    system = System(folder, env=env)
    try:
        system.wait_until_ready()
        yield Shop(system)
    finally:
        system.stop()
        forget(folder)


def bodies(count: int, batch: int, *, users: int, seed: int) -> list[bytes]:
    return batches(list(shop.messages(count, users=users, seed=seed)), batch)


def batches(messages: list[dict[str, Any]], batch: int) -> list[bytes]:
    """The bodies of requests to /v1/batch."""
    return [json.dumps({"batch": messages[at : at + batch]}, separators=(",", ":")).encode() for at in range(0, len(messages), batch)]


def accept(there: Shop, batch: int, *, count: int, seed: int) -> Accepted:
    """One round: `count` events in requests of `batch`, then the floor. The stream worker has caught up before and in between."""
    made = bodies(count, batch, users=5_000, seed=seed)
    connection = there.connect()
    there.settle()
    web, valkey = there.web_cpu(), there.valkey_cpu()
    for body in made:
        there.send(connection, body)
    web, valkey = there.web_cpu() - web, there.valkey_cpu() - valkey
    there.settle()
    client, floor = _bare(there, made, batch)
    return Accepted(batch, *(seconds / count * 1e6 for seconds in (web, valkey, client, floor)))


def _bare(there: Shop, made: list[bytes], batch: int) -> tuple[float, float]:
    """Appends as many bytes as the bodies hold, an entry for each event, a trip for each request. Nobody reads this stream."""
    entry = b"x" * (sum(map(len, made)) // (len(made) * batch))
    before, client = there.valkey_cpu(), time.process_time()
    for _ in made:
        pipeline = there.redis.pipeline(transaction=False)
        for _ in range(batch):
            pipeline.execute_command("XADD", "bench:floor", "*", "e", entry)
        pipeline.execute()
    client = time.process_time() - client
    found = client, there.valkey_cpu() - before
    there.redis.delete("bench:floor")
    return found


def _family(pid: int) -> list[int]:
    children = [int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()]
    return [pid, *(each for child in children for each in _family(child))]


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS
