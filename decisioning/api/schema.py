"""The OpenAPI document's schemas, made from the structs that describe the wire, so that the two can't drift apart."""

from __future__ import annotations

from typing import Any

import msgspec

from decisioning.api.decided import ReplayRequest
from decisioning.api.decisions import BatchRequest, DecideRequest
from decisioning.api.privacy import ConsentRequest
from decisioning.api.shapes.decisions import DecideReply, DecisionReply, ReplayReply
from decisioning.api.shapes.history import AuditReply, HistoryVerification, ReleaseReply, ReleasesCompared, ReleasesReply
from decisioning.api.shapes.replies import ErrorReply
from decisioning.api.shapes.users import ConsentLog, ConsentReply, ErasureReply, TrackingBatch, TrackingMessage, TrackingReply, UserReply

_SHOWN = [
    ReleasesReply,
    ReleaseReply,
    ReleasesCompared,
    AuditReply,
    DecisionReply,
    ReplayReply,
    ReplayRequest,
    HistoryVerification,
    ConsentRequest,
    ConsentReply,
    ConsentLog,
    ErasureReply,
    DecideRequest,
    DecideReply,
    BatchRequest,
    TrackingMessage,
    TrackingBatch,
    TrackingReply,
    UserReply,
    ErrorReply,
]


def components() -> dict[str, Any]:
    schemas = msgspec.json.schema_components([*_SHOWN], ref_template="#/components/schemas/{name}")[1]
    schemas["BatchReply"] = {
        "type": "object",
        "required": ["results"],
        "properties": {"results": {"type": "array", "items": {"anyOf": [_ref("DecideReply"), _ref("ErrorReply")]}}},
    }
    return schemas


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def body_of(name: str) -> dict[str, Any]:
    return {"application/json": _ref(name)}


def reply_of(name: str) -> dict[str, str]:
    return _ref(name)


ERRORS = {status: reply_of("ErrorReply") for status in (400, 401, 403, 404, 405, 413, 415, 429, 503)}


def finish(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """drf-spectacular's last step: our components, the key as security scheme, the one server."""
    parts = result.setdefault("components", {})
    parts["schemas"] = components()
    parts["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "An API key, sk_... or pk_..."},
        "basic": {"type": "http", "scheme": "basic", "description": "The key as user name, as tracking clients send it."},
    }
    result["security"] = [{"bearer": []}, {"basic": []}]
    return result
