"""The audit log of the caller's workspace: who changed what, and when, for servers that keep a copy."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.db import DatabaseError, InterfaceError

from decisioning import auditing
from decisioning.api import callers
from decisioning.api.decisions import moment
from decisioning.api.errors import ApiError, bad_request
from decisioning.api.http import Reply, Request, parameters, reply

LIMIT, MOST = 100, 500
HIGHEST = 2**31 - 1
DIGITS = re.compile(r"[0-9]{1,10}")
ACTION = re.compile(r"[a-z_]+(\.[a-z_]+)?")
OBJECT = re.compile(r"([a-z_]{1,20})(?:/([^\0\ud800-\udfff]{1,200}))?", re.DOTALL)
PARAMETERS = {
    "since": "An RFC 3339 time (what happened then or later), or the number of an event (what came after it).",
    "after": "The number of an event, which may be the `next` of the page before: what came after it.",
    "action": "One action, such as release.published, or all that begin with a word, such as release.",
    "object": "One kind, such as rule, or one thing, such as rule/loyalty.",
    "limit": f"How many events at most: 1 to {MOST}, {LIMIT} where it is left out.",
}


def log(request: Request, *, now: float) -> Reply:
    """Who changed what, the oldest first: each event in words, with its hash and the hash of the one before it.

    Where `next` is not null there are more: ask again with it as `after`.
    """
    caller = callers.identify(request, now=now, needs="history", secret=True)
    asked = _asked(request, now)
    try:
        return reply(auditing.page(caller.workspace, asked))
    except (DatabaseError, InterfaceError) as error:
        raise ApiError(503, "database_unavailable", "PostgreSQL can't be read now.", retry_after=5) from error


def _asked(request: Request, now: float) -> auditing.Asked:
    given = parameters(request)
    for name in given:
        if name not in PARAMETERS:
            raise bad_request(
                "unknown_field", f"There is no parameter {name[:100]!r}.", path=f"$.{name[:100]}", fix=f"Use {', '.join(PARAMETERS)}."
            )
    after, since = _number(given, "after", 0), None
    written = given.get("since", "")
    if DIGITS.fullmatch(written):
        after = max(after, _number(given, "since", 0))
    elif written:
        since = _time(written, now)
    kind, key = _object(given.get("object", ""))
    return auditing.Asked(_number(given, "limit", LIMIT, least=1, most=MOST), after, since, _action(given.get("action", "")), kind, key)


def _number(given: Mapping[str, str], name: str, usual: int, *, least: int = 0, most: int = HIGHEST) -> int:
    written = given.get(name, "")
    if not written:
        return usual
    if not DIGITS.fullmatch(written) or not least <= int(written) <= most:
        message = f"{name} is a whole number from {least} to {most}."
        raise bad_request("invalid_value", message, path=f"$.{name}", fix=f"{name}: {PARAMETERS[name]}")
    return int(written)


def _time(written: str, now: float) -> float:
    """A plus sign that was not escaped arrives as a space."""
    try:
        return moment(written.replace(" ", "+"), now)
    except ApiError as error:
        message = "since is the number of an event, or an RFC 3339 time such as 2026-11-21T10:00:00Z."
        raise bad_request("invalid_time", message, path="$.since", fix="Write the time in UTC, with a Z at its end.") from error


def _action(written: str) -> str:
    if written and not ACTION.fullmatch(written):
        message = f"{written[:100]!r} can't be an action."
        raise bad_request("invalid_value", message, path="$.action", fix="Write release.published, or only release.")
    return written


def _object(written: str) -> tuple[str, str]:
    if not written:
        return "", ""
    if not (found := OBJECT.fullmatch(written)):
        message = f"{written[:100]!a} names no object."
        raise bad_request("invalid_value", message, path="$.object", fix="Write rule/loyalty, or only rule.")
    return found[1], found[2] or ""
