"""Versions of software, ordered as Semantic Versioning 2.0 orders them (its section 11): 2.10 after 2.9, 2.0-beta before 2.0."""

from __future__ import annotations

import re
from typing import TypeAlias

_SHAPE = re.compile(
    r"v?(?P<numbers>[0-9]{1,9}(?:\.[0-9]{1,9}){0,7})(?:-(?P<before>[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+){0,15}))?(?:\+[0-9A-Za-z.-]*)?"
)

Version: TypeAlias = tuple[tuple[int, ...], tuple[object, ...]]
"""The numbers without zeros at the end, so that 1.2 is 1.2.0; and what sorts a pre-release before its release."""

_RELEASE = (1,)


def parse(text: str) -> Version | None:
    """None for what is no version: one to eight numbers with dots, a pre-release after `-`, a build after `+` that says nothing."""
    found = _SHAPE.fullmatch(text) if len(text) <= 100 else None
    if found is None:
        return None
    numbers = [int(part) for part in found["numbers"].split(".")]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers), _before(found["before"])


def _before(text: str | None) -> tuple[object, ...]:
    """Numbers come before words, and fewer parts before more. A number may be a date and time, so it has as many digits as it likes."""
    if text is None:
        return _RELEASE
    return (0, *((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in text.split(".")))
