"""A web process that starts while PostgreSQL is away, as a process of its own."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from decisioning.local.ports import HOST, free_port
from tests.web import web_process


@pytest.fixture(params=["refuses", "hangs"])
def nowhere(request: pytest.FixtureRequest) -> Iterator[int]:
    """A port where nobody listens, or where somebody takes the call and never says a word."""
    if request.param == "refuses":
        yield free_port()
        return
    with socket.create_server((HOST, 0)) as silent:
        yield silent.getsockname()[1]


def test_it_serves_the_last_good_release_to_the_keys_it_knew_and_takes_events(signpost, nowhere):
    with web_process(signpost, DATABASE_URL=f"postgresql://nobody@{HOST}:{nowhere}/none") as client:
        answer = client.post("/v1/decide", json={"user_id": "stale-1", "placements": ["home-banner"]})
        accepted = client.post("/v1/track", json={"userId": "stale-1", "event": "Order Completed"})

    assert answer.status_code == 200
    assert answer.json()["degraded_reasons"] == ["stale_release"]
    assert accepted.json() == {"success": True}
