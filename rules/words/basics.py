"""Marks between words, and the few words every other module here uses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NOTHING = "–"  # noqa: RUF001  a dash where a table has nothing to say
WITHIN = " › "  # noqa: RUF001  as in breadcrumbs
TIMES = " × "  # noqa: RUF001  as in arithmetic
TO = "–"  # noqa: RUF001  as in Mon-Fri, but as print has it
APART = " · "


def asked_for(four_eyes: bool) -> str:
    """Whether a second person's approval is needed: neither answer is an alarm."""
    return "needed" if four_eyes else "not needed"


def humanised(key: str) -> str:
    return key.replace("_", " ").replace("-", " ").replace(".", " ").strip()


def given_name(*bodies: Mapping[str, Any] | None) -> str:
    """The name in the first of these bodies that has one; empty where nobody gave one."""
    return next((name for body in bodies if body and (name := body.get("name"))), "")


def called(kind: str, key: str, *bodies: Mapping[str, Any] | None) -> str:
    """A thing in a sentence: by its name, with its key beside it, or by its key alone."""
    name = given_name(*bodies)
    return f"{kind} {name} ({key})" if name and name != key else f"{kind} {key}"


def plain(value: Any) -> str:
    """A number or text as people write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)
