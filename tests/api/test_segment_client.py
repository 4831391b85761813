"""Segment's own Python client, unmodified, pointed at a running Signpost: then the decision changes."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator

import httpx
import pytest
from segment.analytics.client import Client

from tests.system import System


@pytest.fixture(params=[False, True], ids=["plain", "gzip"])
def segment(request, signpost: System) -> Iterator[Client]:
    failures: list[object] = []
    client = Client(
        signpost.keys["homepage"]["secret"],
        host=signpost.url,
        gzip=request.param,
        on_error=lambda error, items: failures.append((error, items)),
        max_retries=1,
    )
    yield client
    client.join()
    assert failures == []


def decide(signpost: System, user: str) -> dict:
    answer = httpx.post(
        f"{signpost.url}/v1/decide",
        headers={"Authorization": f"Bearer {signpost.keys['homepage']['secret']}"},
        json={"user_id": user, "placements": ["home-banner"]},
    )
    return answer.json()


def test_identify_page_and_track_change_the_next_decision(segment, signpost):
    user = f"segment-{uuid.uuid4()}"
    before = decide(signpost, user)["decisions"][0]

    segment.identify(user, {"user_name": "Ada"})
    segment.page(user, "Home", "Front", {"path": "/"})
    segment.track(user, "Order Completed", {"total": 80})
    segment.flush()

    after = _when_tagged(signpost, user, "recent-buyer")
    assert before["outcome"] != after["outcome"] or before["rule"] != after["rule"]


def _when_tagged(signpost: System, user: str, tag: str) -> dict:
    """The stream worker applies it within milliseconds; a busy machine gets more."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        answer = decide(signpost, user)
        if tag in answer["user"]["tags"]:
            return dict(answer["decisions"][0])
        time.sleep(0.01)
    raise AssertionError(f"{user} did not get the tag {tag}")
