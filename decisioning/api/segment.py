"""The doors for events: track, identify, page, screen, group, alias and batch, with per-item errors."""

from __future__ import annotations

import time
from typing import Any

from decisioning import ingest, metrics, rulesets
from decisioning.api import callers
from decisioning.api.body import decode, inflate
from decisioning.api.errors import ApiError, bad_request
from decisioning.api.http import Reply, Request, reply
from decisioning.api.tracking import MessageError, parse_message
from decisioning.pressure import BackPressure
from decisioning.redis import worker_client
from decisioning.streams.log import LogUnavailable
from decisioning.tagging.event import Event
from decisioning.violations import Kind, tally
from rules.bundles import KeyRecord
from rules.schemas import Compiled as Schema

MAX_BATCH = 5000
SCOPE = "events:write"


def track(request: Request, *, kind: str, now: float) -> Reply:
    """One message of the endpoint's kind."""
    caller, body = _read(request, now)
    return _take([body], caller, now=now, kind=kind)


def batch(request: Request, *, now: float) -> Reply:
    """Up to 5,000 messages, each with its own type. The good ones are kept, the bad ones reported one by one."""
    caller, body = _read(request, now)
    messages = body.get("batch")
    if not isinstance(messages, list) or not messages:
        raise bad_request("invalid_batch", "batch must be a list of at least one message.", path="$.batch")
    if len(messages) > MAX_BATCH:
        raise ApiError(413, "batch_too_large", f"A batch may hold at most {MAX_BATCH} messages; send the rest in another request.")
    context = body.get("context")
    return _take(messages, caller, now=now, sent_at=body.get("sentAt"), shared_context=context if isinstance(context, dict) else None)


def _read(request: Request, now: float) -> tuple[KeyRecord, dict[str, Any]]:
    """The caller and the body. A key in a header is checked before the body costs anything; one in the body can't be."""
    caller = callers.identify(request, now=now, needs=SCOPE) if callers.key_text(request) else None
    body = decode(inflate(request))
    if not isinstance(body, dict):
        raise bad_request("not_an_object", "The body must be a JSON object.")
    return caller or callers.identify(request, now=now, needs=SCOPE, write_key=body.get("writeKey")), body


def parse_all(messages: list[Any], workspace: str, **options: Any) -> tuple[list[Event], list[dict[str, Any]]]:
    """The events of the good messages and, for each bad one, its index, message id, code and words."""
    events: list[Event] = []
    errors: list[dict[str, Any]] = []
    live = rulesets.live(workspace)
    schemas = live.schemas if live else {}
    for index, message in enumerate(messages):
        try:
            event = parse_message(message, workspace=workspace, **options)
            if event.name in schemas:
                _hold_against(schemas[event.name], event)
            events.append(event)
        except MessageError as error:
            message_id = message.get("messageId") if isinstance(message, dict) else None
            told = message_id if isinstance(message_id, str) else None
            errors.append({"index": index, "messageId": told, "code": error.code, "message": error.message})
    if errors:
        metrics.EVENTS.labels(workspace, "rejected").inc(len(errors))
        tally.rejected(len(errors), options["received"])
    return events, errors


def _hold_against(schema: Schema, event: Event) -> None:
    """Counts an event that does not fit its schema, and refuses it where the schema is enforced."""
    found = schema.violation(event.properties)
    if found is None:
        return
    metrics.VIOLATIONS.labels(event.workspace, event.name, schema.mode).inc()
    tally.violation(event.workspace, Kind(event.name, found.path, found.keyword, schema.mode))
    if schema.mode == "enforce":
        raise MessageError("schema_violation", f"properties{found.at}: {found.message} ({found.keyword}).")


def _take(messages: list[Any], caller: KeyRecord, *, now: float, **options: Any) -> Reply:
    started = time.perf_counter()
    events, errors = parse_all(messages, caller.workspace, received=now, secret=caller.kind == "secret", **options)
    try:
        ingest.accept(events, worker_client())
    except BackPressure as error:
        message = f"Events are not taken for now: {error.reason}. Nothing of this request was kept. Send it again."
        raise ApiError(429, "back_pressure", message, retry_after=error.retry_after) from error
    except LogUnavailable as error:
        message = "The event log can't take events now; nothing of this request is promised. Send it again."
        raise ApiError(503, "log_unavailable", message, retry_after=error.retry_after) from error
    metrics.ACCEPT_SECONDS.observe(time.perf_counter() - started)
    if not errors:
        return reply({"success": True})
    answer: dict[str, Any] = {"success": False, "errors": errors}
    if events:
        return reply(answer)
    problems = [
        {"code": error["code"], "path": "$" if "kind" in options else f"$.batch[{error['index']}]", "message": error["message"], "fix": ""}
        for error in errors
    ]
    answer["error"] = {"code": "no_event_taken", "message": "None of the messages could be taken.", "problems": problems}
    return reply(answer, status=400)
