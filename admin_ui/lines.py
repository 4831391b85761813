"""Steps of a sequence, and things that must all come, as lines of text that people type: each reads back as what it was."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from rules.engine import DocumentError
from rules.engine.strict import loads
from rules.engine.tables.columns import SYMBOL_OF, SYMBOLS
from rules.words import plain

_NOT = re.compile(r"not (?=.)")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_WITHIN = re.compile(r" within (\S+)$")
_TIMES = re.compile(r" (\d{1,6}) times$")
_SUM = re.compile(r" with (\S+) adding up to (\S+)$")
_COMPARISON = re.compile(r"(\S+) (=|!=|>=|>|<=|<) (.+)")
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")
USUAL = {"not": False, "times": 1}
_ROOTS = ("properties.", "context.", "traits.")


def read_step(line: str) -> dict[str, Any]:
    """`not Order Completed within 30m if total > 100`: raises ValueError for conditions that can't be read."""
    return _read(line, steps=True)


def read_need(line: str) -> dict[str, Any]:
    """`Page Dwelled with seconds adding up to 45`, `Page Scrolled 3 times if depth >= 0.6`."""
    return _read(line, steps=False)


def write_step(step: Mapping[str, Any]) -> str:
    return _written(step, read_step)


def write_need(need: Mapping[str, Any]) -> str:
    return _written(need, read_need)


def _read(line: str, *, steps: bool) -> dict[str, Any]:
    part: dict[str, Any] = {}
    if steps and (found := _NOT.match(line)):
        part["not"], line = True, line[found.end() :]
    if quoted := _QUOTED.match(line):
        part["event"], line = json.loads(quoted[0]), line[quoted.end() :]
    line, said, conditions = line.partition(" if ")
    if said:
        part["where"] = read_conditions(conditions.strip())
    if steps and (found := _WITHIN.search(line)):
        part["within"], line = found[1], line[: found.start()]
    if found := _TIMES.search(line):
        part["times"], line = int(found[1]), line[: found.start()]
    if not steps and (found := _SUM.search(line)):
        part["sum"], line = {"of": _property(found[1]), "at_least": _number(found[2])}, line[: found.start()]
    if "event" in part and line.strip():
        raise ValueError(f"“{line.strip()}” can't be read here.")
    return part | {"event": part.get("event", line.strip())}


def read_conditions(text: str) -> Any:
    """`category = shoes and price >= 100`, or JSON: raises ValueError for what is neither."""
    if text.startswith("{"):
        try:
            return loads(text.encode(errors="replace"))
        except DocumentError as error:
            raise ValueError(" ".join(problem.message for problem in error.problems)) from error
    leaves = []
    for said in text.split(" and "):
        found = _COMPARISON.fullmatch(said.strip())
        if found is None:
            raise ValueError(f"“{said.strip()}” is no comparison. Write it as: category = shoes, price >= 100, or as JSON.")
        name, sign, value = found.groups()
        name = name if name.startswith(_ROOTS) else f"properties.{name}"
        leaves.append({"name": name, "operator": SYMBOLS[sign], "value": _value(value.strip())})
    return {"all": leaves}


def _value(text: str) -> Any:
    if text.startswith("@"):
        return {"threshold": text[1:]}
    return _number(text) if _NUMBER.fullmatch(text) else text


def _number(text: str) -> int | float:
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"“{text}” is no number.")
    return float(text) if "." in text else int(text)


def _property(text: str) -> str:
    return text if text.startswith("properties.") else f"properties.{text}"


def _written(part: Mapping[str, Any], read: Callable[[str], dict[str, Any]]) -> str:
    """In as few words as read back the same: plainly, or with the name in quotes, the conditions as JSON, or both."""
    ways = ((quoted, as_json) for as_json in (False, True) for quoted in (False, True))
    lines = [_line(part, quoted=quoted, as_json=as_json) for quoted, as_json in ways]
    return next((line for line in lines if _reads_back(line, part, read)), lines[-1])


def _reads_back(line: str, part: Mapping[str, Any], read: Callable[[str], dict[str, Any]]) -> bool:
    try:
        return read(line) == {key: value for key, value in part.items() if value != USUAL.get(key)}
    except ValueError:
        return False


def _line(part: Mapping[str, Any], *, quoted: bool, as_json: bool) -> str:
    event = str(part.get("event", ""))
    said = ("not " if part.get("not") else "") + (json.dumps(event, ensure_ascii=False) if quoted else event)
    if part.get("times", 1) != 1:
        said += f" {part['times']} times"
    if added := part.get("sum"):
        said += f" with {str(added.get('of', '')).removeprefix('properties.')} adding up to {plain(added.get('at_least'))}"
    if part.get("within"):
        said += f" within {part['within']}"
    where = part.get("where")
    if where:
        said += f" if {json.dumps(where, ensure_ascii=False) if as_json else _said(where)}"
    return said


def _said(where: Any) -> str:
    leaves = where.get("all") if isinstance(where, Mapping) else None
    if not isinstance(leaves, list) or not all(isinstance(leaf, Mapping) and leaf.get("operator") in SYMBOL_OF for leaf in leaves):
        return json.dumps(where, ensure_ascii=False)
    return " and ".join(
        f"{str(leaf.get('name', '')).removeprefix('properties.')} {SYMBOL_OF[leaf['operator']]} {_value_said(leaf.get('value'))}"
        for leaf in leaves
    )


def _value_said(value: Any) -> str:
    return f"@{value.get('threshold')}" if isinstance(value, Mapping) else plain(value)
