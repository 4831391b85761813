"""The plan of the house is kept: who may import whom, and every room is on the plan."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
OUTSIDE_THE_LAYERS = {
    "decisioning.settings": "read by Django, imports nothing of ours but the environment's readers",
    "decisioning.environment": "the readers that settings calls",
    "decisioning.celeryconfig": "read by Celery",
    "decisioning.streams": "an empty package; its modules are named",
    "rules.apps": "read by Django",
    "rules.checks": "read by Django",
}

WITH_A_CONTRACT_OF_THEIR_OWN = {"decisioning.local"}


def test_the_import_contracts_hold():
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stdout + result.stderr


def test_every_module_is_named_by_a_layer():
    layers = {name.strip() for layer in CONFIG["contracts"][0]["layers"] for name in layer.split("|")}

    named = layers | WITH_A_CONTRACT_OF_THEIR_OWN

    nameless = {module for module in _modules() - set(OUTSIDE_THE_LAYERS) if not any(_within(module, name) for name in named)}

    assert nameless == set()


def test_the_cores_and_templates_pass_strict_type_checking():
    result = subprocess.run([sys.executable, "-m", "mypy"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stdout


def test_the_code_is_free_of_lint():
    result = subprocess.run([sys.executable, "-m", "ruff", "check", "."], cwd=ROOT, capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stdout


def test_every_module_opens_with_one_line_that_says_its_job():
    sources = [path for package in ("rules", "decisioning", "admin_ui") for path in (ROOT / package).rglob("*.py")]

    silent = [str(path.relative_to(ROOT)) for path in sources if path.read_text().strip() and not path.read_text().startswith('"""')]

    assert silent == []


def _modules() -> set[str]:
    found = set()
    for package in CONFIG["root_packages"]:
        for path in (ROOT / package).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            if name not in CONFIG["root_packages"]:
                found.add(name)
    return found


def _within(module: str, name: str) -> bool:
    return module == name or module.startswith(name + ".")
