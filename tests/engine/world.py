"""A small workspace with a name of every type, for tests to put rules and conditions into."""

from __future__ import annotations

import copy
from typing import Any

from rules.engine import DocumentError, Problem, Ruleset, compile_ruleset, parse_workspace

BASE: dict[str, Any] = {
    "workspace": {"key": "world", "timezone": "Europe/Berlin"},
    "traits": [
        {"key": "number", "type": "number"},
        {"key": "text", "type": "text"},
        {"key": "boolean", "type": "boolean"},
        {"key": "plan", "type": "one_of", "values": ["free", "gold", "Platinum"]},
        {"key": "likes", "type": "many_of", "values": ["shoes", "Hats", "coats"]},
        {"key": "words", "type": "many_of"},
        {"key": "joined", "type": "datetime"},
        {"key": "cart_value", "type": "number"},
        {"key": "limit", "type": "number"},
        {"key": "nick", "type": "text"},
        {"key": "app", "type": "text"},
        {"key": "address", "type": "text"},
        {"key": "bought", "type": "datetime"},
        {"key": "stay", "type": "duration"},
        {"key": "usual_stay", "type": "duration"},
        {"key": "items", "type": "objects"},
    ],
    "context": [{"key": "store", "type": "number"}],
    "signals": [{"key": "views", "event": "Viewed"}, {"key": "clicks", "event": "Clicked"}],
    "tags": [{"key": "loyal"}, {"key": "new"}, {"key": "big-spender"}],
    "scores": [{"key": "intent", "terms": [{"signal": "views"}], "bands": {"high": 0.8, "medium": 0.5, "low": 0}}],
    "thresholds": [{"key": "big-cart", "value": 100}, {"key": "small-cart", "value": 10}],
    "templates": [
        {"key": "one"},
        {"key": "two"},
        {"key": "three"},
        {"key": "otherwise"},
        {"key": "with-headline", "fields": {"headline": "Hi"}},
    ],
    "placements": [{"key": "slot", "fallback": {"template": "otherwise"}, "rules": []}],
}


def document(rules: list[dict[str, Any]] | None = None, **parts: Any) -> dict[str, Any]:
    """The base with these rules in its placement, and with whole parts replaced."""
    made = copy.deepcopy(BASE)
    made["placements"][0]["rules"] = rules or []
    return made | parts


def rule(when: dict[str, Any] | None = None, key: str = "rule", template: str | None = "one", **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"key": key} | more
    if when is not None:
        made["when"] = when
    if template is not None:
        made["then"] = {"template": template}
    return made


def compiled(rules: list[dict[str, Any]], **parts: Any) -> Ruleset:
    return compile_ruleset(parse_workspace(document(rules, **parts)))


def matches(when: dict[str, Any], facts: dict[str, Any]) -> bool:
    return compiled([rule(when)]).decide("slot", facts).outcome == "matched"


def problems(data: Any) -> tuple[Problem, ...]:
    """What parsing finds; nothing when the document is fine."""
    try:
        parse_workspace(data)
    except DocumentError as error:
        return error.problems
    return ()


def codes(data: Any) -> list[str]:
    return [problem.code for problem in problems(data)]


def leaf(name: str, operator: str, *value: Any) -> dict[str, Any]:
    return {"name": name, "operator": operator} | ({"value": value[0]} if value else {})


def path_of_winner(told: list[dict[str, Any]]) -> list[str]:
    """By an explanation's rules: the keys down to the one that won. The rules on the way to it come last on their levels."""
    path = []
    while told:
        path.append(told[-1]["key"])
        if told[-1].get("won"):
            return path
        told = told[-1].get("otherwise") or told[-1]["children"]
    return []


def winners(told: list[dict[str, Any]]) -> list[str]:
    """By an explanation's rules: the keys of all that won, wherever they stand."""
    found = []
    for one in told:
        found += [one["key"]] if one.get("won") else []
        found += winners([*one["children"], *one.get("otherwise", [])])
    return found
