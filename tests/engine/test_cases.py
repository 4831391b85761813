"""The language as a table: every case of cases/*.toml, decided, explained, and decided again by a second compilation."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from rules.engine import DocumentError, compile_conditions, compile_ruleset, parse_workspace
from rules.engine.operators import OPERATORS
from tests.engine.world import BASE, document, path_of_winner, rule

FOLDER = Path(__file__).parent / "cases"
KEYS = {"note", "when", "where", "rules", "facts", "null", "capped", "want", "want_code", "want_path"}
THRESHOLDS = {one["key"]: one["value"] for one in BASE["thresholds"]}


def read_all() -> list[tuple[str, dict[str, Any]]]:
    found = []
    for path in sorted(FOLDER.glob("*.toml")):
        for number, case in enumerate(tomllib.loads(path.read_text(encoding="utf-8"))["case"]):
            found.append((f"{path.stem}-{number + 1}: {case.get('note')}", case))
    return found


CASES = read_all()


@pytest.mark.parametrize("case", [case for _, case in CASES], ids=[name for name, _ in CASES])
def test_the_case_comes_out_as_it_says(case: dict[str, Any]) -> None:
    assert case.keys() <= KEYS, "a misspelt key would make the case say less than it seems to"
    assert case.get("note")
    assert sum(kind in case for kind in ("when", "where", "rules")) == 1
    assert ("want" in case) != ("want_code" in case), "a case without an expectation tests nothing"

    if "want_code" in case:
        with pytest.raises(DocumentError) as caught:
            compiled(case)
        assert case["want_code"] in [problem.code for problem in caught.value.problems]
        assert case.get("want_path") in {None, *(problem.path for problem in caught.value.problems)}
        return
    facts = case.get("facts", {}) | dict.fromkeys(case.get("null", []))
    plain, explained = compiled(case)(facts)
    assert plain == case["want"]
    assert explained == case["want"]


def compiled(case: dict[str, Any]) -> Any:
    """A function from facts to what came out, without and with an explanation."""
    if "where" in case:
        conditions = compile_conditions(case["where"], thresholds=THRESHOLDS)
        return lambda facts: (conditions.matches(facts), json.loads(json.dumps(conditions.explain(facts)))["matched"])
    rules = case.get("rules") or [rule(case["when"])]
    ruleset = compile_ruleset(parse_workspace(json.dumps(document(rules)).encode()))

    def ask(facts: dict[str, Any]) -> tuple[Any, Any]:
        capped = frozenset(case.get("capped", ()))
        choice = ruleset.decide("slot", facts, capped=capped)
        told = json.loads(json.dumps(ruleset.decide("slot", facts, capped=capped, explain=True).explain))["rules"]
        if "when" in case:
            return choice.outcome == "matched", told[0]["matched"]
        wanted = case["want"].keys()
        said = {"outcome": choice.outcome, "rule": choice.rule and choice.rule.key, "template": choice.template, "path": list(choice.path)}
        said = {key: said[key] for key in wanted}
        return said, said | ({"path": path_of_winner(told)} if "path" in wanted and choice.outcome == "matched" else {})

    return ask


def test_every_operator_meets_a_match_a_miss_a_missing_value_and_a_wrong_type() -> None:
    covered: dict[tuple[str, str], set[str]] = {}
    for _, case in CASES:
        leaf = case.get("when", {})
        if "operator" in leaf and "want" in case:
            kind = TYPES.get(leaf["name"], "")
            state = (
                "missing" if leaf["name"] not in case.get("facts", {}) else "wrong" if "wrong type" in case["note"] else str(case["want"])
            )
            covered.setdefault((kind, leaf["operator"]), set()).add(state)
    wanted = {(entry.types[0], entry.name) for entry in OPERATORS if len(entry.types) < 3}

    lacking = {pair: {"True", "False", "missing", "wrong"} - covered.get(pair, set()) for pair in wanted}

    assert {pair: states for pair, states in lacking.items() if states} == {}


TYPES = {f"traits.{one['key']}": {"one_of": "text"}.get(one["type"], one["type"]) for one in BASE["traits"]}
