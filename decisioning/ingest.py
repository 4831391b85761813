"""Use case: take in events. They are accepted once the log has them, not before."""

from __future__ import annotations

from redis import Redis

from decisioning import metrics, pressure
from decisioning.pressure import BackPressure
from decisioning.streams.log import append
from decisioning.tagging.event import Event


def accept(events: list[Event], client: Redis, within: float | None = None) -> None:
    """Appends each event of a workspace to its user's partition.

    `within`: seconds after which the caller can't wait any longer. Raises LogUnavailable, or BackPressure, which is one; then send all of
    them again, with the same ids.
    """
    if events:
        try:
            pressure.check()
        except BackPressure:
            metrics.EVENTS.labels(events[0].workspace, "back_pressure").inc(len(events))
            raise
        append(client, events, within)
        metrics.EVENTS.labels(events[0].workspace, "accepted").inc(len(events))
