"""What is known of a user, for the customer's servers."""

from __future__ import annotations

from redis.exceptions import RedisError

from decisioning import profiles, rulesets
from decisioning.api import callers
from decisioning.api.errors import ApiError
from decisioning.api.http import Reply, Request, reply
from decisioning.redis import worker_client
from decisioning.tagging import describe
from rules.engine.workspace import Settings, Workspace


def show(request: Request, *, user_id: str, now: float) -> Reply:
    """A known user's traits, tags, scores and counts; else those of an anonymous one with this id."""
    caller = callers.identify(request, now=now, needs="users:read", secret=True)
    live = rulesets.live(caller.workspace)
    definitions = live.definitions if live else rulesets.define(Workspace(Settings(key=caller.workspace)))
    try:
        for user in (f"u:{user_id}", f"a:{user_id}"):
            state = profiles.known(worker_client(), caller.workspace, user, definitions, now=now)
            if state is not None:
                return reply({"user_id": user_id, "aliases": [], **describe(definitions, state, now=now), "consent": {}})
    except RedisError as error:
        raise ApiError(503, "state_unavailable", "The users' state can't be read now.", retry_after=1) from error
    raise ApiError(404, "unknown_user", f"Nothing is known of a user {user_id[:100]!r}.")
