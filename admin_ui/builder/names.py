"""What the rule builder offers: names with their types and values, operators in words, thresholds, windows of signals. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rules.engine import Variable, Vocabulary, vocabulary
from rules.engine.aggregates import AGGREGATES, PERIODS, WHOLE
from rules.engine.clock import WEEKDAYS
from rules.engine.link import READ_FROM
from rules.engine.operators import BY_TYPE, NAMES, Operator, for_untyped
from rules.engine.operators.operands import DIVISION, RANGE, Operand
from rules.engine.operators.time_operands import HOURS, LENGTHS, MOMENTS
from rules.engine.values import MISSING, TYPE_WORDS
from rules.engine.workspace import Workspace
from rules.words import Names, humanised, operator_words

GROUPS = {
    "tags": "Tags",
    "traits": "Traits",
    "segments": "Segments",
    "scores": "Scores",
    "context": "The request",
    "consent": "Consent",
    "thresholds": "Thresholds",
    "time": "Time",
    "session": "The session",
    "user": "The user",
}
TOLD_APART = {"weekday_in": "is on (days of the week)", "date_equal_to": "is on (a day)"}
"""Operators that a sentence says alike, since their values tell them apart: a list to choose from can't."""
SPECIAL = {"version": "Versions", "in_network": "Networks and splits", "in_split": "Networks and splits"}
OF_TYPE = {
    "boolean": "Yes or no",
    "number": "Numbers",
    "text": "Text",
    "many_of": "Lists",
    "datetime": "Dates and times",
    "objects": "Lists of objects",
}
"""Headings for what a value of no known type may be compared by. What several of these types have is for any value."""
KINDS: Mapping[Operand, str] = {RANGE: "range", DIVISION: "division", MOMENTS: "moments", LENGTHS: "durations", HOURS: "hours"}
"""Operands that the engine calls by one name, and that people write in different ways."""


def offered(workspace: Workspace) -> dict[str, Any]:
    """One JSON object for every builder of a page, whatever its scope."""
    return {
        "names": [_name(workspace, variable) for variable in Vocabulary.of(workspace).variables.values()],
        "given": [_name(workspace, variable) for variable in (vocabulary.NOW, vocabulary.ZONE)],
        "events": sorted(set(_of_events(workspace))),
        "signals": [
            {"key": signal.key, "label": signal.name or humanised(signal.key), "text": signal.type == "text"}
            for signal in workspace.signals
        ],
        "aggregates": {
            word: {"words": one.words, "usual": one.usual, "after": one.after, "of_text": one.of_text, "same": one.gives == "same"}
            for word, one in AGGREGATES.items()
        },
        "windows": [*WHOLE.items(), *PERIODS.items()],
        "thresholds": [
            {"key": one.key, "label": one.name or humanised(one.key), "value": one.value, "adaptive": one.adaptive is not None}
            for one in workspace.thresholds
        ],
        "types": {
            kind: {"words": TYPE_WORDS[kind], "operators": [_operator(one.name, [one]) for one in known.values()]}
            for kind, known in BY_TYPE.items()
            if kind != "untyped"
        },
        "untyped": [_operator(name, for_untyped(name)) | {"group": _group(name)} for name in _in_order(NAMES)],
    }


def called(workspace: Workspace) -> Names:
    """What conditions call what they may name."""
    named = {
        "trait": workspace.traits, "context": workspace.context, "signal": workspace.signals, "tag": workspace.tags,
        "score": workspace.scores, "segment": workspace.segments, "threshold": workspace.thresholds,
    }  # fmt: skip
    return Names({(kind, one.key): one.name for kind, things in named.items() for one in things if one.name})


def _name(workspace: Workspace, variable: Variable) -> dict[str, Any]:
    kind, _, rest = variable.name.partition(".")
    label = f"segment {variable.label.removeprefix('segment ')}" if kind == "segments" else variable.label
    found = {"name": variable.name, "label": label, "type": variable.type, "group": GROUPS[kind]}
    if kind == "segments" or variable.default is not MISSING:
        found["known"] = True  # it is never missing
    if variable.values is not None:
        found["values"] = [[value, words] for value, words in _values(workspace, variable, kind, rest)]
    return found


def _values(workspace: Workspace, variable: Variable, kind: str, rest: str) -> Iterable[tuple[str, str]]:
    """The values that a name can have with their words, in the order in which their author thinks of them."""
    if kind == "tags":
        return [(tag.key, tag.name or humanised(tag.key)) for tag in workspace.tags]
    values = variable.values or frozenset()
    if kind == "scores":
        bands = next(score.bands for score in workspace.scores if score.key == rest.rpartition(".")[0])
        return [(band, band) for band in sorted(bands, key=lambda band: -bands[band])]
    if values == frozenset(WEEKDAYS):
        return [(day, day.capitalize()) for day in WEEKDAYS]
    declared = [attribute.values for attribute in (*workspace.traits, *workspace.context) if attribute.key == rest]
    order = next((listed for listed in declared if set(listed) == values), sorted(values))
    return [(value, value) for value in dict.fromkeys(order)]


def _operator(name: str, ways: Iterable[Operator]) -> dict[str, Any]:
    """`kinds`: what may be compared with; `others`: the types of name that may stand in its place; `missing`: its own answer."""
    ways = list(ways)
    others = [READ_FROM[way.operand.other] for way in ways if way.operand.other is not None]
    return {
        "name": name,
        "words": TOLD_APART.get(name) or operator_words(name),
        "kinds": list(dict.fromkeys(KINDS.get(way.operand, way.operand.name) for way in ways)),
        "others": list(dict.fromkeys(kind for kinds in others for kind in kinds)),
        "missing": ways[0].missing,
    }


def _group(name: str) -> str:
    special = SPECIAL.get(name) or SPECIAL.get(name.partition("_")[0])
    types = [kind for kind in OF_TYPE if name in BY_TYPE[kind]]
    return special or (OF_TYPE[types[0]] if len(types) == 1 else "Any value")


def _in_order(names: Iterable[str]) -> list[str]:
    shown = list(dict.fromkeys(name for known in BY_TYPE.values() for name in known))
    return [name for name in shown if name in set(names) and for_untyped(name)]


def _of_events(workspace: Workspace) -> Iterator[str]:
    """Paths of events that the workspace speaks of already: in schemas, signals and what tags count by."""
    for event in workspace.events:
        properties = event.schema.get("properties")
        yield from (f"properties.{key}" for key in properties or () if isinstance(properties, dict))
    yield from (signal.value for signal in workspace.signals if signal.value)
    for tag in workspace.tags:
        count, added = (tag.assign.count, tag.assign.sum) if tag.assign else (None, None)
        yield from (path for path in (count and count.by, added and added.of, added and added.by) if path)
    yield from (f"traits.{trait.key}" for trait in workspace.traits)
    yield from (f"context.{name}" for name in (*vocabulary.CONTEXT, *(attribute.key for attribute in workspace.context)))
