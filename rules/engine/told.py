"""What conditions saw, as plain JSON: each comparison's actual and expected value, and what would have to change."""

from __future__ import annotations

from typing import Any

from rules.engine import clock
from rules.engine.linked import Linked, Readings, Test, holds
from rules.engine.values import LARGEST, MISSING, TYPE_WORDS, in_words, plain


def conditions(linked: Linked | None, readings: Readings) -> dict[str, Any]:
    """The tree of one rule's conditions; without any, always true."""
    return _part(linked, readings, wanted=True) if linked is not None else {"all": [], "matched": True}


def _part(linked: Linked, readings: Readings, *, wanted: bool) -> dict[str, Any]:
    """`wanted` is the answer that would help the rule to match: under `not` and `none` it is the opposite."""
    if isinstance(linked, Test):
        return leaf(linked, readings, wanted=wanted)
    kind = linked.kind
    inner = wanted is not linked.negates
    parts = [_part(part, readings, wanted=inner) for part in linked.parts]
    answers = [part["matched"] for part in parts]
    matched = all(answers) if kind == "all" else any(answers) is not linked.negates
    return {kind: parts[0] if kind == "not" else parts, "matched": matched}


def misses(told: dict[str, Any], *, wanted: bool) -> tuple[int, list[str]]:
    """How many comparisons would have to come out otherwise for the conditions to be as wanted, at least; and what those need."""
    if "name" in told:
        return (1, [told["needs"]]) if told["matched"] is not wanted else (0, [])
    kind = next(kind for kind in ("all", "any", "none", "not") if kind in told)
    parts = told[kind] if kind != "not" else [told[kind]]
    inner = [misses(part, wanted=wanted is not (kind in {"not", "none"})) for part in parts]
    if wanted is not (kind == "any"):  # all of them
        return sum(count for count, _ in inner), [need for _, needs in inner for need in needs]
    return min(inner, key=lambda one: one[0])


def leaf(test: Test, readings: Readings, *, wanted: bool) -> dict[str, Any]:
    way = test.ways[0]
    value = readings[way.source]
    if test.same and _short(value):
        # Most comparisons: what was read is what the facts hold, and can be shown as it is.
        matched = way.predicate(value)
        told = test.shown.copy()
        told["actual"], told["matched"] = value, matched
        if matched is not wanted:
            told["needs"] = _needs(test, value, readings, wanted=wanted)
        return told
    if len(test.ways) == 1 and not way.extra:
        matched, missing = (test.missing, True) if value is MISSING else (way.predicate(value), False)
    else:
        matched, missing = holds(test, readings), not any(way.asks(readings) for way in test.ways)
    told = test.shown.copy()
    told["actual"], told["matched"] = readings[test.seen], matched
    if test.other is not None:
        told["expected_value"] = plain(readings[test.other])
    if missing:
        told["missing"] = True
        told["missing_policy"] = test.policy
    if matched is not wanted:
        told["needs"] = _needs(test, readings.raw(test.variable.name), readings, wanted=wanted)
    return told


def _short(value: Any) -> bool:
    """Whether a value can stand in JSON as it is, as most do."""
    kind = value.__class__
    if kind is int or kind is float:
        return bool(-LARGEST < value < LARGEST)
    return kind is bool or (kind is str and len(value) < 100 and value.isascii())


def _needs(test: Test, actual: object, readings: Readings, *, wanted: bool) -> str:
    """Such as: needs cart value of at least 100; it is 80."""
    phrase, expected = test.ways[0].operator.needs, test.expected
    if test.other is not None:
        phrase = phrase.format(f"{expected} ({_said(readings[test.other], test)})")
    elif test.ways[0].operator.operand.name == "range" and isinstance(expected, tuple):
        phrase = phrase.format(*map(in_words, expected))
    elif isinstance(expected, str) and test.ways[0].operator.operand.name in {"items", "duration", "nothing", "split"}:
        phrase = phrase.format(expected)
    else:
        phrase = phrase.format(in_words(expected))
    return f"needs {test.variable.label} {'' if wanted else 'not '}{phrase}; {_is(test, actual, readings)}"


def _is(test: Test, actual: object, readings: Readings) -> str:
    if actual is MISSING or actual is None:
        return "it is missing" if test.variable.default is MISSING else "it is empty"
    if all(readings[way.source] is MISSING for way in test.ways):
        reads = test.ways[0].operator.reads or test.variable.type
        return f"it is {in_words(actual)}, which is not {TYPE_WORDS[reads]}, so it counts as missing"
    return f"it {'holds' if actual and isinstance(actual, list | tuple | set | frozenset) else 'is'} {in_words(actual)}"


def _said(value: object, test: Test) -> str:
    """A read value as people write it."""
    return clock.utc(value) if test.variable.type == "datetime" and isinstance(value, int | float) else in_words(value)
