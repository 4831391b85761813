"""zen-engine: the rules as a decision table, a column for each name, and the fastest of its ways to load and ask one."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import zen

from tests.benchmarks.engine.peers import TYPES, Engine, Mode, nested
from tests.benchmarks.engine.rulesets import Case, Condition

COMPARED = {"greater_than": ">", "greater_than_or_equal_to": ">=", "less_than": "<", "less_than_or_equal_to": "<="}
KEY, PLAIN, TRACED = "rules", "zen-engine", "zen-engine, trace"
Asked = Callable[..., Any]


def table(case: Case, mode: Mode) -> dict[str, Any]:
    """The names that select most come first: a row is left at its first cell that does not fit."""
    names = list(reversed(TYPES))
    content = {
        "hitPolicy": "first" if mode == "first" else "collect",
        "inputs": [{"id": name, "name": name, "type": "expression", "field": name} for name in names],
        "outputs": [{"id": "rule", "name": "rule", "type": "expression", "field": "rule"}],
        "rules": [_row(key, conditions, names) for key, conditions in case.flattened()],
    }
    kinds = {"in": "inputNode", "table": "decisionTableNode", "out": "outputNode"}
    nodes = [{"id": key, "name": key, "type": kind, "position": {"x": 0, "y": 0}} for key, kind in kinds.items()]
    nodes[1]["content"] = content
    edges = [("in", "table"), ("table", "out")]
    return {"nodes": nodes, "edges": [{"id": f"{a}-{b}", "type": "edge", "sourceId": a, "targetId": b} for a, b in edges]}


def _row(key: str, conditions: tuple[Condition, ...], names: list[str]) -> dict[str, str]:
    cells = {condition["name"]: _cell(condition) for condition in conditions}
    return {"_id": key, "rule": json.dumps(key)} | {name: cells.get(name, "") for name in names}


def _cell(condition: Condition) -> str:
    operator, value = condition["operator"], condition["value"]
    match operator:
        case "is_true" | "is_false":
            return "true" if operator == "is_true" else "false"
        case "equal_to":
            return json.dumps(value)
        case "contains":
            return f"contains($, {json.dumps(value)})"
        case "shares_at_least_one_element_with":
            # Of the forms tried (some, in, contains), those without a closure are three times as fast.
            return " or ".join(f"contains($, {json.dumps(one)})" for one in value)
    return f"{COMPARED[operator]} {value}"


def static(content: dict[str, Any]) -> Asked:
    engine = zen.ZenEngine({"loader": {"type": "static", "content": {KEY: content}}})
    return partial(engine.evaluate, KEY)


def _callback_content(content: dict[str, Any]) -> Asked:
    loaded = zen.ZenDecisionContent(json.dumps(content))
    engine = zen.ZenEngine({"loader": lambda key: loaded})
    return partial(engine.evaluate, KEY)


def _callback_text(content: dict[str, Any]) -> Asked:
    text = json.dumps(content)
    engine = zen.ZenEngine({"loader": lambda key: text})
    return partial(engine.evaluate, KEY)


def _decision(content: dict[str, Any]) -> Asked:
    return zen.ZenEngine().create_decision(zen.ZenDecisionContent(json.dumps(content))).evaluate


def _decision_of_text(content: dict[str, Any]) -> Asked:
    return zen.ZenEngine().create_decision(json.dumps(content)).evaluate


def _decision_of_static(content: dict[str, Any]) -> Asked:
    return zen.ZenEngine({"loader": {"type": "static", "content": {KEY: content}}}).get_decision(KEY).evaluate


LOADED: dict[str, Callable[[dict[str, Any]], Asked]] = {
    "static loader": static,
    "callback giving a ZenDecisionContent": _callback_content,
    "create_decision(ZenDecisionContent)": _decision,
    "create_decision(text)": _decision_of_text,
    "static loader, get_decision": _decision_of_static,
    "callback giving text (its README's)": _callback_text,
}
TAKEN: dict[str, Callable[[Any], Any]] = {"dict": nested, "JSON bytes": lambda user: json.dumps(nested(user)).encode()}


@dataclass(frozen=True, slots=True)
class Way:
    """How a table is loaded, and in what form it is told of a user."""

    loaded: str
    taken: str


def ways(case: Case, seconds: float) -> dict[Way, float]:
    """Every way's microseconds of CPU for a decision, the best of three tries of so many seconds."""
    found = {}
    for loaded, load in LOADED.items():
        ask = load(table(case, "all"))
        for taken, form in TAKEN.items():
            users = [form(user) for user in case.users]
            ask(users[0])
            found[Way(loaded, taken)] = min(_cpu(ask, users, seconds) for _ in range(3))
    return found


def _cpu(ask: Asked, users: list[Any], seconds: float) -> float:
    started, asked = time.process_time(), 0
    while (passed := time.process_time() - started) < seconds:
        ask(users[asked % len(users)])
        asked += 1
    return passed / asked * 1e6


def engines(case: Case, mode: Mode, way: Way) -> list[Engine]:
    """Without and with its trace, which tells of every node and of the row that matched."""
    ask, form = LOADED[way.loaded](table(case, mode)), TAKEN[way.taken]
    return [Engine(PLAIN, form, ask, _read), Engine(TRACED, form, lambda context: ask(context, {"trace": True}), _read)]


def _read(answer: Any) -> list[str]:
    result = answer["result"] or []
    return [row["rule"] for row in (result if isinstance(result, list) else [result])]
