"""Event schemas: what keeps one from being used, and compiled ones that hold an event's properties against them at a bounded price."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import jsonschema_rs
import msgspec

from rules.engine import Problem
from rules.engine.strict import step
from rules.engine.workspace import EventSchema

BYTES = 16 * 1024
"""Of a schema as JSON."""
DEPTH = 32
SIZE = 1_000
"""Values in a schema, each `$ref` counted as what it points at: those that point at each other could make a short one endless."""
PATTERNS = 20
PATTERN = 512
"""Characters of a pattern."""
PATTERN_MEMORY = 64 * 1024
"""What a pattern may compile to. The engine is linear in the text, and this bounds by what factor."""
EFFORT = 1_000_000
"""Values of a schema times values of an event: 0.05 to 0.1 s of CPU. What would cost more is refused, or counted, unseen."""
PATTERN_EFFORT = 10_000
"""Patterns of a schema times characters of an event's texts: about 0.1 s of CPU at the worst."""
DETAIL_EFFORT = 5_000
"""Like EFFORT, for saying which alternative failed and why: collecting that costs a hundred times as much as knowing that one did."""
WORDS = 300
PATH = 200

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ALTERNATIVES = ("anyOf", "oneOf")
REFUSED = (
    "$id",
    "$anchor",
    "$dynamicRef",
    "$dynamicAnchor",
    "$recursiveRef",
    "$vocabulary",
    "definitions",
    "unevaluatedProperties",
    "unevaluatedItems",
    "dependencies",
    "contentSchema",
)
NAMED = ("properties", "patternProperties", "$defs", "dependentSchemas")
"""Keywords whose object holds schemas by names that are the author's."""
SCHEMAS = ("items", "contains", "additionalProperties", "propertyNames", "not", "if", "then", "else", "prefixItems", "allOf", *ALTERNATIVES)
FIX = "Write a JSON Schema of the draft 2020-12 for the event's properties."


class Violation(NamedTuple):
    """What does not fit: where in the properties (`/items/*/price`), by which keyword of the schema, and in words."""

    path: str
    keyword: str
    message: str
    at: str = ""
    """The path with the numbers of list items in it, as the event has them."""


class Compiled:
    """One event's schema, to be asked by any thread."""

    def __init__(self, schema: EventSchema) -> None:
        self.mode = schema.mode
        self._size, self._patterns = _measured(schema.schema)
        self._alternatives = _has_alternatives(schema.schema)
        self._validator = _validator(schema.schema)

    def violation(self, properties: Mapping[str, Any]) -> Violation | None:
        """The first thing that does not fit, None where all does."""
        values, characters = _weight(properties)
        if values * self._size > EFFORT or characters * self._patterns > PATTERN_EFFORT:
            return Violation("", "size", "the properties are too many or too long to be checked against this schema")
        if self._validator.is_valid(properties):
            return None
        if self._alternatives and values * self._size > DETAIL_EFFORT:
            return Violation("", "schema", "the properties do not fit the schema; they are too many to say where")
        error = next(self._first(properties))
        alike = "".join(f"/{'*' if isinstance(part, int) else part}" for part in error.instance_path)
        at = "".join(f"/{part}" for part in error.instance_path)
        if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Required):
            alike += f"/{error.kind.property}"
        return Violation(alike[:PATH], error.kind.name, error.message[:WORDS], at[:PATH])

    def _first(self, properties: Mapping[str, Any]) -> Iterator[jsonschema_rs.ValidationError]:
        try:
            self._validator.validate(properties)
        except jsonschema_rs.ValidationError as error:
            yield error


def compile_schemas(schemas: Sequence[EventSchema]) -> dict[str, Compiled]:
    """By the event's name. Raises ValueError for one that `check_schema` finds something wrong with."""
    compiled = {}
    for schema in schemas:
        for problem in check_schema(schema):
            raise ValueError(f"the schema of event {schema.key}: {problem}")
        compiled[schema.event] = Compiled(schema)
    return compiled


def check_schema(schema: EventSchema) -> list[Problem]:
    """Everything that keeps a schema from being used, with paths from the schema's own body (`$.schema.properties.total`)."""
    found = list(_shape(schema.schema))
    if found:
        return found
    found = list(_keywords(schema.schema, "$.schema"))
    try:
        size, patterns = _measured(schema.schema)
    except _Circle as circle:
        return [*found, Problem("schema_circle", "$.schema", str(circle), "Write out as many levels as the event has.")]
    if size > SIZE:
        words = f"the schema has {size} values, with its $refs written out; at most {SIZE} are allowed"
        found.append(Problem("schema_too_large", "$.schema", words, "Ask for less of this event."))
    if patterns > PATTERNS:
        words = f"the schema has {patterns} patterns; at most {PATTERNS} are allowed"
        found.append(Problem("too_many_patterns", "$.schema", words, "Use enum, format or maxLength instead."))
    return found or list(_compiles(schema.schema))


def _shape(schema: dict[str, Any]) -> Iterator[Problem]:
    if (depth := _depth(schema)) > DEPTH:
        yield Problem("schema_too_deep", "$.schema", f"the schema is nested {depth} deep; at most {DEPTH} is allowed", "Use $defs.")
    elif (size := len(msgspec.json.encode(schema))) > BYTES:
        yield Problem(
            "schema_too_large", "$.schema", f"the schema has {size} bytes; at most {BYTES} are allowed", "Ask for less of this event."
        )


def _depth(value: object) -> int:
    """Without recursion: this is what makes recursion safe for the others."""
    depth, level = 0, [value]
    while level:
        depth += 1
        level = [part for one in level for part in _parts(one)]
    return depth


def _parts(value: object) -> Sequence[object]:
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else ()


def _keywords(schema: object, path: str) -> Iterator[Problem]:
    """Keywords that reach out of the schema, or whose price nobody can tell."""
    if not isinstance(schema, dict):
        return
    for word in REFUSED:
        if word in schema:
            yield Problem(
                "schema_keyword", step(path, word), f"{word} is not offered here", "Use $defs, properties and additionalProperties."
            )
    if schema.get("$schema", DIALECT) != DIALECT:
        yield Problem("schema_dialect", f"{path}.$schema", "only JSON Schema 2020-12 is read", f"Write {DIALECT}, or leave it out.")
    reference = schema.get("$ref")
    if reference is not None and not (isinstance(reference, str) and reference.startswith("#/$defs/") and reference.count("/") == 2):
        yield Problem(
            "schema_reference", f"{path}.$ref", "only references to the schema's own $defs are followed", 'Write "#/$defs/<name>".'
        )
    for pattern, where in _patterns(schema, path):
        if len(pattern) > PATTERN:
            yield Problem(
                "pattern_too_long", where, f"the pattern has {len(pattern)} characters; at most {PATTERN} are read", "Shorten it."
            )
    for where, inner in _inner(schema, path):
        yield from _keywords(inner, where)


def _patterns(schema: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    if isinstance(schema.get("pattern"), str):
        yield schema["pattern"], f"{path}.pattern"
    named = schema.get("patternProperties")
    for pattern in named if isinstance(named, dict) else ():
        yield pattern, f"{path}.patternProperties"


def _inner(schema: Mapping[str, Any], path: str) -> Iterator[tuple[str, object]]:
    """The schemas directly within a schema. What stands in enum, const and examples is none."""
    for word in NAMED:
        named = schema.get(word)
        for name, inner in named.items() if isinstance(named, dict) else ():
            yield step(f"{path}.{word}", name), inner
    for word in SCHEMAS:
        inner = schema.get(word)
        if isinstance(inner, list):
            yield from ((f"{path}.{word}[{index}]", each) for index, each in enumerate(inner))
        elif inner is not None:
            yield f"{path}.{word}", inner


class _Circle(ValueError):
    """A `$ref` that comes back to itself."""


def _measured(schema: dict[str, Any]) -> tuple[int, int]:
    """Values and patterns of a schema with its references written out, $defs counted where they are used. Raises _Circle."""
    named = schema.get("$defs")
    definitions = named if isinstance(named, dict) else {}
    known: dict[str, tuple[int, int]] = {}

    def of(value: object, open_: tuple[str, ...]) -> tuple[int, int]:
        size, patterns = 1, 0
        if isinstance(value, dict):
            patterns = sum(1 for _ in _patterns(value, ""))
            reference = value.get("$ref")
            if isinstance(reference, str) and (name := reference.removeprefix("#/$defs/")) in definitions:
                more = referred(name, open_)
                size, patterns = size + more[0], patterns + more[1]
        for key, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
            if key != "$defs":
                more = of(part, open_)
                size, patterns = size + more[0], patterns + more[1]
        return size, patterns

    def referred(name: str, open_: tuple[str, ...]) -> tuple[int, int]:
        if name in open_:
            raise _Circle(f"$defs/{name} refers to itself, straight or by way of others")
        if name not in known:
            known[name] = of(definitions[name], (*open_, name))
        return known[name]

    return of(schema, ())


def _has_alternatives(value: object) -> bool:
    return (isinstance(value, dict) and any(word in value for word in ALTERNATIVES)) or any(map(_has_alternatives, _parts(value)))


def _weight(value: object) -> tuple[int, int]:
    """Values, and characters of texts and names, of what an event holds. Its depth was limited when it was read."""
    if isinstance(value, str):
        return 1, len(value)
    values, characters = 1, 0
    if isinstance(value, dict):
        characters = sum(map(len, value))
    for part in _parts(value):
        more = _weight(part)
        values, characters = values + more[0], characters + more[1]
    return values, characters


def _compiles(schema: dict[str, Any]) -> Iterator[Problem]:
    try:
        _validator(schema)
    except jsonschema_rs.ValidationError as error:
        path = "$.schema"
        for part in error.instance_path:
            path = f"{path}[{part}]" if isinstance(part, int) else step(path, part)
        if error.kind.name == "format" and "regex" in error.message:
            words = f"{error.message[:WORDS]}: a pattern must be linear-time (no look-around, no back-references) and small"
            yield Problem("pattern_refused", path, words, "Say it more simply; for a length use minLength and maxLength.")
        else:
            yield Problem("schema_refused", path, error.message[:WORDS], FIX)
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        yield Problem("schema_refused", "$.schema", str(error)[:WORDS], FIX)


def _validator(schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(
        schema,
        validate_formats=True,
        ignore_unknown_formats=False,
        offline=True,
        pattern_options=jsonschema_rs.RegexOptions(size_limit=PATTERN_MEMORY, dfa_size_limit=8 * PATTERN_MEMORY),
    )
