"""Durations as marketers write them: `45s`, `10m`, `1h`, `7d`, `2w`."""

from __future__ import annotations

import re

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
LONGEST = 400 * SECONDS["d"]
_SHAPE = re.compile(r"([1-9][0-9]{0,6})([smhdw])")


def seconds(text: str) -> int:
    """The duration in seconds. Raises ValueError for anything but a whole number above 0 with one unit, at most 400 days."""
    found = _SHAPE.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is not a duration; write a whole number and s, m, h, d or w, such as 10m")
    length = int(found[1]) * SECONDS[found[2]]
    if length > LONGEST:
        raise ValueError(f"{text!r} is longer than 400 days")
    return length
