"""Forgets what people typed into the admin's forms and never saved, once it is old."""

from __future__ import annotations

from datetime import UTC, datetime

from rules import services


def forget_typed(*, now: float) -> int:
    """Says how many were forgotten."""
    return services.expire_typed(datetime.fromtimestamp(now, UTC))
