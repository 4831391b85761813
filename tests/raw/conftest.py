"""An empty raw archive in a folder, a patient client, and events that flow through the real log and consumer."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from django.conf import settings

from decisioning.raw import writer
from decisioning.raw.store import Store
from decisioning.streams import log
from decisioning.tagging.event import Event
from tests.streams.conftest import breaker_closed, client, new_consumer  # noqa: F401  fixtures


@pytest.fixture
def store(tmp_path, monkeypatch) -> Store:
    monkeypatch.setattr(settings, "RAW_ARCHIVE", str(tmp_path / "raw"))
    return Store(settings.RAW_ARCHIVE)


@pytest.fixture
def flow(client, new_consumer) -> Callable[[Iterable[Event]], None]:  # noqa: F811
    """Accepts events and applies them."""
    consumer = new_consumer()

    def act(events: Iterable[Event]) -> None:
        log.append(client, list(events))
        while any(row["events"] for row in log.lag(client)):
            consumer.step(block_ms=20)

    yield act
    consumer.stop()


@pytest.fixture
def archived(store, client, flow) -> Callable[[Iterable[Event]], None]:  # noqa: F811
    """Accepts, applies and archives events."""

    def act(events: Iterable[Event]) -> None:
        flow(events)
        writer.archive(store, client)

    return act
