"""Plain values to the workspace's structs. msgspec stops at the first mismatch; this finds every one, with its place."""

from __future__ import annotations

import types
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from rules.engine import limits
from rules.engine.errors import DocumentError, Problem
from rules.engine.strict import step
from rules.engine.workspace import Workspace


def convert(value: object) -> Workspace:
    """The workspace, or DocumentError with every mismatch."""
    try:
        return msgspec.convert(value, Workspace)
    except msgspec.ValidationError as error:
        found = list(islice(mismatches(value, Workspace, "$"), limits.PROBLEMS))
        raise DocumentError(found or [Problem("bad_value", "$", str(error))]) from error


def mismatches(value: object, kind: Any, path: str) -> Iterator[Problem]:
    """Descends as the types do; what it does not descend into is judged by msgspec, so the two can't disagree.

    Recursion goes as deep as the document, whose nesting was limited before.
    """
    if get_origin(kind) in {Union, types.UnionType}:
        if value is None:
            return
        kind = next(member for member in get_args(kind) if member is not types.NoneType)
    bare = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    if isinstance(bare, type) and issubclass(bare, msgspec.Struct) and isinstance(value, dict):
        yield from _fields(value, bare, path)
    elif get_origin(bare) is list and isinstance(value, list | tuple):
        if bare is not kind:
            yield from _own(value, Annotated[(list[Any], *kind.__metadata__)], path)
        for index, part in enumerate(value):
            yield from mismatches(part, get_args(bare)[0], f"{path}[{index}]")
    elif get_origin(bare) is dict and isinstance(value, dict):
        for key, part in value.items():
            yield from _own(key, get_args(bare)[0], path)
            yield from mismatches(part, get_args(bare)[1], step(path, str(key)))
    else:
        yield from _own(value, kind, path)


def _fields(value: dict[Any, object], struct: type[msgspec.Struct], path: str) -> Iterator[Problem]:
    known = _known(struct)
    for name, field in known.items():
        if name in value:
            yield from mismatches(value[name], field.type, step(path, name))
        elif field.required:
            yield Problem("missing_field", path, f"{name!r} is missing", f"Add {name!r}.")
    for name in value:
        if name not in known:
            fix = f"Use one of: {', '.join(sorted(known))}."
            yield Problem("unknown_field", step(path, str(name)), f"there is no field {str(name)[:100]!r} here", fix)


@cache
def _known(struct: type[msgspec.Struct]) -> dict[str, msgspec.structs.FieldInfo]:
    """Read from the annotations' text, so not for every object anew."""
    return {field.encode_name: field for field in msgspec.structs.fields(struct)}


def _own(value: object, kind: Any, path: str) -> Iterator[Problem]:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        words = str(error).split(" - at ")[0].replace("`", "")
        code = "wrong_type" if ", got " in words else "bad_value"
        yield Problem(code, path, words[:1].lower() + words[1:], _hint(kind))


def _hint(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return f"Write one of: {', '.join(map(str, get_args(kind)))}."
    described = [meta.description for meta in getattr(kind, "__metadata__", ()) if getattr(meta, "description", None)]
    return f"Write {described[0]}." if described else ""
