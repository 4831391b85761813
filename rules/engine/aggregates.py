"""What can be read of a signal beside its sum, and in which windows: the words of `values.<signal>.<aggregate>.<window>`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from rules.engine import durations, limits

PERIODS: Mapping[str, str] = {"today": "today", "this_week": "this week", "this_month": "this month"}
"""Calendar windows, on the clocks of the workspace's time zone; a week begins on Monday."""
WHOLE: Mapping[str, str] = {"session": "in this session", "total": "in total"}

DEFAULT_HALF_LIFE, DEFAULT_SAMPLE = "7d", 100
"""Of adaptive thresholds that say none."""

After = Literal["window", "number", "half_life", "session"]
"""What the last part of a name is: a window, how many values, a half-life, or `session` only."""


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One way to sum up a signal's values. `usual` is the last part shown to people who look for names."""

    words: str
    usual: str
    after: After = "window"
    of_text: bool = False
    """Whether a signal that reads text has it, too."""
    gives: Literal["number", "same"] = "number"
    """`same`: what the signal itself reads."""


AGGREGATES: Mapping[str, Aggregate] = {
    "count": Aggregate("number of {}", "1h", of_text=True),
    "sum": Aggregate("sum of {}", "today"),
    "average": Aggregate("average of {}", "1h"),
    "min": Aggregate("lowest {}", "1h"),
    "max": Aggregate("highest {}", "1h"),
    "unique": Aggregate("number of different {}", "1h", of_text=True),
    "most_frequent": Aggregate("most frequent {}", "7d", of_text=True, gives="same"),
    "first": Aggregate("first {}", "session", of_text=True, gives="same"),
    "last": Aggregate("latest {}", "total", of_text=True, gives="same"),
    "moving_average": Aggregate("moving average of {}", "5", "number"),
    "smoothed": Aggregate("smoothed {}", "10m", "half_life"),
    "percentile": Aggregate("percentile of the latest {}", "session", "session"),
}

FITTING: Mapping[After, str] = {
    "window": "Write a duration such as 1h or 7d, `today`, `this_week`, `this_month`, `session` or `total`.",
    "number": f"Write how many of the latest values, 2 to {limits.LATEST_VALUES}.",
    "half_life": "Write a half-life such as 10m or 1d.",
    "session": "Write `session`.",
}
"""The next step for a last part that does not fit."""


def window_words(window: str) -> str | None:
    """A window in words, `in the last 1h`; None for a text that is no window."""
    known = WHOLE.get(window) or PERIODS.get(window)
    return known or (f"in the last {window}" if _is_duration(window) else None)


def fits(aggregate: Aggregate, part: str) -> bool:
    """Whether this can be the last part of a name with the aggregate."""
    match aggregate.after:
        case "window":
            return window_words(part) is not None
        case "number":
            return how_many(part) is not None
        case "half_life":
            return _is_duration(part)
    return part == "session"


def how_many(part: str) -> int | None:
    """The number of values that `moving_average` looks at, as people write it: 5, never 05."""
    number = int(part) if part.isascii() and part.isdecimal() and len(part) < 4 else 0
    return number if str(number) == part and 2 <= number <= limits.LATEST_VALUES else None


def said(aggregate: str, part: str, signal: str) -> str:
    """A name for people: `average of dwell in the last 1h`."""
    found = AGGREGATES[aggregate]
    words = found.words.format(signal)
    match found.after:
        case "number":
            return f"{words} over the last {part}"
        case "half_life":
            return f"{words} with a half-life of {part}"
    return f"{words} {window_words(part)}"


def split(name: str) -> tuple[str, str, str]:
    """The signal, the aggregate and the last part of `values.<signal>.<aggregate>.<window>`; empty where there is none."""
    _, signal, aggregate, part = (*name.split(".", 3), "", "", "")[:4]
    return signal, aggregate, part


def _is_duration(text: str) -> bool:
    try:
        durations.seconds(text)
    except ValueError:
        return False
    return True
