"""Ids of log entries: `<milliseconds>-<number>`, in Kafka `0-<offset + 1>`. A partition's numbers rise by one: a missing one is a gap."""

from __future__ import annotations

NEVER = "0-0"
"""Before every entry."""


def parts(entry_id: str) -> tuple[int, int]:
    """Milliseconds (0 where the log tells none) and number: ids in the order of these are in the order of the log."""
    milliseconds, _, number = entry_id.partition("-")
    return int(milliseconds), int(number)
