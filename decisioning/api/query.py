"""Reads what stands behind the question mark. Whatever makes no sense is refused with what to write instead."""

from __future__ import annotations

import re
from collections.abc import Mapping

from decisioning.api.decisions import moment
from decisioning.api.errors import ApiError, bad_request
from decisioning.api.http import Request, parameters

HIGHEST = 2**31 - 1
DIGITS = re.compile(r"[0-9]{1,10}")


def asked(request: Request, known: Mapping[str, str]) -> dict[str, str]:
    """The address's parameters. Refuses one that is none of the known ones."""
    given = parameters(request)
    for name in given:
        if name not in known:
            fix = f"Use {', '.join(known)}." if known else "Leave it out."
            raise bad_request("unknown_field", f"There is no parameter {name[:100]!r}.", path=f"$.{name[:100]}", fix=fix)
    return given


def number(given: Mapping[str, str], name: str, usual: int, *, least: int = 0, most: int = HIGHEST, fix: str = "") -> int:
    """The whole number under a name; `usual` where there is none."""
    written = given.get(name, "")
    if not written:
        return usual
    if not DIGITS.fullmatch(written) or not least <= int(written) <= most:
        raise bad_request("invalid_value", f"{name} is a whole number from {least} to {most}.", path=f"$.{name}", fix=fix)
    return int(written)


def time(name: str, written: str, now: float, *, words: str = "an RFC 3339 time such as 2026-11-21T10:00:00Z") -> float:
    """Seconds of Unix time. A plus sign that was not escaped arrives as a space. `words` say what may stand there."""
    try:
        return moment(written.replace(" ", "+"), now)
    except ApiError as error:
        fix = "Write the time in UTC, with a Z at its end."
        raise bad_request("invalid_time", f"{name} is {words}.", path=f"$.{name}", fix=fix) from error
