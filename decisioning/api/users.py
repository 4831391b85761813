"""What is known of a user, for the customer's servers."""

from __future__ import annotations

from redis.exceptions import RedisError

from decisioning import identities, rulesets
from decisioning.api import callers
from decisioning.api.errors import ApiError
from decisioning.api.http import Reply, Request, reply
from decisioning.identities import Person
from decisioning.redis import worker_client
from decisioning.tagging import Definitions, describe
from decisioning.tagging.aliases import MERGED
from decisioning.tagging.times import rfc3339
from rules.engine.workspace import Settings, Workspace


def show(request: Request, *, user_id: str, now: float) -> Reply:
    """A known user's traits, tags, scores and counts; else those of an anonymous one with this id. A merged id shows its user."""
    caller = callers.identify(request, now=now, needs="users:read", secret=True)
    user, person, definitions = _find(caller.workspace, user_id, now=now)
    into = {"merged_into": person.user if person.user != user else None}
    return reply({"user_id": user_id, **into, **describe(definitions, person.state, now=now)})


def unmerge(request: Request, *, user_id: str, alias: str, now: float) -> Reply:
    """Refused, and why: a merge is for good. Of an id that is not merged into the user it says so."""
    caller = callers.identify(request, now=now, needs="users:read", secret=True)
    _, person, _ = _find(caller.workspace, user_id, now=now)
    record = person.state.aliases.get(alias)
    if record is None or record.status != MERGED:
        raise ApiError(
            404, "unknown_alias", f"{alias[:100]!r} is not merged into this user; `aliases` of GET /v1/users/ID has those that are."
        )
    message = (
        f"{alias} was merged into {person.user} at {rfc3339(record.at)}. What was counted of both since can't be told apart, "
        "so a merge is not undone. For a device to count by itself again, give it a new anonymous id."
    )
    raise ApiError(409, "unmerge_refused", message)


def _find(workspace: str, user_id: str, *, now: float) -> tuple[str, Person, Definitions]:
    live = rulesets.live(workspace)
    definitions = live.definitions if live else rulesets.define(Workspace(Settings(key=workspace)))
    try:
        for user in (f"u:{user_id}", f"a:{user_id}"):
            person = identities.known(worker_client(), workspace, user, definitions, now=now)
            if person is not None:
                return user, person, definitions
    except RedisError as error:
        raise ApiError(503, "state_unavailable", "The users' state can't be read now.", retry_after=1) from error
    raise ApiError(404, "unknown_user", f"Nothing is known of a user {user_id[:100]!r}.")
