"""Dates and times in authored documents: RFC 3339, or a date alone, which begins at midnight UTC."""

from __future__ import annotations

from datetime import UTC, datetime


def seconds(text: str) -> float:
    """Seconds since 1970. Raises ValueError for anything else than a date, or a date and time; without an offset it is UTC."""
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text[:100]!r} is not a date; write 2026-11-27 or 2026-11-27T09:00:00Z") from error
