"""Use case: take in events. They are accepted once the log has them, not before."""

from __future__ import annotations

from redis import Redis

from decisioning import metrics
from decisioning.streams.log import append
from decisioning.tagging.event import Event


def accept(events: list[Event], client: Redis) -> None:
    """Appends each event of a workspace to its user's partition. Raises LogUnavailable; then send all of them again, with the same ids."""
    if events:
        append(client, events)
        metrics.EVENTS.labels(events[0].workspace, "accepted").inc(len(events))
