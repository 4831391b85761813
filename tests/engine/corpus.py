"""The cases of cases/*.toml, and what each comes out as: asked of the rule set, of its explanation and of every kind of plan."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from rules.engine import DocumentError, Ruleset, compile_conditions, compile_ruleset, parse_workspace
from rules.engine.linked import Readings
from tests.engine.test_plans import plans
from tests.engine.world import BASE, document, path_of_winner, rule, winners

FOLDER = Path(__file__).parent / "cases"
THRESHOLDS = {one["key"]: one["value"] for one in BASE["thresholds"]}


def read_all() -> list[tuple[str, dict[str, Any]]]:
    found = []
    for path in sorted(FOLDER.glob("*.toml")):
        for number, case in enumerate(tomllib.loads(path.read_text(encoding="utf-8"))["case"]):
            found.append((f"{path.stem}-{number + 1}: {case.get('note')}", case))
    return found


def outcome(case: dict[str, Any]) -> dict[str, Any]:
    """The problems of a case that is refused; else its answer without and with an explanation, and by each kind of plan."""
    try:
        ask = _conditions(case) if "where" in case else _rules(case)
    except DocumentError as error:
        return {"codes": [problem.code for problem in error.problems], "paths": [problem.path for problem in error.problems]}
    return ask(case.get("facts", {}) | dict.fromkeys(case.get("null", [])))


def _conditions(case: dict[str, Any]) -> Any:
    conditions = compile_conditions(case["where"], thresholds=THRESHOLDS)
    return lambda facts: {"plain": conditions.matches(facts), "explained": _json(conditions.explain(facts))["matched"]}


def _rules(case: dict[str, Any]) -> Any:
    made = document(case.get("rules") or [rule(case["when"])], segments=case.get("segments", []))
    made["placements"][0] |= case.get("placement", {})
    ruleset = compile_ruleset(parse_workspace(json.dumps(made).encode()))
    capped = frozenset(case.get("capped", ()))

    def ask(facts: dict[str, Any]) -> dict[str, Any]:
        plain, explained = (ruleset.choices("slot", facts, capped=capped, explain=explain) for explain in (False, True))
        told = _json(explained[0].explain)["rules"]
        answers = {"plain": _said(plain), "explained": _said(explained), "plans": _planned(ruleset, facts, capped)}
        if "when" in case:
            return answers | {"plain": plain[0].outcome == "matched", "explained": told[0]["matched"]}
        if plain[0].outcome == "matched" and ruleset.placements["slot"].mode != "collect":
            answers["explained"]["path"] = path_of_winner(told)
        answers["won"] = winners(told)
        return answers

    return ask


def _said(choices: list[Any]) -> dict[str, Any]:
    first = choices[0]
    rules = [choice.rule.key for choice in choices if choice.outcome == "matched"]
    said = {"outcome": first.outcome, "rule": first.rule and first.rule.key, "template": first.template, "path": list(first.path)}
    return said | {"rules": rules}


def _planned(ruleset: Ruleset, facts: dict[str, Any], capped: frozenset[str]) -> list[Any]:
    """By kind of plan: the first and all endings that it finds, or what was passed over where it finds none."""
    found = []
    for kind in plans(ruleset._trees["slot"].planned):
        first, every = (ask(Readings(facts, ruleset._sources), capped) for ask in (kind.first, kind.every))
        found.append([first[0] if first[0] >= 0 else list(first), every[0] or list(every)])
    return found


def _json(told: Any) -> Any:
    return json.loads(json.dumps(told, allow_nan=False))


if __name__ == "__main__":
    print(json.dumps({name: outcome(case) for name, case in read_all()}))
