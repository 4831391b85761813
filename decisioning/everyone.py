"""All ids of one user: the known and the anonymous one of a name, and whatever became, or is about to become, one user with them."""

from __future__ import annotations

from decisioning import identities, profiles, rulesets
from decisioning.redis import worker_client
from decisioning.tagging import Definitions, UserState
from decisioning.tagging.aliases import REFUSED
from rules.engine.workspace import Settings, Workspace


def definitions_of(workspace: str) -> Definitions:
    """Of the live release; of a workspace that never had one, those of an empty document."""
    live = rulesets.live(workspace)
    return live.definitions if live else rulesets.define(Workspace(Settings(key=workspace)))


def states(workspace: str, user_id: str, *, now: float) -> dict[str, UserState | None]:
    """By id, what is known of it; None for one nobody has heard of, or that is part of another of them. Raises profiles.Unavailable."""
    definitions, waiting = definitions_of(workspace), [f"u:{user_id}", f"a:{user_id}"]
    found: dict[str, UserState | None] = {}
    while waiting:
        user = waiting.pop(0)
        if user in found:
            continue
        found[user] = None
        if len(found) > identities.MOST_IDS * 4:
            raise profiles.Unavailable("too many ids lead to one user")
        person = identities.known(worker_client(), workspace, user, definitions, now=now)
        if person is not None:
            found[person.user] = person.state
            waiting += [who for who, record in person.state.aliases.items() if record.status != REFUSED]
    return found


def owner(workspace: str, user: str, *, now: float) -> str:
    """The user that an id belongs to. Raises profiles.Unavailable."""
    person = identities.known(worker_client(), workspace, user, definitions_of(workspace), now=now)
    return person.user if person is not None else user
