"""The doors of decisions that were made: what was answered and by what, and the same decision made again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from django.db import DatabaseError, InterfaceError
from redis.exceptions import RedisError

from decisioning import replaying
from decisioning.api import callers
from decisioning.api.body import decode, inflate
from decisioning.api.decisions import convert
from decisioning.api.errors import ApiError
from decisioning.api.http import Reply, Request, reply
from decisioning.models import DecisionRecord
from decisioning.replay import Replayed, answer_of

SCOPE = "history"
REFUSED = {"unknown_release": 404}
"""The status of what can't be replayed; 409 for all others: it is a fact of that decision, and asking again does not change it."""
FIXES = {
    "inputs_not_kept": "Only decisions from after the upgrade that brought replay can be made again.",
    "context_not_kept": "Set PERSONAL_DATA_KEY, so that later decisions keep it sealed.",
    "key_missing": "Set the PERSONAL_DATA_KEY that was in use then, behind the present one.",
    "unknown_release": "GET /v1/releases lists those that there are.",
    "release_replaced": "Keep a dump of the old history to look it up in.",
    "release_damaged": "Tell an administrator: manage.py verify_history names what was altered.",
    "facts_not_read": "A decision made from now on by that release keeps it.",
    "values_not_read": "A decision made from now on by that release keeps it.",
}


class ReplayRequest(msgspec.Struct, forbid_unknown_fields=True):
    """`release`: the number of the release to decide by; the one that decided where it is left out."""

    release: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)] | None = None


def show(request: Request, *, decision_id: str, now: float) -> Reply:
    """One decision: what was answered, by which release and versions, and the facts that the rules looked at."""
    caller = callers.identify(request, now=now, needs=SCOPE, secret=True)
    record = _find(caller.workspace, decision_id)
    return reply(
        {
            "decision_id": str(record.decision_id),
            "at": _time(record.at),
            "evaluated_at": _time(record.evaluated_at),
            "user": record.user,
            "session": record.session,
            "placement": record.placement,
            "release": record.release,
            **answer_of(record),
            "facts": record.facts,
            "degraded": record.degraded,
            "replayable": record.inputs is not None,
        }
    )


def again(request: Request, *, decision_id: str, now: float) -> Reply:
    """The decision made again, by its own release or another one: the same answer, or what differs and why.

    409 where it can't be said: `code` says why, `problems` name what is missing.
    """
    caller = callers.identify(request, now=now, needs=SCOPE, secret=True)
    raw = inflate(request)
    wanted = convert(decode(raw), ReplayRequest) if raw.strip() else ReplayRequest()
    record = _find(caller.workspace, decision_id)
    try:
        replayed = replaying.again(record, wanted.release)
    except (DatabaseError, InterfaceError) as error:
        raise _database_away() from error
    if replayed.code:
        problem = {"code": replayed.code, "path": "$.release", "message": replayed.message, "fix": FIXES[replayed.code]}
        body = {"error": {"code": replayed.code, "message": replayed.message, "problems": [problem]}}
        return reply(body, status=REFUSED.get(replayed.code, 409))
    return reply(told(record, replayed))


def told(record: DecisionRecord, replayed: Replayed) -> dict[str, Any]:
    """A replay as JSON. `words` say each difference; `why` the rules that came out otherwise."""
    return {
        "decision_id": str(record.decision_id),
        "decided_by": record.release,
        "release": replayed.release,
        "same": replayed.status == "same",
        "answer": replayed.answer,
        "differences": replayed.differences,
        "why": replayed.why,
    }


def _find(workspace: str, text: str) -> DecisionRecord:
    try:
        decision_id = UUID(text)
    except ValueError as error:
        raise ApiError(404, "unknown_decision", "A decision's id is a UUID, as POST /v1/decide answers it.") from error
    try:
        record = replaying.find(workspace, decision_id)
    except (DatabaseError, InterfaceError) as error:
        raise _database_away() from error
    except RedisError as error:
        raise ApiError(503, "log_unavailable", "It is not archived yet, and the log can't be read now.", retry_after=2) from error
    if record is None:
        words = (
            f"Workspace {workspace} has no such decision: it was not logged, or its user was erased. Look it up with its workspace's key."
        )
        raise ApiError(404, "unknown_decision", words)
    return record


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _database_away() -> ApiError:
    return ApiError(503, "database_unavailable", "PostgreSQL can't be read now.", retry_after=5)
