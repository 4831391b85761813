"""The documented doors: DRF views that hand bytes to a handler and give its bytes back."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.views import APIView

from decisioning.api import audit, callers, decided, decisions, operating, privacy, segment, users, verification
from decisioning.api import releases as released
from decisioning.api.body import MAX_BYTES, too_large
from decisioning.api.errors import ApiError
from decisioning.api.http import Reply, Request, error_reply
from decisioning.api.schema import ERRORS, body_of, reply_of

logger = logging.getLogger(__name__)
Handler = Callable[..., Reply]


class Door(APIView):
    """Passes a request on as bytes. DRF's parsing and negotiation are not used: clients send JSON under any content type."""

    handler: Handler
    methods = ("POST",)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        asked = None
        try:
            asked = _request(request)
            if request.method == "OPTIONS":
                return HttpResponse(status=204, headers=callers.preflight_headers(asked))
            if ("GET" if request.method == "HEAD" else request.method) not in self.methods:
                raise ApiError(
                    405, "method_not_allowed", f"Use {' or '.join(self.methods)} here.", headers={"Allow": ", ".join(self.methods)}
                )
            answer = type(self).handler(asked, now=time.time(), **kwargs)
        except ApiError as error:
            answer = error_reply(error)
        except Exception:  # the last wall: a fault of ours still answers in the API's own shape
            logger.exception("%s %s failed", request.method, request.path)
            answer = error_reply(ApiError(500, "internal_error", "Something failed on our side; it was logged."))
        cors = callers.cors_headers(asked) if asked else {}
        made = HttpResponse if answer.stream is None else StreamingHttpResponse
        content = answer.body if answer.stream is None else answer.stream
        response = made(content, status=answer.status, content_type=answer.content_type, headers={**answer.headers, **cors})
        response._has_been_logged = True  # noqa: SLF001 - an answer of 4xx or 503 is the API at work, not news for Django's log
        return response


def _request(request: HttpRequest) -> Request:
    headers = {key[5:].replace("_", "-").lower(): value for key, value in request.META.items() if key.startswith("HTTP_")}
    return Request(request.method or "", request.path, headers, _read(request), query=request.META.get("QUERY_STRING", ""))


def _read(request: HttpRequest) -> bytes:
    """At most MAX_BYTES of the body, whatever the client announces. A chunked one has no announced length, so Django would see it empty."""
    length = request.META.get("CONTENT_LENGTH") or ""
    if "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower():
        stream = request.META["wsgi.input"]
    elif length.isdigit() and int(length) > MAX_BYTES:
        raise too_large()
    else:
        stream = request
    raw = stream.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise too_large()
    return raw


def door(handler: Handler, *, methods: tuple[str, ...] = ("POST",), schema: dict[str, Any] | None = None) -> Callable[..., HttpResponse]:
    """The view of a handler; `schema` is its place in the OpenAPI document, None keeps it out."""
    name = f"{handler.__module__.rpartition('.')[2]}_{handler.__name__}"
    view = type(name, (Door,), {"handler": staticmethod(handler), "methods": methods, "__doc__": handler.__doc__})
    for method in methods:
        described = extend_schema(**schema) if schema else extend_schema(exclude=True)
        setattr(view, method.lower(), described(_described()))
    return view.as_view()


def resource(**handlers: tuple[Handler, dict[str, Any]]) -> Callable[..., HttpResponse]:
    """The view of an address with a handler for each method, each with its place in the OpenAPI document."""

    def handler(request: Request, *, now: float, **kwargs: Any) -> Reply:
        return handlers["GET" if request.method == "HEAD" else request.method][0](request, now=now, **kwargs)

    first = next(iter(handlers.values()))[0]
    name = f"{first.__module__.rpartition('.')[2]}_{first.__name__}"
    view = type(name, (Door,), {"handler": staticmethod(handler), "methods": tuple(handlers), "__doc__": first.__doc__})
    for method, (own, schema) in handlers.items():
        described = extend_schema(**{"description": own.__doc__, "operation_id": f"{name}_{method.lower()}", **schema})
        setattr(view, method.lower(), described(_described()))
    return view.as_view()


def _described() -> Callable[..., HttpResponse]:
    """A method for the OpenAPI generator to see and describe, a new one each time for it writes on it; `dispatch` answers."""

    def method(self: Door, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.dispatch(request, **kwargs)

    return method


def tracking(kind: str, *, shown: bool = True) -> Callable[..., HttpResponse]:
    def handler(request: Request, *, now: float) -> Reply:
        return segment.track(request, kind=kind, now=now)

    handler.__name__, handler.__doc__ = kind, f"One {kind} message of Segment's tracking protocol."
    schema = {"request": body_of("TrackingMessage"), "responses": {200: reply_of("TrackingReply"), **ERRORS}, "tags": ["events"]}
    return door(handler, schema=schema if shown else None)


decide = door(
    decisions.decide,
    schema={"request": body_of("DecideRequest"), "responses": {200: reply_of("DecideReply"), **ERRORS}, "tags": ["decisions"]},
)
decide_batch = door(
    decisions.batch,
    schema={"request": body_of("BatchRequest"), "responses": {200: reply_of("BatchReply"), **ERRORS}, "tags": ["decisions"]},
)
batch = door(
    segment.batch,
    schema={"request": body_of("TrackingBatch"), "responses": {200: reply_of("TrackingReply"), **ERRORS}, "tags": ["events"]},
)
batch_unlisted = door(segment.batch)
decision = door(decided.show, methods=("GET",), schema={"responses": {200: reply_of("DecisionReply"), **ERRORS}, "tags": ["history"]})
replay = door(
    decided.again,
    schema={
        "request": body_of("ReplayRequest"),
        "responses": {200: reply_of("ReplayReply"), 409: reply_of("ErrorReply"), **ERRORS},
        "tags": ["history"],
    },
)
ERASURE = {200: reply_of("ErasureReply"), 202: reply_of("ErasureReply"), **ERRORS}
user = resource(
    GET=(users.show, {"responses": {200: reply_of("UserReply"), **ERRORS}, "tags": ["users"]}),
    DELETE=(privacy.erase, {"responses": ERASURE, "tags": ["users"]}),
)
consent = resource(
    PUT=(
        privacy.say,
        {
            "request": body_of("ConsentRequest"),
            "responses": {200: reply_of("ConsentReply"), 202: reply_of("ConsentReply"), **ERRORS},
            "tags": ["users"],
        },
    ),
    GET=(privacy.log, {"responses": {200: reply_of("ConsentLog"), **ERRORS}, "tags": ["users"]}),
)
export = door(privacy.copy, methods=("GET",), schema={"responses": {200: {"type": "object"}, **ERRORS}, "tags": ["users"]})
erasure = door(privacy.receipt, methods=("GET",), schema={"responses": ERASURE, "tags": ["users"]})
user_alias = door(users.unmerge, methods=("DELETE",), schema={"responses": {409: reply_of("ErrorReply"), **ERRORS}, "tags": ["users"]})


def history_of(answer: str, parameters: Mapping[str, str] = MappingProxyType({})) -> dict[str, Any]:
    """The place in the OpenAPI document of a page of history."""
    described = [OpenApiParameter(name, description=about, type=str) for name, about in parameters.items()]
    return {"parameters": described, "responses": {200: reply_of(answer), **ERRORS}, "tags": ["history"]}


audit_log = door(audit.log, methods=("GET",), schema=history_of("AuditReply", audit.PARAMETERS))
releases = door(released.index, methods=("GET",), schema=history_of("ReleasesReply", released.LISTED))
release = door(released.show, methods=("GET",), schema=history_of("ReleaseReply"))
live_release = door(released.live, methods=("GET",), schema=history_of("ReleaseReply", released.LIVE))
releases_compared = door(released.compare, methods=("GET",), schema=history_of("ReleasesCompared"))
history_verify = door(verification.newest, methods=("GET",), schema=history_of("HistoryVerification"))
OPERATING = {"responses": {200: {"type": "object"}, 503: ERRORS[503]}, "tags": ["operating"]}
livez = door(operating.livez, methods=("GET",), schema=OPERATING)
readyz = door(operating.readyz, methods=("GET",), schema=OPERATING)
statusz = door(operating.statusz, methods=("GET",), schema=OPERATING)
metrics = door(operating.metrics, methods=("GET",), schema={"responses": {(200, "text/plain"): {"type": "string"}}, "tags": ["operating"]})
