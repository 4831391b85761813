"""What an event's properties must be like, as rows: one for each property. What rows can't say is shown as JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError

from admin_ui.writing.rows import Cell, Data, Pairs, Rows, RowsField

TYPES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "string": ("text", {"type": "string"}),
    "number": ("a number", {"type": "number"}),
    "integer": ("a whole number", {"type": "integer"}),
    "boolean": ("true or false", {"type": "boolean"}),
    "date-time": ("a date and time", {"type": "string", "format": "date-time"}),
    "array": ("a list", {"type": "array"}),
    "object": ("an object", {"type": "object"}),
}
"""How a property's type is called, and what the schema says of it."""
NUMBERS = {"number", "integer"}


class SchemaRows(Rows):
    """Rows of properties that make a schema of an object: its `properties`, and of those the `required`."""

    def compose(self, data: Data, prefix: str) -> Any:
        rows = super().compose(data, prefix)
        if not rows:
            return {}
        required = [str(row.get("key", "")) for row in rows if row.get("required")]
        properties = Pairs((str(row.get("key", "")), _schema(row)) for row in rows)
        return {"type": "object", "properties": properties} | ({"required": required} if required else {})

    def spread(self, value: Any, prefix: str) -> dict[str, str]:
        if not value:
            return {}
        properties = value.get("properties", {})
        required = value.get("required", [])
        names = [*(name for name in required if name in properties), *(name for name in properties if name not in required)]
        return super().spread([{"key": name, **_row(properties[name]), **_must(name in required)} for name in names], prefix)


def _schema(row: Mapping[str, Any]) -> dict[str, Any]:
    said = row.get("type", "")
    schema: dict[str, Any] = {**TYPES[said][1]} if said in TYPES else {"type": said} if said else {}
    schema |= {word: row[word] for word in ("minimum", "maximum") if word in row}
    if "enum" in row:
        parts = [part.strip() for part in str(row["enum"]).split(",") if part.strip()]
        number = Cell("", "", "number")
        schema["enum"] = [number.read(part) for part in parts] if said in NUMBERS else parts
    return schema


def _row(schema: Mapping[str, Any]) -> dict[str, Any]:
    row = {word: schema[word] for word in ("minimum", "maximum") if word in schema}
    said = {word: schema[word] for word in ("type", "format") if word in schema}
    if said:
        row["type"] = {tuple(written.items()): word for word, (_, written) in TYPES.items()}[tuple(said.items())]
    if "enum" in schema:
        row["enum"] = ", ".join(map(Cell("", "", "number").write, schema["enum"]))
    return row


def _must(required: bool) -> dict[str, bool]:
    return {"required": True} if required else {}


PROPERTIES = SchemaRows(
    "schema",
    "Properties",
    "Property",
    (
        Cell("key", "Property", hint="price"),
        Cell("type", "Is", "choice", choices=(("", "anything"), *((word, words) for word, (words, _) in TYPES.items()))),
        Cell("required", "It", "flag", choices=(("", "may be missing"), ("true", "must be there"))),
        Cell("minimum", "At least", "number"),
        Cell("maximum", "At most", "number"),
        Cell("enum", "Only one of", hint="S, M, L"),
    ),
)


class SchemaField(RowsField):
    """A schema as rows; a property without a name is refused, for nothing could be meant by it."""

    def __init__(self, **options: Any) -> None:
        options.pop("label", None)
        super().__init__(rows=PROPERTIES, **options)

    def to_python(self, value: Any) -> Any:
        schema = super().to_python(value)
        named = (schema or {}).get("properties") if isinstance(schema, dict) else None
        if isinstance(named, dict) and "" in named:
            raise ValidationError("A property has no name. Write what the app calls it, or remove its row.")
        return schema
