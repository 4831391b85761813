"""What a handler gets and what it gives back: the plain data of a request and a reply, of no framework."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

import msgspec

from decisioning.api.errors import ApiError, bad_request
from rules.bundles import KeyRecord

encode = msgspec.json.Encoder().encode
MOST_PARAMETERS = 50


@dataclass(slots=True)
class Request:
    """`headers` by lower-case name; `body` is as sent; `caller` is set once its key is known."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""
    caller: KeyRecord | None = None
    query: str = ""
    """What stands behind the question mark, as it was sent."""


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    stream: Iterable[bytes] | None = None
    """Instead of a body: parts that are sent as they come."""


def parameters(request: Request) -> dict[str, str]:
    """Those in the address; of a name that is given twice, the last."""
    try:
        return dict(parse_qsl(request.query, keep_blank_values=True, max_num_fields=MOST_PARAMETERS))
    except ValueError as error:
        message = f"There are more than {MOST_PARAMETERS} parameters."
        raise bad_request("unknown_field", message, fix="/v1/docs names those there are.") from error


def reply(value: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    return Reply(status, encode(value), headers or {})


def streamed(parts: Iterable[bytes]) -> Reply:
    return Reply(200, b"", stream=parts)


def error_reply(error: ApiError) -> Reply:
    headers = dict(error.headers)
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="signpost"'
    return Reply(error.status, encode(error.body()), headers)
