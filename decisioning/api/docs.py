"""The API's page for people at /v1/docs, drawn from the OpenAPI document by the server: no script, nothing from elsewhere."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from drf_spectacular.generators import SchemaGenerator


def docs(request: HttpRequest) -> HttpResponse:
    document = SchemaGenerator().get_schema(request=None, public=True)
    operations = [
        _operation(path, method, operation) for path, methods in document["paths"].items() for method, operation in methods.items()
    ]
    schemas = [{"name": name, "json": json.dumps(schema, indent=2)} for name, schema in sorted(document["components"]["schemas"].items())]
    return render(request, "api/docs.html", {"operations": operations, "schemas": schemas})


def _operation(path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    answers = operation.get("responses", {})
    good = answers.get("200", {}).get("content", {}).get("application/json", {}).get("schema", {})
    return {
        "path": path,
        "method": method.upper(),
        "about": operation.get("description", ""),
        "takes": _name(body),
        "gives": _name(good),
    }


def _name(schema: dict[str, Any]) -> str:
    return schema.get("$ref", "").rpartition("/")[2]
