"""Times between their two forms: seconds since the epoch, and RFC 3339 text."""

from __future__ import annotations

from datetime import UTC, datetime

from decisioning.tagging.event import Event
from decisioning.tagging.limits import LATEST


def happened(event: Event) -> float:
    """When the event happened: never after we got it, because one clock set to 2035 would push everything real out of the windows."""
    if 0.0 < event.at <= event.received <= LATEST:  # nearly always
        return event.at
    return max(0.0, min(LATEST, event.received, event.at))


def arrived(event: Event) -> float:
    """When we got it, as a time that can be written (the limits keep NaN and infinities out)."""
    return event.received if 0.0 < event.received <= LATEST else max(0.0, min(LATEST, event.received))


def is_late(event: Event, newest: float, allowed: float) -> bool:
    """Whether what the event would change is settled: it happened more than `allowed` seconds before its user's newest.

    Measured against the user, not the clock: the past of a user told in its order is not late, however old it is. An event that says of
    itself that it is history (`context.historical`) is taken whenever it comes, and so are messages of partitions (`$...`).
    """
    oldest = newest - allowed
    if event.at >= oldest and event.received >= oldest:  # nearly always, and cheaper than `happened`
        return False
    return happened(event) < oldest and event.context.get("historical") is not True and not event.name.startswith("$")


def lateness(event: Event, newest: float) -> str:
    """For people, how late an event is."""
    return f"happened {newest - happened(event):,.0f} s before the newest event of its user"


def rfc3339(at: float) -> str:
    """UTC with a `Z`; milliseconds only where there are some."""
    moment = datetime.fromtimestamp(round(at, 3), UTC)
    return moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds")[:-6] + "Z"
