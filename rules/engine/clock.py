"""What a clock on somebody's wall shows at a moment. Time zones come from the machine's database, else from the tzdata package."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LOCAL = ("localtime", "posixrules", "posix/", "right/")
"""Time zone files that only some machines have, or that say where the machine is: rules would decide differently on the next one."""


@lru_cache(maxsize=1_024)
def zone(name: str) -> ZoneInfo | None:
    """None for a name that is no time zone."""
    if name.startswith(LOCAL):
        return None
    try:
        return ZoneInfo(name)
    # It is looked up as a file: an unknown name, an odd character and a folder's name each fail their own way.
    except (KeyError, ValueError, OSError):
        return None


@cache
def zone_names() -> tuple[str, ...]:
    """Sorted. They are read from a folder of files, so once."""
    return tuple(sorted(name for name in available_timezones() if not name.startswith(LOCAL)))


@lru_cache(maxsize=1_024)
def local(moment: float, name: str) -> datetime | None:
    """The wall's date and time, at seconds since 1970 in a zone; None where there is no such zone, or no such year."""
    found = zone(name)
    if found is None:
        return None
    try:
        return datetime.fromtimestamp(moment, found)
    except (OverflowError, ValueError, OSError):
        return None


@lru_cache(maxsize=1_024)
def moment(text: str, name: str) -> float:
    """Seconds since 1970 of a date (its midnight) or a date and time on the clocks of a zone; one with an offset of its own keeps that.

    A time that clocks show twice is the first of the two; one that they skip is as long after the skip as it would have been.
    Raises ValueError for anything else, and for a name that is no zone.
    """
    found = zone(name)
    if found is None:
        raise ValueError(f"there is no time zone {name[:100]!r}")
    try:
        said = datetime.fromisoformat(text)
        return (said if said.tzinfo else said.replace(tzinfo=found)).timestamp()
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text[:100]!r} is not a date; write 2026-11-27 or 2026-11-27T09:00") from error


def day(text: str) -> date:
    """Raises ValueError for anything but a date such as 2026-11-27."""
    return date.fromisoformat(text)


def utc(moment: float) -> str:
    """RFC 3339, for people."""
    try:
        return datetime.fromtimestamp(moment, UTC).isoformat().replace("+00:00", "Z")
    except (OverflowError, ValueError, OSError):
        return str(moment)
