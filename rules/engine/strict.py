"""JSON read strictly: what msgspec or another reader of the document might silently take another way is a problem with its place."""

from __future__ import annotations

import json
import math
import re
from functools import lru_cache

from rules.engine import limits
from rules.engine.errors import DocumentError, Problem

# The last alternative takes a string that never ends in one go; without it, a hostile text makes the search quadratic.
_STRUCTURE = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)


class _Object(dict[str, object]):
    """An object in which a key stood twice: JSON readers disagree on which one counts."""

    __slots__ = ("repeated",)
    repeated: tuple[str, ...]


def loads(data: bytes) -> object:
    """The value, or DocumentError. Depth is measured on the text before the recursive parser sees it."""
    if len(data) > limits.DOCUMENT_BYTES:
        words = f"the document has {len(data)} bytes; at most {limits.DOCUMENT_BYTES} are read"
        raise DocumentError([Problem("too_large", "$", words, "Split the workspace.")])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError([Problem("json_syntax", "$", f"byte {error.start} is not UTF-8", "Save the file as UTF-8.")]) from error
    if _deeper_than(text, limits.NESTING):
        raise DocumentError([_too_deep("$")])
    try:
        return json.loads(text, object_pairs_hook=_object, parse_int=_whole, parse_constant=_constant)
    except json.JSONDecodeError as error:
        words = f"this is not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        raise DocumentError([Problem("json_syntax", "$", words, "Correct the text there.")]) from error


def faults(value: object) -> list[Problem]:
    """What is wrong with plain values wherever they stand, without recursion: numbers, texts, keys, depth, size."""
    found: list[Problem] = []
    waiting: list[tuple[object, str, int]] = [(value, "$", 0)]
    seen = 0
    while waiting and len(found) < limits.PROBLEMS:
        part, path, depth = waiting.pop()
        seen += 1
        if seen > limits.VALUES:
            return [*found, Problem("too_large", "$", f"the document has more than {limits.VALUES} values", "Split the workspace.")]
        if isinstance(part, dict | list | tuple) and depth >= limits.NESTING:
            found.append(_too_deep(path))
        elif isinstance(part, dict):
            found += _key_faults(part, path)
            waiting += [(inner, step(path, key), depth + 1) for key, inner in reversed(part.items()) if isinstance(key, str)]
        elif isinstance(part, list | tuple):
            waiting += [(inner, f"{path}[{index}]", depth + 1) for index, inner in reversed(list(enumerate(part)))]
        elif (problem := _fault(part, path)) is not None:
            found.append(problem)
    return found


def step(path: str, key: str) -> str:
    """A key as JSON path writes it: bare where it can be, else quoted, and never long."""
    return path + (_step(key) if len(key) <= limits.NAME else _written(key))


def _written(key: str) -> str:
    key = key.encode("utf-8", "backslashreplace").decode()[: limits.NAME]
    return f".{key}" if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", key) else f"[{json.dumps(key, ensure_ascii=False)}]"


_step = lru_cache(maxsize=4096)(_written)
"""The same few keys stand in every thing of a document."""


def _deeper_than(text: str, most: int) -> bool:
    depth = 0
    for mark in _STRUCTURE.finditer(text):
        first = text[mark.start()]
        if first in "[{":
            depth += 1
            if depth > most:
                return True
        elif first != '"':
            depth -= 1
    return False


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    keys = [key for key, _ in pairs]
    repeating = _Object(plain)
    repeating.repeated = tuple(key for key in plain if keys.count(key) > 1) if len(keys) < 1_000 else ("...",)
    return repeating


def _whole(text: str) -> object:
    # Python refuses to read thousands of digits; a float that is too large is reported by `faults`, with its path.
    return int(text) if len(text) < 20 else float(text)


def _constant(name: str) -> float:
    return float(name)


def _key_faults(found: dict[object, object], path: str) -> list[Problem]:
    problems = [
        Problem("duplicate_json_key", step(path, key), f"the key {key[:100]!r} stands here more than once", "Keep one of them.")
        for key in (found.repeated if isinstance(found, _Object) else ())
    ]
    for key in found:
        if not isinstance(key, str):
            problems.append(Problem("wrong_type", path, f"a key is of type {type(key).__name__}, not text", "Put keys in quotes."))
        elif _text_fault(key):
            problems.append(Problem("bad_text", path, f"a key holds {_text_fault(key)}", "Retype the key."))
    return problems


def _fault(value: object, path: str) -> Problem | None:
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, str):
        words = _text_fault(value)
        return Problem("bad_text", path, f"the text holds {words}", "Retype the text.") if words else None
    if isinstance(value, int | float):
        if isinstance(value, float) and not math.isfinite(value):
            return Problem("bad_number", path, "this number is infinite, too large or not a number", "Write an ordinary number.")
        if isinstance(value, int) and abs(value) > limits.INTEGER:
            return Problem("bad_number", path, "this whole number is beyond 2^53, where JSON readers disagree", "Write it as text.")
        return None
    return Problem(
        "wrong_type", path, f"a value of type {type(value).__name__} can't stand in JSON", "Use text, numbers, lists and objects."
    )


def _text_fault(text: str) -> str:
    if "\0" in text:
        return "a NUL character, which the database can't keep"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "half of a character (a lone surrogate)"
    return ""


def _too_deep(path: str) -> Problem:
    return Problem("too_deep", path, f"arrays and objects are nested more than {limits.NESTING} deep", "Use fewer levels.")
