"""A web process that starts while PostgreSQL is away, as a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import pytest

from decisioning.local.ports import HOST, free_port
from tests.system import ROOT, System


@pytest.fixture(params=["refuses", "hangs"])
def nowhere(request: pytest.FixtureRequest) -> Iterator[int]:
    """A port where nobody listens, or where somebody takes the call and never says a word."""
    if request.param == "refuses":
        yield free_port()
        return
    with socket.create_server((HOST, 0)) as silent:
        yield silent.getsockname()[1]


@pytest.fixture
def web_without_postgresql(signpost: System, nowhere: int) -> Iterator[str]:
    """granian on the running system's data and Redis, with a PostgreSQL that is not there."""
    port = free_port()
    environment = os.environ | signpost.environment() | {"DATABASE_URL": f"postgresql://nobody@{HOST}:{nowhere}/none"}
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(port), "decisioning.wsgi:application"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    yield f"http://{HOST}:{port}"
    process.terminate()
    process.wait(20)


def test_it_serves_the_last_good_release_to_the_keys_it_knew_and_takes_events(web_without_postgresql, signpost):
    headers = {"Authorization": f"Bearer {signpost.keys['homepage']['secret']}"}
    with httpx.Client(base_url=web_without_postgresql, headers=headers) as client:
        _wait_until_ready(client)

        answer = client.post("/v1/decide", json={"user_id": "stale-1", "placements": ["home-banner"]})
        accepted = client.post("/v1/track", json={"userId": "stale-1", "event": "Order Completed"})

    assert answer.status_code == 200
    assert answer.json()["degraded_reasons"] == ["stale_release"]
    assert accepted.json() == {"success": True}


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
