"""Use case: take in events. They are accepted once the log has them, not before."""

from __future__ import annotations

from decisioning import metrics
from decisioning.redis import decision_client, worker_client
from decisioning.streams.log import append
from decisioning.tagging.event import Event


def accept(events: list[Event]) -> None:
    """Appends each event to its user's partition. Raises LogUnavailable; then the sender must send all of them again (same ids)."""
    if not events:
        return
    append(worker_client(), events)
    metrics.EVENTS.labels(events[0].workspace, "accepted").inc(len(events))


def accept_now(events: list[Event]) -> None:
    """The same within a decision's time limit."""
    append(decision_client(), events)
    metrics.EVENTS.labels(events[0].workspace, "accepted").inc(len(events))
