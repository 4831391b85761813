"""docs/templates.md tells everything that is available, every limit and every code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rules.templating import limits
from rules.templating.jinja_filters import FILTERS as JINJA
from rules.templating.jinja_filters import TESTS
from rules.templating.jinja_parts import LOOP_NAMES
from rules.templating.liquid import TAG_NAMES
from rules.templating.liquid_filters import FILTERS as LIQUID

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs" / "templates.md").read_text(encoding="utf-8")
LIQUID_PART, JINJA_PART = (
    PAGE[PAGE.index(f"## {start}") : PAGE.index(f"## {end}")] for start, end in (("Liquid", "Jinja"), ("Jinja", "HTML"))
)
CODE = re.compile(r"""(?:Finding|RenderError|Problem|_find|problem)\(\s*"([a-z_]+)\"""")
NOT_TOLD = {"STEP_CHARACTERS"}


@pytest.mark.parametrize(
    ("part", "names"),
    [
        (LIQUID_PART, LIQUID),
        (LIQUID_PART, TAG_NAMES),
        (JINJA_PART, JINJA),
        (JINJA_PART, TESTS),
        (JINJA_PART, [f"loop.{name}" for name in LOOP_NAMES]),
    ],
)
def test_the_page_names_what_is_available(part: str, names: list[str]):
    assert [name for name in names if f"`{name}`" not in part] == []


def test_the_page_names_no_filter_that_is_not_available():
    tables = [
        line
        for part in (LIQUID_PART, JINJA_PART)
        for line in part.splitlines()
        if line.startswith(("| text", "| numbers", "| lists", "| other"))
    ]

    assert set(re.findall(r"`(\w+)`", " ".join(tables))) == {*LIQUID, *JINJA}


def test_the_page_tells_every_limit():
    table = PAGE[PAGE.index("## Limits") :]
    told = {name: value for name, value in vars(limits).items() if isinstance(value, int) and name not in NOT_TOLD}

    assert [name for name, value in told.items() if f"| {value:,} |" not in table] == []


def test_the_page_tells_every_code():
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "rules" / "templating").glob("*.py")]

    codes = {code for source in sources for code in CODE.findall(source)}

    assert len(codes) > 15
    assert [code for code in sorted(codes) if f"`{code}`" not in PAGE] == []
