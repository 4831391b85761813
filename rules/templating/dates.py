"""The `date` filter: reads ISO 8601 texts and epoch seconds, in UTC; never the clock, so that a decision can be replayed."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from rules.templating import limits
from rules.templating.errors import RenderError
from rules.templating.values import absent, text

_FORMAT = re.compile(r"(?:[^%]|%-?[aAbBdeHIjklmMnpPSuUVwWyYzZ%])*")
"""No width: `%999999999d` would fill the memory."""

_EPOCH = re.compile(r"-?\d{1,12}(?:\.\d{0,9})?")


def formatted(value: object, form: object = "%Y-%m-%d") -> str:
    """The date in a `strftime` format. What is no date is returned as it reads."""
    if absent(value):
        return ""
    pattern = text(form)
    if len(pattern) > limits.DATE_FORMAT or not _FORMAT.fullmatch(pattern):
        raise RenderError("bad_value", "date takes a format of %Y, %m, %d, %H, %M, %B and the like, without widths")
    moment = _moment(value)
    if moment is None:
        return text(value)
    try:
        return moment.strftime(pattern)
    except ValueError as error:
        raise RenderError("bad_value", "The date can't be written in this format") from error


def _moment(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    read = text(value).strip()
    try:
        if _EPOCH.fullmatch(read):
            return datetime.fromtimestamp(float(read), UTC)
        return datetime.fromisoformat(read)
    except (ValueError, OverflowError, OSError):
        return None
