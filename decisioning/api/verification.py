"""The door that says whether history is whole: what the newest verification found, and when."""

from __future__ import annotations

from redis.exceptions import RedisError

from decisioning.api import callers
from decisioning.api.errors import ApiError
from decisioning.api.http import Reply, Request, reply
from decisioning.history import results

SCOPE = "history"


def newest(request: Request, *, now: float) -> Reply:
    """What the newest verification of this workspace's history found. The task worker verifies on a timetable; asking verifies nothing.

    `status` is `whole`, `broken` with what was found, or `not_verified_yet`. `stale`: two in a row
    have not come.
    """
    caller = callers.identify(request, now=now, needs=SCOPE, secret=True)
    try:
        result = results.read()
    except RedisError as error:
        raise ApiError(503, "state_unavailable", "What the last verification found can't be read now.", retry_after=1) from error
    return reply(results.NEVER if result is None else result.words_of(caller.workspace, now))
