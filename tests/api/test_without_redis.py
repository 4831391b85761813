"""A web process that starts while Redis is away, with PostgreSQL and without, as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from decisioning.local.ports import HOST, free_port
from tests.system import ROOT, System


@pytest.fixture
def web(signpost: System) -> Iterator[Callable[..., httpx.Client]]:
    """Starts granian on the running system's data with some servers that are not there."""
    started: list[tuple[subprocess.Popen[bytes], httpx.Client]] = []

    def start(**gone: str) -> httpx.Client:
        port = free_port()
        command = [
            sys.executable,
            "-m",
            "granian",
            "--interface",
            "wsgi",
            "--host",
            HOST,
            "--port",
            str(port),
            "decisioning.wsgi:application",
        ]
        environment = os.environ | signpost.environment() | gone
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        headers = {"Authorization": f"Bearer {signpost.keys['homepage']['secret']}"}
        client = httpx.Client(base_url=f"http://{HOST}:{port}", headers=headers)
        started.append((process, client))
        _wait_until_ready(client)
        return client

    yield start
    for process, client in started:
        client.close()
        process.terminate()
        process.wait(20)


def _wait_until_ready(client: httpx.Client) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            if client.get("/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError("the web process was not ready in 30 s")


def nowhere(scheme: str) -> str:
    return f"{scheme}://nobody@{HOST}:{free_port()}/0"


def test_without_redis_it_serves_the_live_release_and_says_what_is_missing(web):
    client = web(REDIS_URL=nowhere("redis"))

    answer = client.post("/v1/decide", json={"user_id": "alone-1", "placements": ["home-banner"]})
    status = client.get("/statusz").json()

    assert (answer.status_code, answer.json()["degraded_reasons"]) == (200, ["state_unavailable"])
    assert (status["redis"]["ok"], status["release"]["source"]) == (False, "database")


def test_without_redis_and_postgresql_it_serves_its_last_good_release_and_says_so(web):
    client = web(REDIS_URL=nowhere("redis"), DATABASE_URL=nowhere("postgresql"))

    answer = client.post("/v1/decide", json={"user_id": "alone-2", "placements": ["home-banner"]})
    status = client.get("/statusz").json()

    assert answer.status_code == 200
    assert answer.json()["degraded"] is True
    assert set(answer.json()["degraded_reasons"]) == {"stale_release", "state_unavailable"}
    assert answer.json()["decisions"][0]["content"]
    assert (status["redis"]["ok"], status["postgresql"]["ok"], status["release"]["source"]) == (False, False, "disk")
