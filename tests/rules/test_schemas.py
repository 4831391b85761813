"""Event schemas: what is found in one before it goes live, and what an event costs at most."""

from __future__ import annotations

from typing import Any

import pytest

from rules.bundles import inspect
from rules.engine.workspace import EventSchema
from rules.schemas import Compiled, check_schema, compile_schemas

ORDER = {
    "type": "object",
    "required": ["total"],
    "properties": {
        "total": {"type": "number", "minimum": 0},
        "currency": {"enum": ["EUR", "NOK"]},
        "items": {"type": "array", "items": {"$ref": "#/$defs/item"}},
        "email": {"format": "email"},
        "code": {"pattern": "^[A-Z]{3}$"},
    },
    "$defs": {"item": {"type": "object", "required": ["sku"], "properties": {"price": {"type": "number"}}}},
}


def written(schema: dict[str, Any], **more: Any) -> EventSchema:
    return EventSchema(key="order", event="Order Completed", schema=schema, **more)


@pytest.mark.parametrize(
    ("properties", "path", "keyword"),
    [
        ({"total": 3}, None, None),
        ({}, "/total", "required"),
        ({"total": -1}, "/total", "minimum"),
        ({"total": "3"}, "/total", "type"),
        ({"total": 3, "currency": "USD"}, "/currency", "enum"),
        ({"total": 3, "items": [{"sku": 1}, {}]}, "/items/*/sku", "required"),
        ({"total": 3, "items": [{"sku": 1, "price": "x"}]}, "/items/*/price", "type"),
        ({"total": 3, "email": "nobody"}, "/email", "format"),
        ({"total": 3, "code": "abc"}, "/code", "pattern"),
        ({"total": 2**70, "code": "ABC"}, None, None),
    ],
)
def test_what_does_not_fit_is_told_by_its_place_and_keyword(properties, path, keyword):
    assert check_schema(written(ORDER)) == []

    found = Compiled(written(ORDER)).violation(properties)

    assert (found and (found.path, found.keyword)) == (None if path is None else (path, keyword))


def test_the_place_in_the_event_is_told_with_its_numbers():
    found = Compiled(written(ORDER)).violation({"total": 3, "items": [{"sku": 1}, {"sku": 2, "price": []}]})

    assert found.at == "/items/1/price"


def laugh() -> dict[str, Any]:
    definitions: dict[str, Any] = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(30)}
    return {"$ref": "#/$defs/d0", "$defs": {**definitions, "d30": {}}}


def deep(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {}
    for _ in range(levels):
        schema = {"not": schema}
    return schema


@pytest.mark.parametrize(
    ("schema", "code", "path"),
    [
        ({"type": "wrong"}, "schema_refused", "$.schema.type"),
        ({"properties": {"a": {"minimum": "1"}}}, "schema_refused", "$.schema.properties.a.minimum"),
        ({"$ref": "http://example.com/schema"}, "schema_reference", "$.schema.$ref"),
        ({"items": [{}]}, "schema_refused", "$.schema.items"),
        ({"properties": {"a": {"$ref": "file:///etc/passwd"}}}, "schema_reference", "$.schema.properties.a.$ref"),
        ({"$ref": "#/$defs/nowhere"}, "schema_refused", "$.schema"),
        ({"$id": "http://example.com/"}, "schema_keyword", '$.schema["$id"]'),
        ({"allOf": [{"unevaluatedProperties": False}]}, "schema_keyword", "$.schema.allOf[0].unevaluatedProperties"),
        ({"$schema": "http://json-schema.org/draft-07/schema#"}, "schema_dialect", "$.schema.$schema"),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"items": {"$ref": "#/$defs/a"}}}}, "schema_circle", "$.schema"),
        (laugh(), "schema_too_large", "$.schema"),
        ({"enum": list(range(2000))}, "schema_too_large", "$.schema"),
        ({"description": "x" * 20_000}, "schema_too_large", "$.schema"),
        (deep(40), "schema_too_deep", "$.schema"),
        ({"properties": {"a": {"pattern": "("}}}, "pattern_refused", "$.schema.properties.a.pattern"),
        ({"properties": {"a": {"pattern": "(a)\\1"}}}, "pattern_refused", "$.schema.properties.a.pattern"),
        ({"properties": {"a": {"pattern": "((a{1,99}){1,99}){1,99}"}}}, "pattern_refused", "$.schema.properties.a.pattern"),
        ({"properties": {"a": {"pattern": "a" * 600}}}, "pattern_too_long", "$.schema.properties.a.pattern"),
        ({"properties": {f"p{n}": {"pattern": f"{n}"} for n in range(30)}}, "too_many_patterns", "$.schema"),
        ({"format": "no-such"}, "schema_refused", "$.schema.format"),
    ],
    ids=str,
)
def test_a_schema_that_is_wrong_or_could_cost_too_much_is_refused_with_its_place(schema, code, path):
    (problem,) = check_schema(written(schema))

    assert (problem.code, problem.path) == (code, path)
    assert problem.fix
    with pytest.raises(ValueError, match="order"):
        compile_schemas([written(schema)])


def test_a_document_with_a_bad_schema_is_told_where():
    schema = {"key": "order", "event": "Order Completed", "schema": {"type": "wrong"}}

    (problem,) = inspect({"workspace": {"key": "w"}, "events": [schema]})

    assert (problem.code, problem.path) == ("schema_refused", "$.events[0].schema.type")


def test_two_schemas_for_one_event_are_refused():
    events = [{"key": key, "event": "Order Completed"} for key in ("one", "two")]

    (problem,) = inspect({"workspace": {"key": "w"}, "events": events})

    assert (problem.code, problem.path) == ("duplicate_event", "$.events[1].event")


ALTERNATIVES = {"properties": {"items": {"anyOf": [{"items": {"type": "string", "minLength": n}} for n in range(90)]}}}


@pytest.mark.parametrize(
    ("schema", "properties", "keyword"),
    [
        (ALTERNATIVES, {"items": [0] * 16_000}, "size"),
        (ALTERNATIVES, {"items": [0] * 1_000}, "schema"),
        (ALTERNATIVES, {"items": [0] * 10}, "anyOf"),
        ({"properties": {"a": {"pattern": "[01]*1[01]{300}x"}}}, {"a": "01" * 15_000}, "size"),
        ({"properties": {"a": {"pattern": "[01]*1[01]{300}x"}}}, {"a": "01" * 4_000}, "pattern"),
    ],
)
def test_a_hostile_schema_and_a_hostile_event_together_cost_little(schema, properties, keyword):
    """Without the limits the first of these takes half a minute."""
    assert check_schema(written(schema)) == []

    assert Compiled(written(schema)).violation(properties).keyword == keyword
