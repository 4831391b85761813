"""Signpost's own engine: the same rules as a workspace document, parsed, compiled and asked as the service does it."""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec

from rules.engine import Choice, Ruleset, compile_ruleset, parse_workspace
from rules.engine.workspace import Workspace
from tests.benchmarks.engine.peers import Engine, Mode
from tests.benchmarks.engine.rulesets import BOOLEANS, NUMBERS, PLANS, TAGS, Case, Node

PLACEMENT, PLAIN, EXPLAINED = "slot", "Signpost", "Signpost, explained"
FEW = 3
"""The limit of a placement that shows some of what matches."""
PLAIN_FEW, EXPLAINED_FEW = f"Signpost, at most {FEW}", f"Signpost, at most {FEW}, explained"


def document(case: Case) -> dict[str, Any]:
    return {
        "workspace": {"key": "bench"},
        "traits": [
            {"key": "plan", "type": "one_of", "values": list(PLANS)},
            {"key": "interests", "type": "many_of"},
            *({"key": key, "type": "boolean"} for key in BOOLEANS),
            *({"key": key, "type": "number"} for key in NUMBERS),
        ],
        "context": [{"key": "store", "type": "text"}],
        "tags": [{"key": f"tag-{number}"} for number in range(TAGS)],
        "templates": [{"key": "content"}],
        "placements": [{"key": PLACEMENT, "rules": list(map(_rule, case.nodes))}],
    }


def _rule(node: Node) -> dict[str, Any]:
    rule: dict[str, Any] = {"key": node.key, "when": {"all": list(node.conditions)}}
    return rule | ({"children": list(map(_rule, node.children))} if node.children else {"then": {"template": "content"}})


def parsed(case: Case) -> Workspace:
    return parse_workspace(document(case))


def compiled(workspace: Workspace, mode: Mode, limit: int | None = None) -> Ruleset:
    """The same rules in a placement where the first wins, or in one that collects."""
    placement = msgspec.structs.replace(workspace.placements[0], mode="first" if mode == "first" else "collect", limit=limit)
    return compile_ruleset(msgspec.structs.replace(workspace, placements=[placement]))


def engines(workspace: Workspace, mode: Mode) -> list[Engine]:
    """Without and with the reasons of what is returned; of a placement that collects also with a limit."""
    found = _both(PLAIN, EXPLAINED, compiled(workspace, mode), mode)
    if mode == "all":
        found += _both(PLAIN_FEW, EXPLAINED_FEW, compiled(workspace, mode, FEW), mode, FEW)
    return found


def _both(plain: str, explained: str, ruleset: Ruleset, mode: Mode, limit: int | None = None) -> list[Engine]:
    choices = partial(ruleset.choices, PLACEMENT)
    return [
        Engine(plain, dict, partial(ruleset.decide, PLACEMENT), lambda choice: _read([choice]))
        if mode == "first"
        else Engine(plain, dict, choices, _read, limit),
        Engine(explained, dict, partial(choices, explain="returned"), _read, limit),
    ]


def _read(choices: list[Choice]) -> list[str]:
    return [choice.rule.key for choice in choices if choice.outcome == "matched" and choice.rule is not None]
