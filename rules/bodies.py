"""Bodies: what one draft or version holds, made from the workspace document and made into it again. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, NamedTuple

import msgspec

from rules.engine import DocumentError, Problem, limits
from rules.engine import workspace as document
from rules.engine.strict import faults, step
from rules.engine.structure import mismatches

Body = dict[str, Any]
Identity = tuple[str, str]
"""(kind, key)."""


class RuleBody(document.Rule, forbid_unknown_fields=True, frozen=True, omit_defaults=True, kw_only=True):
    """A rule by itself: it names its placement, its parent and its place among its siblings instead of being nested."""

    placement: document.Key
    parent: document.Key | None = None
    position: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 0
    children: Annotated[list[document.Rule], msgspec.Meta(max_length=0)] = []


class Kind(NamedTuple):
    key: str
    field: str
    """Its list in the workspace document."""
    struct: type[document.Authored]


KINDS: dict[str, Kind] = {
    kind.key: kind
    for kind in (
        Kind("purpose", "purposes", document.Purpose),
        Kind("trait", "traits", document.Trait),
        Kind("context", "context", document.Attribute),
        Kind("event", "events", document.EventSchema),
        Kind("signal", "signals", document.Signal),
        Kind("tag", "tags", document.Tag),
        Kind("score", "scores", document.Score),
        Kind("segment", "segments", document.Segment),
        Kind("threshold", "thresholds", document.Threshold),
        Kind("template", "templates", document.Template),
        Kind("placement", "placements", document.Placement),
        Kind("rule", "rules", RuleBody),
    )
}
FIELDS = {kind.field: kind.key for kind in KINDS.values()}
STEP = 10
"""Positions are dealt with gaps, so that a rule put between two others leaves theirs, and so their versions, alone."""


def parse(kind: str, key: str, body: Mapping[str, Any]) -> document.Authored:
    """The body as its struct. Raises DocumentError with every mismatch."""
    whole = {**body, "key": key}
    problems = unstorable(whole) or list(mismatches(whole, KINDS[kind].struct, "$"))
    if problems:
        raise DocumentError(problems)
    return msgspec.convert(whole, KINDS[kind].struct)


def normal(kind: str, key: str, body: Mapping[str, Any]) -> Body:
    """The one form in which a body is stored and hashed: checked, defaults left out, without `key` and `version`."""
    return _strip(parse(kind, key, body))


def unstorable(value: object) -> list[Problem]:
    """What PostgreSQL or canonical JSON would choke on, or give back as something else."""
    return faults(value) or list(_too_large(value, "$"))


CAN_HOLD = (float, dict, list, tuple, Mapping)
"""Types of what may be, or hold, a number that is too large: most values of a document are text, which need no path."""


def _too_large(value: object, path: str) -> Iterator[Problem]:
    """jsonb gives 1e18 back as a whole number, which RFC 8785 refuses. Recursion is safe: `faults` has limited the depth."""
    if isinstance(value, float) and abs(value) > limits.INTEGER:
        yield Problem("bad_number", path, "this number is beyond 2^53, where JSON readers disagree", "Write a smaller number.")
    elif isinstance(value, Mapping):
        for key, part in value.items():
            if isinstance(part, CAN_HOLD):
                yield from _too_large(part, step(path, key))
    elif isinstance(value, list | tuple):
        for index, part in enumerate(value):
            if isinstance(part, CAN_HOLD):
                yield from _too_large(part, f"{path}[{index}]")


def flatten(workspace: document.Workspace, known: Mapping[Identity, Body] | None = None) -> dict[Identity, Body]:
    """Every authored thing of a document by identity. `known` are today's bodies: positions that still hold are kept."""
    places = {key: body.get("position", 0) for (kind, key), body in (known or {}).items() if kind == "rule"}
    found: dict[Identity, Body] = {}
    for kind in list(KINDS.values())[:-1]:
        for thing in getattr(workspace, kind.field):
            found[kind.key, thing.key] = _strip(thing, without=("rules",))
    for placement in workspace.placements:
        found.update(_flat_rules(placement.key, None, placement.rules, places))
    return found


def _flat_rules(placement: str, parent: str | None, rules: Sequence[document.Rule], places: Mapping[str, int]) -> dict[Identity, Body]:
    found: dict[Identity, Body] = {}
    dealt = positions([rule.key for rule in rules], places)
    for rule in rules:
        where = {"placement": placement, "parent": parent, "position": dealt[rule.key]}
        found["rule", rule.key] = normal("rule", rule.key, {**_strip(rule, without=("children",)), **where})
        found.update(_flat_rules(placement, rule.key, rule.children, places))
    return found


def positions(order: Sequence[str], known: Mapping[str, int]) -> dict[str, int]:
    """Rising positions for siblings in this order, changing as few known ones as can be. Equal ones rise by key."""
    dealt: dict[str, int] = {}
    last = (-1, "")
    for index, key in enumerate(order):
        here = (known.get(key, -1), key)
        if key not in known or here <= last:
            after = next((known[later] for later in order[index + 1 :] if known.get(later, -1) > last[0]), None)
            here = ((last[0] // STEP + 1) * STEP if after is None else (last[0] + after) // 2, key)
            if here[0] <= last[0]:  # no room left between two neighbours
                return {name: place * STEP for place, name in enumerate(order)}
        dealt[key] = here[0]
        last = here
    return dealt


def nest(
    settings: document.Settings, bodies: Mapping[Identity, Body], numbers: Mapping[Identity, int] | None = None
) -> tuple[Body, list[Problem]]:
    """The workspace document of these bodies, and what has no place in it: rules whose placement or parent is not there."""
    things = {
        identity: {"key": identity[1], **({"version": numbers[identity]} if numbers else {}), **body}
        for identity, body in sorted(bodies.items())
    }
    rules = {key: thing for (kind, key), thing in things.items() if kind == "rule"}
    problems = _misplaced(rules, {key for kind, key in things if kind == "placement"})
    lost = {problem.path.split(".")[2] for problem in problems}
    beneath: dict[tuple[str, str | None], list[Body]] = {}
    for key, rule in sorted(rules.items(), key=lambda named: (named[1].get("position", 0), named[0])):
        if key not in lost:
            beneath.setdefault((rule["placement"], rule.get("parent")), []).append(rule)
    whole: Body = {"schema": 1, "workspace": msgspec.to_builtins(settings)}
    for kind in list(KINDS.values())[:-1]:
        listed = [thing for (owner, _), thing in things.items() if owner == kind.key]
        if listed:
            whole[kind.field] = listed
    for placement in whole.get("placements", []):
        tree = _branch(placement["key"], None, beneath)
        if tree:
            placement["rules"] = tree
    return whole, problems


def _branch(placement: str, parent: str | None, beneath: Mapping[tuple[str, str | None], list[Body]]) -> list[Body]:
    found = []
    for rule in beneath.get((placement, parent), []):
        node = {name: value for name, value in rule.items() if name not in {"placement", "parent", "position"}}
        children = _branch(placement, rule["key"], beneath)
        found.append({**node, "children": children} if children else node)
    return found


def _misplaced(rules: Mapping[str, Body], placements: set[str]) -> list[Problem]:
    """Their paths are `$.rules.<key>.<field>`: rules without a place have no other one."""
    problems = []
    for key, rule in rules.items():
        placement, parent = rule["placement"], rule.get("parent")
        if placement not in placements:
            problems.append(
                Problem(
                    "unknown_placement",
                    f"$.rules.{key}.placement",
                    f"There is no placement {placement}.",
                    "Choose another, or remove the rule.",
                )
            )
        elif parent is not None and parent not in rules:
            problems.append(
                Problem(
                    "unknown_parent", f"$.rules.{key}.parent", f"There is no rule {parent}.", "Move this rule elsewhere, or remove it too."
                )
            )
        elif parent is not None and rules[parent]["placement"] != placement:
            problems.append(
                Problem(
                    "parent_elsewhere",
                    f"$.rules.{key}.parent",
                    f"The rule {parent} is in another placement.",
                    "Choose a rule of this placement.",
                )
            )
        elif _circular(key, rules):
            problems.append(
                Problem(
                    "parent_circle",
                    f"$.rules.{key}.parent",
                    "This rule would stand beneath itself.",
                    "Choose a rule that is not beneath it.",
                )
            )
    return problems


def _circular(key: str, rules: Mapping[str, Body]) -> bool:
    """Whether the way up from a rule comes back to itself. A way into somebody else's circle is their problem."""
    seen, at = {key}, rules[key].get("parent")
    while at in rules and at not in seen:
        seen.add(at)
        at = rules[at].get("parent")
    return at == key


def whose(whole: Mapping[str, Any], path: str) -> tuple[Identity | None, str]:
    """Which thing of a document a problem's path points into, and the path within that thing's body."""
    flat = re.match(r"\$\.rules\.([^.\[]+)(.*)", path)
    if flat:
        return ("rule", flat[1]), "$" + flat[2]
    found: Identity | None = None
    at: Any = whole
    rest, kind = path.removeprefix("$"), ""
    while step := re.match(r"\.(\w+)\[(\d+)\]", rest):
        kind = {"rules": "rule", "children": "rule"}.get(step[1], FIELDS.get(step[1], "")) if kind in {"", "placement", "rule"} else ""
        listed = at.get(step[1]) if isinstance(at, Mapping) else None
        if not kind or not isinstance(listed, list) or int(step[2]) >= len(listed):
            break
        at = listed[int(step[2])]
        rest = rest[step.end() :]
        found = (kind, at["key"])
    return found, "$" + rest


ORDER = ("schema", "workspace", *FIELDS, "key", "name", "description", "version", "operator", "value", "event", "when", "then")
LAST = ("rules", "children")


def pretty(value: object) -> str:
    """JSON for people: two spaces, names first, trees last, and the same text whenever the content is the same."""
    return json.dumps(_ordered(value), indent=2, ensure_ascii=False)


def _ordered(value: object) -> object:
    if isinstance(value, Mapping):
        first = {name: index for index, name in enumerate(name for name in ORDER if name not in LAST)}
        return {name: _ordered(value[name]) for name in sorted(value, key=lambda name: (name in LAST, first.get(name, len(first)), name))}
    if isinstance(value, list | tuple):
        return [_ordered(item) for item in value]
    return value


def _strip(thing: document.Authored, without: Iterable[str] = ()) -> Body:
    body = msgspec.to_builtins(thing)
    for name in ("key", "version", *without):
        body.pop(name, None)
    return body
