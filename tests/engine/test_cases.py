"""The language as a table: every case of cases/*.toml, decided, explained, and decided again by every kind of plan."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from rules.engine.operators import OPERATORS
from tests.engine.corpus import outcome, read_all
from tests.engine.world import BASE

KEYS = {"note", "when", "where", "rules", "segments", "placement", "facts", "null", "capped", "want", "want_code", "want_path"}
CASES = read_all()


@pytest.mark.parametrize("case", [case for _, case in CASES], ids=[name for name, _ in CASES])
def test_the_case_comes_out_as_it_says(case: dict[str, Any]) -> None:
    assert case.keys() <= KEYS, "a misspelt key would make the case say less than it seems to"
    assert case.get("note")
    assert sum(kind in case for kind in ("when", "where", "rules")) == 1
    assert ("want" in case) != ("want_code" in case), "a case without an expectation tests nothing"

    found = outcome(case)

    if "want_code" in case:
        assert case["want_code"] in found["codes"]
        assert case.get("want_path") in {None, *found["paths"]}
        return
    assert "codes" not in found, found
    want = case["want"]
    if "rules" in case:
        assert {key: found["plain"][key] for key in want} == want
        assert {key: found["explained"][key] for key in want} == want
        assert sorted(found["won"]) == sorted(found["plain"]["rules"])
    else:
        assert found["plain"] is want
        assert found["explained"] is want
    if "plans" in found:
        walk, *others = found["plans"]
        assert all(other == walk for other in others)


def test_python_o_changes_no_answer() -> None:
    run = subprocess.run([sys.executable, "-O", "-m", "tests.engine.corpus"], capture_output=True, text=True, check=True)

    assert json.loads(run.stdout) == {name: outcome(case) for name, case in CASES}


def test_every_operator_meets_a_match_a_miss_a_missing_value_and_a_wrong_type() -> None:
    covered: dict[tuple[str, str], set[str]] = {}
    for _, case in CASES:
        leaf = case.get("when", {})
        if "operator" in leaf and "want" in case and "missing" not in leaf:
            kind = TYPES.get(leaf["name"], "")
            state = (
                "missing" if leaf["name"] not in case.get("facts", {}) else "wrong" if "wrong type" in case["note"] else str(case["want"])
            )
            covered.setdefault((kind, leaf["operator"]), set()).add(state)
    wanted = {(entry.types[0], entry.name) for entry in OPERATORS if len(entry.types) < 3}

    lacking = {pair: {"True", "False", "missing", "wrong"} - covered.get(pair, set()) for pair in wanted}

    assert {pair: states for pair, states in lacking.items() if states} == {}


TYPES = {f"traits.{one['key']}": {"one_of": "text"}.get(one["type"], one["type"]) for one in BASE["traits"]}
