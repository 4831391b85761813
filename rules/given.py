"""Facts that somebody writes by hand, one to a line, as in `traits.plan = gold`: read by the vocabulary's types, and written again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from rules.engine import DocumentError, Problem, Variable, Vocabulary
from rules.engine.strict import loads
from rules.engine.values import MISSING, TYPE_WORDS, read_datetime, read_duration
from rules.words import plain

MOST = 200
"""Facts of one user."""
LONGEST = 20_000
"""Characters that are read."""
EXAMPLE = "a name, = and a value, such as traits.plan = gold"
COMPUTED = "segments."
FREE = ("traits.", "context.")
"""An app may tell more of these than rules know, for templates to show."""
YES, NO = frozenset({"yes", "true", "on"}), frozenset({"no", "false", "off"})
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")


def read(text: str, vocabulary: Vocabulary) -> dict[str, Any]:
    """The facts by the names of the vocabulary. A JSON object of names and values is read as it is.

    Raises DocumentError with every line that can't be read; its paths are `$.<number of the line>`.
    """
    if len(text) > LONGEST:
        raise DocumentError([Problem("too_long", "$", f"these are more than {LONGEST:,} characters", "Write fewer facts.")])
    if text.lstrip().startswith("{"):
        return _object(text.strip(), vocabulary)
    found: dict[str, Any] = {}
    problems: list[Problem] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, sign, value = (part.strip() for part in line.partition("="))
        path = f"$.{number}"
        variable = _variable(name, vocabulary)
        if not sign:
            problems.append(Problem("no_value", path, f"line {number}: “{line.strip()[:80]}” gives no value", f"Write {EXAMPLE}."))
        elif name.startswith(COMPUTED):
            problems.append(Problem("computed", path, f"line {number}: who is in a segment follows from other facts", "Write those."))
        elif variable is None:
            unknown = vocabulary.unknown(name, path)
            problems.append(Problem(unknown.code, path, f"line {number}: {unknown.message}", unknown.fix))
        else:
            try:
                found[name] = _value(value, variable)
            except ValueError as error:
                problems.append(Problem("wrong_type", path, f"line {number}: {name}: {error}", f"Write {_example(variable)}."))
    if len(found) > MOST:
        problems.append(Problem("too_many", "$", f"these are {len(found)} facts", f"Write at most {MOST}."))
    if problems:
        raise DocumentError(problems)
    return found


def write(facts: Mapping[str, Any]) -> str:
    """The lines that `read` reads the same."""
    return "\n".join(f"{name} = {_written(value)}" for name, value in sorted(facts.items()))


def unknown(facts: Mapping[str, Any], vocabulary: Vocabulary) -> list[str]:
    """The names that no rule of this vocabulary can read, and as `tags: vip` the values that it does not have."""
    found = []
    for name, value in facts.items():
        variable = vocabulary.get(name)
        if variable is None:
            found.append(name)
        else:
            parts = value if isinstance(value, list | tuple) else [value]
            found += [f"{name}: {part}" for part in parts if isinstance(part, str) and not variable.holds(part, any_case=True)]
    return found


def _variable(name: str, vocabulary: Vocabulary) -> Variable | None:
    found = vocabulary.get(name)
    return Variable(name, "untyped", name) if found is None and name.startswith(FREE) and not name.endswith(".") else found


def _object(text: str, vocabulary: Vocabulary) -> dict[str, Any]:
    """As a decision's facts are shown: names and values, null for one that is missing."""
    plain_facts = loads(text.encode(errors="replace"))
    if not isinstance(plain_facts, dict) or len(plain_facts) > MOST:
        raise DocumentError([Problem("wrong_type", "$", f"this is no object of at most {MOST} names and values")])
    strange = [name for name in plain_facts if _variable(name, vocabulary) is None]
    if strange:
        raise DocumentError([vocabulary.unknown(name, f"$.{name}") for name in strange])
    return {name: value for name, value in plain_facts.items() if value is not None and not name.startswith(COMPUTED)}


def _value(text: str, variable: Variable) -> Any:
    match variable.type:
        case "number":
            if not _NUMBER.fullmatch(text):
                raise ValueError(f"“{text[:80]}” is no number")
            return _number(text)
        case "boolean":
            if text.lower() not in YES | NO:
                raise ValueError(f"“{text[:80]}” is neither yes nor no")
            return text.lower() in YES
        case "many_of":
            return [part for part in (part.strip() for part in text.split(",")) if part]
        case "datetime" if read_datetime(text) is MISSING:
            raise ValueError(f"“{text[:80]}” is no date and time with an offset")
        case "duration":
            seconds: Any = float(text) if _NUMBER.fullmatch(text) else text
            if read_duration(seconds) is MISSING:
                raise ValueError(f"“{text[:80]}” is no duration")
            return seconds
        case "objects" | "untyped" if text[:1] in {"[", "{", '"'}:
            try:
                return msgspec.json.decode(text)
            except msgspec.DecodeError as error:
                raise ValueError(f"“{text[:80]}” can't be read: {error}") from error
        case "objects":
            raise ValueError(f"“{text[:80]}” is no list")
        case "untyped" if _NUMBER.fullmatch(text):
            return _number(text)
    return text


def _number(text: str) -> int | float:
    number = float(text)
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _example(variable: Variable) -> str:
    examples = {
        "number": "12.5",
        "boolean": "yes or no",
        "many_of": "values with commas between them",
        "datetime": "2026-12-24T18:00:00+01:00",
        "duration": "10m, or a number of seconds",
        "objects": '[{"price": 10}]',
    }
    return examples.get(variable.type, TYPE_WORDS[variable.type])


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return ", ".join(value)
    if isinstance(value, list | dict):
        return msgspec.json.encode(value).decode()
    return plain(value)


def examples(vocabulary: Vocabulary) -> Iterator[tuple[str, str, str]]:
    """What may be written: each name with its words and how a value of it looks."""
    for variable in vocabulary.variables.values():
        if variable.name.startswith(COMPUTED):
            continue
        yield variable.name, variable.label, _example(variable)
