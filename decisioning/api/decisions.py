"""The decide doors: `/v1/decide` and `/v1/decide/batch`."""

from __future__ import annotations

import re
from typing import Annotated, Any, TypeVar

import msgspec

from decisioning import rulesets
from decisioning.api import callers
from decisioning.api.body import decode, inflate
from decisioning.api.errors import ApiError, bad_request
from decisioning.api.http import Reply, Request, encode, reply
from decisioning.api.segment import parse_all
from decisioning.api.tracking import parse_time
from decisioning.choose import Ask
from decisioning.decide import Answer
from decisioning.decide import decide as decide_for
from decisioning.rulesets import Live
from rules.bundles import KeyRecord
from rules.engine import Problem

MAX_CONTEXT = 32 * 1024
LATEST = 32_503_680_000.0
"""The year 3000 in seconds: far enough from the calendar's end for every time zone."""
T = TypeVar("T")
Id = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]


class DecideRequest(msgspec.Struct, forbid_unknown_fields=True):
    """At least one of user_id and anonymous_id. `explain` and `at` need a secret key.

    `at` sets the clock that the rules see; the user's state is today's. With either, a decision still counts: caps and the archive see it.

    `context.timezone`, a name such as Europe/Berlin, is where the user is: conditions and caps by day and week go by its clocks.

    With both ids the answer goes by what is known of either. It merges nothing by itself: that takes an event with both, such as identify.

    `user_hash` is taken because clients may send it already; there is no workspace setting yet that demands and checks it.
    """

    placements: Annotated[list[Annotated[str, msgspec.Meta(max_length=200)]], msgspec.Meta(min_length=1, max_length=50)]
    user_id: Id | None = None
    anonymous_id: Id | None = None
    session_id: Id | None = None
    user_hash: Annotated[str, msgspec.Meta(max_length=256)] | None = None
    context: dict[str, Any] = {}
    events: Annotated[list[Any], msgspec.Meta(max_length=100)] = []
    locale: Annotated[str, msgspec.Meta(max_length=35)] | None = None
    at: str | None = None
    explain: bool = False


class BatchRequest(msgspec.Struct, forbid_unknown_fields=True):
    requests: Annotated[list[Any], msgspec.Meta(min_length=1, max_length=500)]


def decide(request: Request, *, now: float) -> Reply:
    """What should this user see here, now? Up to 50 placements; events sent along count in this very answer, and are kept.

    A placement that collects answers one decision for each rule that wins, in the order in which they are to be shown.
    """
    caller = callers.identify(request, now=now, needs="decide")
    body = decode(inflate(request))
    return reply(_answer(body, caller, now=now))


def batch(request: Request, *, now: float) -> Reply:
    """Answers in order; a bad request gets its own error and the others are still answered."""
    caller = callers.identify(request, now=now, needs="decide", secret=True)
    body = convert(decode(inflate(request)), BatchRequest)
    return reply({"results": [_item(item, caller, now=now) for item in body.requests]})


def _item(body: Any, caller: KeyRecord, *, now: float) -> dict[str, Any]:
    try:
        return _answer(body, caller, now=now)
    except ApiError as error:
        return error.body()


def _answer(body: Any, caller: KeyRecord, *, now: float) -> dict[str, Any]:
    wanted = convert(body, DecideRequest)
    secret = caller.kind == "secret"
    if (wanted.explain or wanted.at is not None) and not secret:
        raise ApiError(403, "secret_key_needed", "explain and at need a secret key (sk_...), sent from a server.")
    live = rulesets.live(caller.workspace)
    if live is None:
        raise ApiError(503, "no_release", f"Nothing was ever published in {caller.workspace}.", retry_after=5)
    known = f"u:{wanted.user_id}" if wanted.user_id is not None else None
    anonymous = f"a:{wanted.anonymous_id}" if wanted.anonymous_id is not None else None
    user, also = known or anonymous, anonymous if known else None
    if user is None:
        raise bad_request("missing_user", "Say who this is for: user_id or anonymous_id.", fix="Add a user_id or an anonymous_id.")
    if len(encode(wanted.context)) > MAX_CONTEXT:
        raise bad_request("context_too_large", f"context may hold at most {MAX_CONTEXT:,} bytes.", path="$.context")
    events, errors = parse_all(
        wanted.events, caller.workspace, received=now, user=user, alias=also, session=wanted.session_id, secret=secret
    )
    ask = Ask(
        user=user,
        placements=wanted.placements,
        at=moment(wanted.at, now),
        session=wanted.session_id,
        context=wanted.context,
        events=[event for event in events if event.user in (user, also)],
        others=[event for event in events if event.user not in (user, also)],
        locale=wanted.locale,
        explain=wanted.explain,
        also=also,
    )
    answer = decide_for(ask, live, now=now)
    return _reply(answer, live, events=len(events), errors=errors, sent=bool(wanted.events), secret=secret)


def moment(text: str | None, now: float, *, before: float = LATEST, words: str = "the years 1970 and 3000") -> float:
    """What a body's `at` says, now where it says nothing; `words` name the bounds."""
    if text is None:
        return now
    try:
        at = parse_time(text)
    except (ValueError, OverflowError) as error:
        raise bad_request("invalid_time", "at must be an RFC 3339 time such as 2026-11-21T10:00:00Z.", path="$.at") from error
    if not 0 <= at < before:
        raise bad_request("invalid_time", f"at must lie between {words}.", path="$.at")
    return at


def _reply(answer: Answer, live: Live, *, events: int, errors: list[dict[str, Any]], sent: bool, secret: bool) -> dict[str, Any]:
    result: dict[str, Any] = {"release": {"number": live.number, "hash": live.hash}, "degraded": bool(answer.degraded)}
    if answer.degraded:
        result["degraded_reasons"] = answer.degraded
    if secret:
        result["user"] = {"tags": answer.tags}
    result["decisions"] = answer.decisions
    if sent:
        if answer.events_refused:
            lost = {"code": answer.events_refused, "message": "The event log can't take events now: send these again to /v1/batch."}
            errors = [*errors, {"index": None, "messageId": None, **lost}]
        result["events"] = {"accepted": 0 if answer.events_refused else events, "errors": errors}
    return result


_PLACE = re.compile(r" - at `(.*)`$")


def convert(value: Any, kind: type[T]) -> T:
    """Plain data as a struct; a 400 with the JSON path of what does not fit."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        text = str(error)
        place = _PLACE.search(text)
        message = _PLACE.sub("", text)
        code = "unknown_field" if "unknown field" in message else "missing_field" if "missing required" in message else "invalid_value"
        problem = Problem(code, place[1] if place else "$", message, "See /v1/docs for the request's fields.")
        raise ApiError(400, code, message, problems=(problem,)) from error
