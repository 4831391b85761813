"""What one user's state may hold. Past a limit the new entry is ignored and counted in `state.ignored`; nothing here is ever an error.

A client alone can fill the traits, the ids, the page and the message ids: about 110 KB. The rest grows with what the workspace defines.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Any

IDS = 20
TRAITS = 200
TRAIT_BYTES = 4_096
TRAIT_DEPTH = 16
TRAITS_BYTES = 32_768
"""All traits together: 200 values of 4 KB each would be a document nobody can load in a millisecond."""
TAGS = 500
TALLIES = 500
"""Signals with a total; the same number of sums in a session."""
WINDOWS = 200
"""Pairs of a signal and a window, each of at most 61 buckets."""
LEVELS = 200
VALUES = 50
"""What `values.` and calendar windows ask for: trios of a signal, a way to keep its values and a window; the same number in a session."""
UNIQUE = 100
"""Different values told apart in one window; 100 stands for 100 or more."""
FREQUENT = 20
"""Different values counted in one window."""
RANKED = 50
"""Values of a session whose percentile is exact."""
VALUE_BYTES = 100
"""Of the text a signal reads."""
PROGRESS = 200
"""Count tags and needs under way, each with at most EXACT times."""
EXACT = 20
"""Up to this many repeats a count tag keeps the exact times; above it, buckets."""
SEQUENCES = 60
"""Sequences under way, each with at most 20 places reached; those that wait for time to pass have a timer each."""
TIMERS = 200
"""Beyond, timers of tags that no live release defines make room."""
GROUPED = 20
"""Tags that count each value by itself."""
GROUPED_VALUES = 10
"""Values that such a tag counts: those that came last. Each has at most EXACT times, or GROUPED_BUCKETS and the one now filling."""
GROUPED_BUCKETS = 12
GROUPED_VALUE_BYTES = 60
GRACE = 60.0
"""Seconds to wait for the rest of a late upload before a time that was over when it came is taken to have passed without event."""

MESSAGE_IDS = 4_096
"""Message ids per generation; there are two."""

ID_BYTES = 300
ALIASES = 100
"""Ids that were merged into a user, or are about to be; and ids of a user that others asked for."""
ALIASES_BYTES = 150_000
TRAVELS_BYTES = 900_000
"""A packed state larger than this is not merged: a message must fit into 1 MB, which is what a Kafka topic takes as it comes."""
KEY_BYTES = 100
CAUSE_BYTES = 300
PAGE_BYTES = 1_000

KEPT_BYTES = 400_000
"""Of all that `values.` and calendar windows ask for."""
STATE_BYTES = 1_250_000
"""No state is larger than this: it follows from the figures above (tests build the largest ones)."""

ALLOWED_LATENESS = 86_400.0
"""How many seconds before its user's newest event one may have happened, where nothing else is said. Older ones are kept apart."""

LATEST = 221_845_392_000.0
"""The year 9000: dates end with 9999, and the longest life of a tag must still fit behind an event."""
LARGEST = 1e15
"""A value of a signal beyond this is read as missing, so that no sum can overflow."""


def clip(text: str, most: int) -> str:
    """The text in at most `most` bytes of UTF-8; what can't be encoded (a lone surrogate) becomes `?`."""
    if len(text) <= most and text.isascii():
        return text
    return text.encode("utf-8", "replace")[:most].decode("utf-8", "ignore")


def has_room(entries: dict[str, Any], most: int, defined: Container[str]) -> bool:
    """Whether one more entry fits. Only when full, entries that no live definition names make room first; so a roll-back keeps its data."""
    if len(entries) < most:
        return True
    for key in [key for key in entries if key not in defined]:
        del entries[key]
    return len(entries) < most
