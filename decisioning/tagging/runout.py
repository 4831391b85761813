"""What has run out and can be forgotten without changing any later read: done when a session begins, so a returning user starts small."""

from __future__ import annotations

from decisioning.tagging.decay import HALF_LIVES, Level
from decisioning.tagging.windows import Buckets, is_over, window


def live_windows(windows: dict[str, dict[int, Buckets]], now: float) -> dict[str, dict[int, Buckets]]:
    """The windows that still hold something; among them those that no release asks for any more, until they have run out."""
    kept = {
        signal: {length: buckets for length, buckets in held.items() if not is_over(buckets, window(length), now)}
        for signal, held in windows.items()
    }
    return {signal: held for signal, held in kept.items() if held}


def live_levels(levels: dict[str, Level], now: float) -> dict[str, Level]:
    """The levels that have not faded away; those without a half-life never do."""
    return {name: level for name, level in levels.items() if not _is_gone(name, level, now)}


def _is_gone(name: str, level: Level, now: float) -> bool:
    half_life = int(name.rpartition("|")[2])
    return half_life > 0 and now - level.at > HALF_LIVES * half_life
