"""Why a decision came out as it did: what each condition saw, and what would have to change. Runs only when asked for."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from rules.engine.linked import Group, Linked, Readings, Step, Test
from rules.engine.values import MISSING, TYPE_WORDS, in_words, plain


def rules(steps: tuple[Step, ...], readings: Readings, capped: Container[str]) -> dict[str, Any]:
    """Every rule on the way, up to the one that won."""
    told, _ = _rules(steps, readings, capped)
    return {"rules": told}


def conditions(linked: Linked | None, readings: Readings) -> dict[str, Any]:
    """The tree of one rule's conditions; without any, always true."""
    return _part(linked, readings, wanted=True) if linked is not None else {"all": [], "matched": True}


def _rules(steps: tuple[Step, ...], readings: Readings, capped: Container[str]) -> tuple[list[dict[str, Any]], bool]:
    told: list[dict[str, Any]] = []
    for step in steps:
        rule = step.rule
        if not rule.enabled:
            told.append({"key": rule.key, "matched": False, "reason": "disabled", "children": []})
            continue
        seen = conditions(step.linked, readings)
        one: dict[str, Any] = {"key": rule.key, "matched": seen["matched"], "conditions": seen, "children": []}
        told.append(one)
        if not seen["matched"]:
            continue
        one["children"], won = _rules(step.children, readings, capped)
        if won:
            return told, True
        if rule.then is not None and rule.key not in capped:
            one["won"] = True
            return told, True
        if rule.then is not None:
            one["reason"] = "capped"
    return told, False


def _part(linked: Linked, readings: Readings, *, wanted: bool) -> dict[str, Any]:
    """`wanted` is the answer that would help the rule to match: under `not` and `none` it is the opposite."""
    if isinstance(linked, Test):
        return _leaf(linked, readings, wanted=wanted)
    negates = linked.kind in {"not", "none"}
    parts = [_part(part, readings, wanted=wanted is not negates) for part in linked.parts]
    return {linked.kind: parts[0] if linked.kind == "not" else parts, "matched": _holds(linked, parts)}


def _holds(group: Group, parts: list[dict[str, Any]]) -> bool:
    answers = [part["matched"] for part in parts]
    if group.kind == "all":
        return all(answers)
    return any(answers) if group.kind == "any" else not any(answers)


def _leaf(test: Test, readings: Readings, *, wanted: bool) -> dict[str, Any]:
    actual = readings.raw(test.variable.name)
    matched = _matches(test, readings)
    told: dict[str, Any] = {"name": test.variable.name, "operator": test.operator, "expected": plain(test.expected)}
    if test.threshold is not None:
        told["threshold"] = test.threshold
    told |= {"actual": plain(actual), "matched": matched}
    if actual is MISSING or actual is None:
        told["missing"] = True
    if matched is not wanted:
        told["needs"] = _needs(test, actual, readings, wanted=wanted)
    return told


def _matches(test: Test, readings: Readings) -> bool:
    for way in test.ways:
        value = readings[way.source]
        if value is not MISSING:
            return way.predicate(value)
    return test.missing


def _needs(test: Test, actual: object, readings: Readings, *, wanted: bool) -> str:
    """Such as: needs cart value of at least 100; it is 80."""
    phrase = test.ways[0].operator.needs
    if test.ways[0].operator.operand.name == "range" and isinstance(test.expected, tuple):
        phrase = phrase.format(*map(in_words, test.expected))
    else:
        phrase = phrase.format(in_words(test.expected))
    return f"needs {test.variable.label} {'' if wanted else 'not '}{phrase}; {_is(test, actual, readings)}"


def _is(test: Test, actual: object, readings: Readings) -> str:
    if actual is MISSING or actual is None:
        return "it is missing" if test.variable.default is MISSING else "it is empty"
    if all(readings[way.source] is MISSING for way in test.ways):
        reads = test.ways[0].operator.reads or test.variable.type
        return f"it is {in_words(actual)}, which is not {TYPE_WORDS[reads]}, so it counts as missing"
    return f"it {'holds' if actual and isinstance(actual, list | tuple | set | frozenset) else 'is'} {in_words(actual)}"
