"""The doors of consent, export and erasure, for the customer's servers."""

from __future__ import annotations

import secrets
import time
from contextlib import suppress
from typing import Annotated, Any
from uuid import UUID, uuid4

import msgspec
from django.conf import settings
from django.db import DatabaseError, InterfaceError
from redis.exceptions import RedisError

from decisioning import auditing, consents, erasure, everyone, export, ingest, rulesets
from decisioning.api import callers
from decisioning.api.body import decode, inflate
from decisioning.api.decisions import convert, moment
from decisioning.api.errors import ApiError, bad_request
from decisioning.api.http import Reply, Request, reply, streamed
from decisioning.api.tracking import MAX_ID
from decisioning.redis import worker_client
from decisioning.streams.log import LogUnavailable
from decisioning.tagging import UserState, consent
from decisioning.tagging.event import Event
from rules import apikeys
from rules.bundles import KeyRecord

SCOPE = "privacy"
DATABASE = (DatabaseError, InterfaceError)


class ConsentRequest(msgspec.Struct, forbid_unknown_fields=True):
    """By purpose, true or false; a purpose that is left out stays as it was. `at`: when the user said so, now where it is left out."""

    purposes: Annotated[dict[str, bool], msgspec.Meta(min_length=1, max_length=100)]
    source: Annotated[str, msgspec.Meta(max_length=200)] = ""
    at: str | None = None


def say(request: Request, *, user_id: str, now: float) -> Reply:
    """What a user agrees to or refuses, from now on. Decisions and events that come after this count by it.

    It is in effect once the event log has it. `recorded` says whether the log of consent in PostgreSQL has it already too.
    """
    caller = _acting(request, now, "record a user's consent")
    wanted = convert(decode(inflate(request)), ConsentRequest)
    declared = _purposes(caller)
    for purpose in wanted.purposes:
        if purpose not in declared:
            known = ", ".join(sorted(declared)) or "none"
            raise bad_request(
                "unknown_purpose", f"There is no purpose {purpose[:100]!r}.", path="$.purposes", fix=f"The live release has: {known}."
            )
    at = _at(wanted.at, now)
    user = _owner(caller, user_id, now)
    properties = {"purposes": wanted.purposes, "source": wanted.source}
    message_id = f"$consent-{secrets.token_hex(12)}"
    event = Event(caller.workspace, user, message_id, consent.TYPE, consent.NAME, at, now, properties)
    try:
        ingest.accept([event], worker_client())
    except LogUnavailable as error:
        message = "The event log can't take this now, so it is not in effect. Send it again."
        raise ApiError(503, "log_unavailable", message, retry_after=error.retry_after) from error
    words = consent.heard({}, event, declared)[1]
    try:
        consents.record(caller.workspace, user, words)
    except DATABASE:
        # It is in effect, and a refusal must not wait for PostgreSQL: the record follows from the event log.
        return reply(_said(user_id, words, recorded=False), status=202)
    return reply(_said(user_id, words, recorded=True))


def log(request: Request, *, user_id: str, now: float) -> Reply:
    """Every word of the user about every purpose, the first first: what is recorded, which a tracking message's is within seconds."""
    caller = callers.identify(request, now=now, needs=SCOPE, secret=True)
    users = list(_states(caller, user_id, now))
    try:
        return reply({"user_id": user_id, "log": list(consents.of_user(caller.workspace, users))})
    except DATABASE as error:
        raise _database_away() from error


def copy(request: Request, *, user_id: str, now: float) -> Reply:
    """Everything held of a user, as one JSON document that is sent while it is read. A whole one ends with `"complete": true`."""
    caller = callers.identify(request, now=now, needs=SCOPE, secret=True)
    return streamed(export.document(caller.workspace, user_id, _states(caller, user_id, now), now=now))


def erase(request: Request, *, user_id: str, now: float) -> Reply:
    """Erases a user everywhere, and proves it: 200 with what was found, removed and left in each place, or 202 while it takes longer."""
    caller = _acting(request, now, "erase a user")
    receipt = uuid4()
    try:
        erasure.ask(receipt, caller.workspace, _identifier(user_id), asked_by=apikeys.prefix(callers.key_text(request)), now=now)
    except RedisError as error:
        raise ApiError(503, "state_unavailable", "Nothing was erased: Redis does not answer. Send it again.", retry_after=1) from error
    except LogUnavailable as error:
        raise ApiError(503, "log_unavailable", "Nothing was erased; send it again.", retry_after=error.retry_after) from error
    except DATABASE as error:
        raise _database_away() from error
    deadline = time.monotonic() + settings.ERASURE_WAIT_SECONDS
    while (told := erasure.told(receipt, caller.workspace)) is not None:
        if told["status"] == "erased":
            return reply(told)
        if time.monotonic() >= deadline:
            return reply(told, status=202, headers={"Location": f"/v1/erasures/{receipt}", "Retry-After": "5"})
        time.sleep(0.1)
    raise ApiError(503, "database_unavailable", "What becomes of the erasure can't be read now; it goes on.", retry_after=5)


def receipt(request: Request, *, receipt: str, now: float) -> Reply:
    """How far an erasure is, or its proof."""
    caller = callers.identify(request, now=now, needs=SCOPE, secret=True)
    try:
        told = erasure.told(UUID(receipt), caller.workspace)
    except ValueError:
        told = None
    except DATABASE as error:
        raise _database_away() from error
    if told is None:
        raise ApiError(404, "unknown_receipt", "There is no erasure with this receipt.")
    return reply(told)


def _acting(request: Request, now: float, doing: str) -> KeyRecord:
    """Whoever acts. The audit log is told where a key lacks its scope, and not what anybody may try with a publishable key."""
    try:
        return callers.identify(request, now=now, needs=SCOPE, secret=True)
    except ApiError as error:
        if error.code == "scope_missing" and request.caller is not None:
            with suppress(*DATABASE):  # the answer is the same while PostgreSQL is away
                auditing.tell_refusal(request.caller.workspace, apikeys.prefix(callers.key_text(request)), doing, error.message, now)
        raise


def _owner(caller: KeyRecord, user_id: str, now: float) -> str:
    """Whose consent it is: the user's that the id was merged into. Where nobody can say now, the id's own, which passes it on."""
    user = f"u:{_identifier(user_id)}"
    try:
        return everyone.owner(caller.workspace, user, now=now)
    except RedisError:
        return user


def _states(caller: KeyRecord, user_id: str, now: float) -> dict[str, UserState | None]:
    try:
        return everyone.states(caller.workspace, _identifier(user_id), now=now)
    except RedisError as error:
        raise ApiError(503, "state_unavailable", "The users' state can't be read now.", retry_after=1) from error


def _purposes(caller: KeyRecord) -> frozenset[str]:
    live = rulesets.live(caller.workspace)
    return live.definitions.purposes if live else frozenset()


def _identifier(user_id: str) -> str:
    """As a tracking message may name it: what is longer, or can't be said in JSON, no user ever was."""
    if len(user_id) > MAX_ID or "\0" in user_id or not _is_encodable(user_id):
        raise bad_request("invalid_id", f"A user's id is text of at most {MAX_ID} characters.")
    return user_id


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _at(text: str | None, now: float) -> float:
    return min(moment(text, now, before=now + 60, words="1970 and now"), now)


def _said(user_id: str, words: list[consent.Word], *, recorded: bool) -> dict[str, Any]:
    return {"user_id": user_id, "purposes": {word.purpose: word.granted for word in words}, "recorded": recorded}


def _database_away() -> ApiError:
    return ApiError(503, "database_unavailable", "PostgreSQL can't be read now.", retry_after=5)
