"""A web process of its own beside the running system, told that some servers are elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from decisioning.local.ports import HOST, free_port
from tests.system import ROOT, System


@contextmanager
def web_process(signpost: System, **elsewhere: str) -> Iterator[httpx.Client]:
    """granian with the system's environment but for `elsewhere`; a client with the homepage's secret key, once it is ready."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(port), "decisioning.wsgi:application"]
    environment = os.environ | signpost.environment() | elsewhere
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    headers = {"Authorization": f"Bearer {signpost.keys['homepage']['secret']}"}
    try:
        with httpx.Client(base_url=f"http://{HOST}:{port}", headers=headers) as client:
            wait_until_ready(client)
            yield client
    finally:
        process.terminate()
        process.wait(60)


def wait_until_ready(client: httpx.Client) -> None:
    """Raises AssertionError after a minute."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if client.get("/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass  # it does not listen yet
        time.sleep(0.1)
    raise AssertionError("the web process was not ready in 60 s")
