"""The releases of the caller's workspace: what each says, which was live when, and what differs between two."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, InterfaceError

from decisioning import released
from decisioning.api import callers, query
from decisioning.api.errors import ApiError
from decisioning.api.http import Reply, Request, reply
from rules.bundles import KeyRecord

LIMIT, MOST = 50, 200
LISTED = {
    "before": "The number of a release, which may be the `next` of the page before: those below it.",
    "limit": f"How many releases at most: 1 to {MOST}, {LIMIT} where it is left out.",
}
LIVE = {"at": "An RFC 3339 time such as 2026-11-21T14:03:00Z; now where it is left out."}


def index(request: Request, *, now: float) -> Reply:
    """The releases, the newest first. Where `next` is not null there are more: ask again with it as `before`."""
    caller, given = _caller(request, now), query.asked(request, LISTED)
    limit = query.number(given, "limit", LIMIT, least=1, most=MOST, fix=LISTED["limit"])
    before = query.number(given, "before", 0, least=1, fix=LISTED["before"]) or None
    return _answer(lambda: released.page(caller.workspace, before=before, limit=limit))


def show(request: Request, *, number: int, now: float) -> Reply:
    """One release: the versions that are live in it, what it changed, who wrote that, and who approved it."""
    caller = _caller(request, now)
    query.asked(request, {})
    return _answer(lambda: released.one(caller.workspace, number), _unknown(number))


def live(request: Request, *, now: float) -> Reply:
    """The release that was live at a time. Which one decided something stands in the decision itself: processes may lag by a second."""
    caller, given = _caller(request, now), query.asked(request, LIVE)
    at = query.time("at", given["at"], now) if given.get("at") else now
    nothing = ApiError(404, "nothing_was_live", "No release was live then: GET /v1/releases has the first one's time.")
    return _answer(lambda: released.live(caller.workspace, at), nothing)


def compare(request: Request, *, older: int, newer: int, now: float) -> Reply:
    """What differs between two releases: thing by thing, each change in words, with its JSON path and both values."""
    caller = _caller(request, now)
    query.asked(request, {})
    return _answer(lambda: released.compare(caller.workspace, older, newer), _unknown(older, newer))


def _caller(request: Request, now: float) -> KeyRecord:
    return callers.identify(request, now=now, needs="history", secret=True)


def _unknown(*numbers: int) -> ApiError:
    words = " or ".join(map(str, numbers))
    return ApiError(404, "unknown_release", f"This workspace has no release {words}; GET /v1/releases lists them.")


def _answer(find: Callable[[], Any], unknown: ApiError | None = None) -> Reply:
    try:
        return reply(find())
    except released.UnknownRelease as error:
        raise unknown or _unknown() from error
    except (DatabaseError, InterfaceError) as error:
        raise ApiError(503, "database_unavailable", "PostgreSQL can't be read now.", retry_after=5) from error
