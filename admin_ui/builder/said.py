"""Problems of conditions for people who chose them from lists: without the JSON that the engine's words speak of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.utils.text import capfirst

from rules.engine import Problem
from rules.engine.errors import Advice

BLANK = {"name": "Choose what to ask about.", "operator": "Choose how to compare."}
NOTHING_THERE = "Fill in what to compare with."
EMPTY = "This group is empty. Add a condition, or remove the group."
WRITTEN = re.compile(r"[\[{\"]|quotes|brackets|`")
"""A next step that is about how JSON is written, which nobody here has written."""
MOST = 100


def told(problems: Iterable[Problem], conditions: Any) -> list[dict[str, Any]]:
    """`path`, `message`, and `tone`: a problem, or advice that keeps nothing from going live. `blank`: nothing was chosen there yet."""
    found: list[dict[str, Any]] = []
    blank: set[str] = set()
    for problem in problems:
        tone = "advice" if isinstance(problem, Advice) else "problem"
        place, _, field = problem.path.rpartition(".")
        if field in BLANK and _at(conditions, problem.path) == "":
            if place not in blank:  # one thing at a time: what, and then how
                found.append({"path": place, "message": BLANK[field], "tone": tone, "blank": True})
            blank.add(place)
        else:
            found.append({"path": problem.path, "message": _words(problem, conditions), "tone": tone})
    return found[:MOST]


def _words(problem: Problem, conditions: Any) -> str:
    value = _at(conditions, problem.path)
    if problem.code == "value_missing" or (
        problem.code == "wrong_value" and (value is None or (isinstance(value, list) and None in value))
    ):
        return NOTHING_THERE
    if problem.code == "empty_group":
        return EMPTY
    leaf = _at(conditions, problem.path.rpartition(".")[0])
    before = f"{leaf.get('name')} {leaf.get('operator')}: " if isinstance(leaf, dict) else ""
    message = capfirst(problem.message.removeprefix(before)).rstrip(".")
    return f"{message}." if WRITTEN.search(problem.fix) else f"{message}. {problem.fix}".strip()


def _at(conditions: Any, path: str) -> Any:
    """What stands there; None where there is nothing, or no such place."""
    found = conditions
    for key, index in re.findall(r"\.(\w+)|\[(\d+)\]", path.removeprefix("$")):
        if isinstance(found, dict) and key:
            found = found.get(key)
        elif isinstance(found, list) and index and int(index) < len(found):
            found = found[int(index)]
        else:
            return None
    return found
