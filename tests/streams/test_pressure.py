"""What back-pressure goes by, on every event log there is."""

from __future__ import annotations

from decisioning import pressure
from decisioning.streams import log
from tests.streams import shop


def test_what_is_not_applied_is_measured_over_all_partitions(backend, client, settings):
    log.append(client, [shop.event(f"user{number}", number) for number in range(30)])
    settings.MAX_LAG_EVENTS = 29

    measured = pressure.measure(client)

    assert measured.events == 30
    assert list(measured.passed()) == ["lag_events"]
    assert measured.memory == 0.0
