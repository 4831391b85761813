"""Finds the caller's key in a request and checks what it may do."""

from __future__ import annotations

import base64
import binascii

from decisioning.access import keys
from decisioning.api.errors import ApiError
from decisioning.api.http import Request
from rules import origins
from rules.bundles import KeyRecord


def key_text(request: Request, write_key: object = None) -> str:
    """The key as given: `Authorization: Bearer KEY`, Basic with the key as user name, or a tracking body's `writeKey`."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value.strip(), validate=True).decode("ascii").partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return write_key if isinstance(write_key, str) else ""


def identify(request: Request, *, now: float, needs: str, write_key: object = None, secret: bool = False) -> KeyRecord:
    """The caller's key record. Raises 401 without a good key, 403 where the key may not do this."""
    text = key_text(request, write_key)
    if not text:
        raise ApiError(401, "key_missing", "Give an API key: Authorization: Bearer sk_... or pk_...")
    record = keys.find(text, now)
    if record is None:
        raise ApiError(401, "key_invalid", "This API key is not known, or was revoked or has expired.")
    request.caller = record
    if secret and record.kind != "secret":
        raise ApiError(403, "secret_key_needed", "This needs a secret key (sk_...), sent from a server.")
    if record.scopes and needs not in record.scopes:
        raise ApiError(403, "scope_missing", f"This key lacks the scope {needs}.")
    origin = request.headers.get("origin")
    if origin and record.kind == "publishable" and not same_origin(request, origin) and not origins.allows(record.origins, origin):
        raise ApiError(403, "origin_not_allowed", f"This publishable key may not be used from {origin[:200]}.")
    return record


def same_origin(request: Request, origin: str) -> bool:
    host = request.headers.get("host")
    return bool(host) and origin.partition("://")[2] == host


def cors_headers(request: Request) -> dict[str, str]:
    """Lets a browser page read the answer, where its origin is on the publishable key's list. Secret keys never belong in a page.

    Before the key was found, an error may be read from every origin that some key allows.
    """
    origin, caller = request.headers.get("origin"), request.caller
    if not origin:
        return {}
    if not (keys.any_allows(origin) if caller is None else caller.kind == "publishable" and origins.allows(caller.origins, origin)):
        return {"Vary": "Origin"}
    return {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": "Retry-After", "Vary": "Origin"}


def preflight_headers(request: Request) -> dict[str, str]:
    """The answer to a browser's question before the call, which carries no key: allowed if any publishable key allows the origin."""
    origin = request.headers.get("origin", "")
    if not keys.any_allows(origin):
        return {"Vary": "Origin"}
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE, OPTIONS",
        "Access-Control-Allow-Headers": "authorization, content-type, content-encoding, x-retry-count",
        "Access-Control-Max-Age": "600",
        "Vary": "Origin",
    }
