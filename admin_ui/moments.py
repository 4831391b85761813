"""Moments with all their digits, where they are held against each other or asked for: releases of one second are told apart."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.utils.formats import date_format

from rules import words

EXACT = "j M Y, H:i:s.u \\U\\T\\C"


def exactly(at: datetime | None) -> str:
    """To the microsecond, which is what PostgreSQL keeps."""
    return date_format(at, EXACT) if at else words.NOTHING


def exact(field: str, said: str = "") -> Callable[[Any, Any], str]:
    """For an admin class: a column or a line with the moment of a field."""

    @admin.display(description=said or field.replace("_", " "), ordering=field)
    def shown(_admin: Any, row: Any) -> str:
        return exactly(getattr(row, field))

    return shown
