"""Times between their two forms: seconds since the epoch, and RFC 3339 text."""

from __future__ import annotations

from datetime import UTC, datetime

from decisioning.tagging.event import Event
from decisioning.tagging.limits import LATEST


def happened(event: Event) -> float:
    """When the event happened: never after we got it, because one clock set to 2035 would push everything real out of the windows."""
    return max(0.0, min(LATEST, event.received, event.at))


def arrived(event: Event) -> float:
    """When we got it, as a time that can be written (the limits keep NaN and infinities out)."""
    return max(0.0, min(LATEST, event.received))


def rfc3339(at: float) -> str:
    """UTC with a `Z`; milliseconds only where there are some."""
    moment = datetime.fromtimestamp(round(at, 3), UTC)
    return moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds")[:-6] + "Z"
