"""Conditions as JSON (business-rules' form, and what it has not) to nodes and back."""

from __future__ import annotations

from collections.abc import Mapping

from rules.engine import limits
from rules.engine.errors import Problem
from rules.engine.nodes import KINDS, All, Any, Compare, NameRef, Node, NoneOf, Not, ThresholdRef
from rules.engine.values import in_words

GROUPS: Mapping[str, type[All] | type[Any] | type[NoneOf]] = {"all": All, "any": Any, "none": NoneOf}
LEAF = frozenset({"name", "operator", "value", "missing", "id"})
"""`id` is only for histories, to tell which comparison became which; nothing is decided by it."""
OF_ITEMS = frozenset({"any_item", "every_item", "no_item"})
SHAPE = 'Write {"all": [...]}, {"any": [...]}, {"none": [...]}, {"not": {...}}, or {"name": ..., "operator": ..., "value": ...}.'


def read_conditions(source: object, path: str = "$") -> tuple[Node | None, list[Problem]]:
    """The tree, or None and every problem of its shape. `path` is where the conditions stand in the document."""
    reading = _Reading()
    node = reading.node(source, path, 1)
    return (None if reading.problems else node), reading.problems


def write_conditions(node: Node) -> dict[str, object]:
    """The JSON that reads back as the same node."""
    match node:
        case Not(child):
            return {"not": write_conditions(child)}
        case Compare(name, operator, value, missing):
            more = {"value": _written(value), "missing": missing}
            return {"name": name, "operator": operator} | {key: part for key, part in more.items() if part is not None}
        case All(children) | Any(children) | NoneOf(children):
            group = next(key for key, kind in GROUPS.items() if kind is type(node))
            return {group: [write_conditions(child) for child in children]}


class _Reading:
    """One document on its way. Depth is counted before descending, so no document reaches Python's recursion limit."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.nodes = 0

    def node(self, source: object, path: str, depth: int) -> Node | None:
        self.nodes += 1
        if self.nodes > limits.CONDITION_NODES:
            if self.nodes == limits.CONDITION_NODES + 1:
                self._found("too_many_conditions", path, f"there are more than {limits.CONDITION_NODES} conditions", "Use a tag instead.")
            return None
        if depth > limits.CONDITION_DEPTH:
            words = f"groups are nested more than {limits.CONDITION_DEPTH} deep"
            return self._found("too_deep", path, words, "Use children of the rule, or fewer groups.")
        if not isinstance(source, dict):
            return self._found("conditions_shape", path, "a condition is an object", SHAPE)
        keys = set(source)
        if len(keys) == 1 and (group := next(iter(keys))) in GROUPS:
            return self._group(group, source[group], f"{path}.{group}", depth)
        if keys == {"not"}:
            child = self.node(source["not"], f"{path}.not", depth + 1)
            return child and Not(child)
        return self._leaf(source, keys, path, depth)

    def _group(self, group: str, parts: object, path: str, depth: int) -> Node | None:
        if not isinstance(parts, list | tuple):
            return self._found("conditions_shape", path, f"{group!r} holds a list of conditions", SHAPE)
        if not parts:
            words = f"{group!r} is empty, so it would be the same for everyone"
            return self._found("empty_group", path, words, "Add a condition, or remove the group.")
        children = []
        for index, part in enumerate(parts):
            if self.nodes > limits.CONDITION_NODES:
                return None
            child = self.node(part, f"{path}[{index}]", depth + 1)
            if child is not None:
                children.append(child)
        return GROUPS[group](tuple(children)) if children else None

    def _leaf(self, source: dict[object, object], keys: set[object], path: str, depth: int) -> Node | None:
        name, operator, missing = source.get("name"), source.get("operator"), source.get("missing")
        if not keys <= LEAF or not isinstance(name, str) or not isinstance(operator, str):
            return self._found("conditions_shape", path, f"this is neither a group nor a comparison: {_named(keys)}", SHAPE)
        if len(name) > limits.NAME or len(operator) > limits.NAME:
            return self._found("unknown_name", path, f"no name has more than {limits.NAME} characters")
        if missing is not None and not isinstance(missing, bool):
            words = f"`missing` is the answer without a value, true or false, not {in_words(missing)}"
            return self._found("conditions_shape", f"{path}.missing", words, "Write true or false, or leave it out.")
        identity = source.get("id", "")
        if not isinstance(identity, str) or len(identity) > limits.NAME:
            words = f"`id` is text of at most {limits.NAME} characters, by which a history knows the comparison again"
            return self._found("conditions_shape", f"{path}.id", words, "Leave it out, or write a short word.")
        value = source.get("value")
        if operator in OF_ITEMS and isinstance(value, dict):
            value = self.node(value, f"{path}.value", depth + 1)
        elif isinstance(value, list | tuple):
            if len(value) > limits.LIST:
                words = f"the list has {len(value)} elements; at most {limits.LIST} are allowed"
                return self._found("list_too_long", f"{path}.value", words, "Use a tag instead.")
            value = tuple(self._scalar(part, f"{path}.value[{index}]") for index, part in enumerate(value))
        else:
            value = self._scalar(value, f"{path}.value")
        return Compare(name, operator, value, missing, path)

    def _scalar(self, value: object, path: str) -> object:
        if value is None or isinstance(value, str | int | float):
            return value
        if isinstance(value, dict) and set(value) == {"threshold"} and isinstance(value["threshold"], str):
            return ThresholdRef(value["threshold"])
        if isinstance(value, dict) and set(value) == {"name"} and isinstance(value["name"], str):
            return NameRef(value["name"])
        words = "a value to compare with is text, a number, a list of them, a named threshold or another name"
        return self._found("wrong_value", path, words, 'Write {"threshold": "big-cart"} or {"name": "traits.limit"}.')

    def _found(self, code: str, path: str, message: str, fix: str = "") -> Node | None:
        """Notes a problem and answers None, what stands for a node that can't be read."""
        if len(self.problems) < limits.PROBLEMS:
            self.problems.append(Problem(code, path, message, fix))
        return None


def _named(keys: set[object]) -> str:
    shown = sorted(key[:40] if isinstance(key, str) else f"a key of type {type(key).__name__}" for key in keys)
    return f"it has {', '.join(shown[:8])}" if shown else "it is empty"


def _written(value: object) -> object:
    if isinstance(value, tuple):
        return [_written(part) for part in value]
    if isinstance(value, KINDS):
        return write_conditions(value)
    if isinstance(value, NameRef):
        return {"name": value.name}
    return {"threshold": value.key} if isinstance(value, ThresholdRef) else value
