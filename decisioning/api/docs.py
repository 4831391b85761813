"""The API's page for people at /v1/docs, drawn from the OpenAPI document by the server; nothing on it comes from elsewhere."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from decisioning.api.generator import Generator

SECTIONS = {
    "decisions": "Decide",
    "events": "Send events",
    "users": "Look at users",
    "history": "Look into history",
    "operating": "Operate",
}
"""The calls by their tag, in the order in which an app comes to need them."""

EXAMPLE = """curl {url}/v1/decide \\
  -H "Authorization: Bearer sk_..." \\
  -d '{{
    "user_id": "ada",
    "placements": ["home-banner"],
    "context": {{"device": "mobile"}},
    "events": [{{"type": "track", "event": "Product Viewed", "properties": {{"category": "tea"}}}}]
  }}'"""

ERRORS = {
    400: {
        "context_too_large": "The context is too large.",
        "duplicate_key": "An object has the same key twice.",
        "invalid_id": "A user's id is too long, or no text that JSON can say.",
        "empty_body": "There is no body.",
        "integer_out_of_range": "A whole number is beyond what JSON readers agree on.",
        "invalid_batch": "The batch is no list.",
        "invalid_gzip": "The body says gzip and is not.",
        "invalid_json": "The body is no JSON.",
        "invalid_number": "A number is not finite, or too large.",
        "invalid_time": "A time is not RFC 3339.",
        "invalid_utf8": "The body is not UTF-8.",
        "invalid_value": "A field has another type, or is out of its range.",
        "lone_surrogate": "A text holds half a character.",
        "missing_field": "A field that must be there is missing.",
        "missing_user": "Neither a user nor an anonymous id is given.",
        "not_an_object": "The body is JSON, but no object.",
        "nul_character": "A text holds a NUL character.",
        "too_deep": "Objects are nested too deep.",
        "unknown_field": "There is no such field.",
        "unknown_purpose": "The live release has no such purpose.",
    },
    401: {
        "key_missing": "No API key was given.",
        "key_invalid": "The key is not known, was revoked, or has expired.",
    },
    403: {
        "origin_not_allowed": "This publishable key may not be used from this origin.",
        "scope_missing": "The key was not issued for this.",
        "secret_key_needed": "This needs a secret key, sent from a server.",
    },
    404: {
        "unknown_address": "There is nothing at this address.",
        "unknown_alias": "This id is not merged into the user.",
        "unknown_decision": "The workspace has no such decision.",
        "unknown_receipt": "There is no erasure with this receipt.",
        "unknown_release": "This workspace has no release of that number.",
        "nothing_was_live": "No release was live at that time.",
        "unknown_user": "Nothing is known of this user.",
    },
    405: {"method_not_allowed": "The address takes another method; Allow says which."},
    409: {
        "context_not_kept": "The decision read the request's context, which was not kept.",
        "facts_not_read": "The other release asks for what the decision did not read.",
        "inputs_not_kept": "The decision is from before what decisions read was kept.",
        "key_missing": "What the decision read is sealed, and its key is not set.",
        "release_damaged": "The release's bundle is not what its digest says.",
        "release_replaced": "The release of this number is not the one that decided.",
        "unmerge_refused": "A merge of two ids is not undone; the message says why and what to do.",
        "values_not_read": "The other release's template shows what the decision did not read.",
    },
    413: {
        "batch_too_large": "The batch holds too many messages: send the rest in another request.",
        "body_too_large": "The body is too large: send it in several requests.",
    },
    415: {"unsupported_encoding": "Send gzip or no encoding."},
    429: {"back_pressure": "The workers are too far behind, or Redis is nearly full: send the events again after `Retry-After`."},
    500: {"internal_error": "A fault of Signpost's, which it has logged."},
    503: {
        "database_unavailable": "PostgreSQL can't be read now.",
        "log_unavailable": "Events can't be taken now: send them again later.",
        "no_release": "Nothing was published here yet, or no verified release is loaded.",
        "state_unavailable": "What is known of users can't be read now.",
    },
}


def docs(request: HttpRequest) -> HttpResponse:
    document = Generator().get_schema(request=None, public=True)
    operations = [
        _operation(path, method, operation) for path, methods in document["paths"].items() for method, operation in methods.items()
    ]
    sections = [(title, [one for one in operations if one["section"] == tag]) for tag, title in SECTIONS.items()]
    schemas = [{"name": name, "json": json.dumps(schema, indent=2)} for name, schema in sorted(document["components"]["schemas"].items())]
    example = EXAMPLE.format(url=request.build_absolute_uri("/").rstrip("/"))
    return render(request, "api/docs.html", {"sections": sections, "schemas": schemas, "example": example, "errors": ERRORS})


def _operation(path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    answers = operation.get("responses", {})
    good = answers.get("200", {}).get("content", {}).get("application/json", {}).get("schema", {})
    return {
        "path": path,
        "method": method.upper(),
        "section": operation["tags"][0],
        "about": operation.get("description", ""),
        "takes": _name(body),
        "gives": _name(good),
    }


def _name(schema: dict[str, Any]) -> str:
    return schema.get("$ref", "").rpartition("/")[2]
