"""docs/keyboard.md tells the keys that act: those of the tables that the pages' scripts listen by, and no others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from admin_ui.helping.places import PLACES

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "admin_ui/static/admin_ui"
ENTRY = re.compile(r'keys: \[([^\]]+)\], says: (?:[^",]*"[^"]*" \? "([^"]+)" : )?"([^"]+)"')
ROW = re.compile(r"^\| (`.+?) \| (.+?) \|$", re.MULTILINE)
SIGNS = {"ArrowUp": "↑", "ArrowDown": "↓", "ArrowLeft": "←", "ArrowRight": "→", "Escape": "Esc"}
SECTIONS = {
    "On every page": ("helping/here.js", "helping/page.js"),
    "The outline of rules": ("outline/outline.js",),
    "Conditions": ("builder/keys.js",),
}


def written(key: str) -> str:
    """`Alt+ArrowUp` as people read it: `Alt` `↑`."""
    parts = key.split("+")
    return " ".join(f"`{part.upper() if len(part) == 1 and len(parts) > 1 else SIGNS.get(part, part)}`" for part in parts)


def acting(*scripts: str) -> set[tuple[str, str]]:
    found = [entry for script in scripts for entry in ENTRY.findall((STATIC / script).read_text())]
    assert found
    keys = {says: " or ".join(written(key) for key in re.findall(r'"([^"]+)"', named)) for named, *said in found for says in said if says}
    return {(pressed, says) for says, pressed in keys.items()}


def told(section: str) -> set[tuple[str, str]]:
    text = (ROOT / "docs/keyboard.md").read_text().partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    return set(ROW.findall(text))


@pytest.mark.parametrize("section", SECTIONS)
def test_the_page_tells_the_keys_that_act_and_no_others(section):
    assert told(section) == acting(*SECTIONS[section])


def test_the_page_tells_the_keys_of_every_place():
    assert told("Going to a place") == {(" then ".join(f"`{key}`" for key in place.keys.split()), place.name) for place in PLACES}


def test_every_script_that_listens_to_keys_by_a_table_is_told_of():
    listening = {str(one.relative_to(STATIC)) for one in STATIC.rglob("*.js") if ENTRY.search(one.read_text())}

    assert listening == {script for scripts in SECTIONS.values() for script in scripts}


def test_the_page_of_all_pages_leads_to_it():
    assert "(keyboard.md)" in (ROOT / "docs/pages.md").read_text()
