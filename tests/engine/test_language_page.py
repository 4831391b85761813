"""docs/rule-language.md names everything the engine has, so that the page can't fall behind."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import get_args

import pytest

from rules import engine
from rules.engine import limits, read_conditions
from rules.engine.operators import OPERATORS, Operator
from rules.engine.values import Type
from rules.engine.vocabulary import CONTEXT, WEEKDAYS
from tests.engine.world import codes, document, rule

ENGINE = Path(engine.__file__).parent
PAGE = (ENGINE.parent.parent / "docs" / "rule-language.md").read_text(encoding="utf-8")
SECTIONS = {"text": "text and one_of"}
"""Where a section is for more types than the one that operators name first."""


def section(operator: Operator) -> str:
    title = "every type" if "untyped" in operator.types else SECTIONS.get(operator.types[0], operator.types[0])
    return PAGE.split(f"### {title}\n")[1].split("\n#")[0]


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda operator: f"{operator.types[0]}.{operator.name}")
def test_the_page_has_every_operator_with_its_answer_for_missing_values_and_its_origin(operator: Operator) -> None:
    rows = [row for row in section(operator).splitlines() if row.startswith(f"| `{operator.name}` |")]

    assert len(rows) == 1
    origin = {"business-rules": "business-rules", "signpost": "Signpost"}[operator.origin]
    assert rows[0].endswith(f"| {str(operator.missing).lower()} | {origin} |")


@pytest.mark.parametrize("name", [*get_args(Type), *(f"`{name}`" for name in (*CONTEXT, *WEEKDAYS))])
def test_the_page_has_every_type_and_built_in_name(name: str) -> None:
    assert name in PAGE


@pytest.mark.parametrize("name", [name for name in vars(limits) if name.isupper()])
def test_the_page_has_every_limit_with_its_value(name: str) -> None:
    assert f"| `{name}` | {getattr(limits, name)} |" in PAGE


def written_codes() -> set[str]:
    """The first text of every call that makes a problem, wherever it is in the engine."""
    found = {"unknown_value"}
    for path in ENGINE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
            wanted = {"Problem": 0, "Advice": 0, "Refused": 0, "note": 0, "_found": 0, "Variable": 4}.get(name)
            if wanted is not None and len(node.args) > wanted:
                found |= {part.value for part in ast.walk(node.args[wanted]) if isinstance(part, ast.Constant)}
    return found - {""}  # what stands for a problem that is told elsewhere


def test_the_page_has_every_code_of_a_problem_and_no_other() -> None:
    table = PAGE.split("## Problems")[1].split("Dates of boosts")[0]
    told = {word.strip("`") for word in table.replace(",", " ").replace("(", " ").split() if word.startswith("`")}

    assert told == written_codes()


def test_the_examples_are_what_the_engine_reads() -> None:
    examples = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    conditions = [json.loads(text) for text in examples if text.startswith("{")]
    parts = [json.loads(f"{{{text}}}") for text in examples if not text.startswith("{")]

    assert [read_conditions(one)[1] for one in conditions] == [[], []]
    assert [codes(document([rule(**one)] if "schedule" in one else [], **({} if "schedule" in one else one))) for one in parts] == [
        [],
        ["unknown_signal"],  # the page's own; the rest of the segment is fine
        [],
        [],
    ]
