"""`start.py` on a machine where something is missing says so in one line; where nothing is, it installs nothing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local.clone import NO_NETWORK, complete_environment, copy_of_project, run_start
from tests.system import clean_environment, new_folder

NOT_HERE = "import sys; sys.modules['ensurepip'] = None"
"""What Debian without python3-venv is like: `venv` can be imported, and what it needs can't."""


@pytest.fixture
def clone() -> Iterator[Path]:
    clone = copy_of_project(new_folder())
    yield clone
    shutil.rmtree(clone.parent)


def one_line(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    (line,) = result.stderr.splitlines()
    return line


def test_a_missing_venv_module_is_one_clear_line(clone):
    (clone / "sitecustomize.py").write_text(NOT_HERE)

    line = one_line(run_start(clone, env={"PYTHONPATH": str(clone)}))

    assert line.startswith("Python's ensurepip module is missing: install it")


def test_a_folder_that_cannot_be_written_is_one_clear_line(clone):
    python, user = sys.executable, []
    if os.geteuid() == 0:
        # Nothing is closed to root, so somebody else has to try, with a Python that they may run.
        python = next((path for path in (sys.executable, "/usr/bin/python3") if _may_run(path)), None)
        user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    if python is None or (user and shutil.which("setpriv") is None):
        pytest.skip("no way to be somebody else here; this test did NOT run")
    clone.chmod(0o555)
    result = subprocess.run([*user, python, str(clone / "start.py")], cwd="/", capture_output=True, text=True, check=False, timeout=60)
    clone.chmod(0o755)

    assert one_line(result) == f"Cannot write to {clone}/.venv (Permission denied). Put Signpost in a folder you may write to."


def test_an_environment_that_is_complete_needs_no_network(clone):
    complete_environment(clone)

    result = run_start(clone, "--help")

    assert (result.returncode, result.stderr) == (0, "")
    assert "Packages: as requirements.txt says" in result.stdout


def test_a_changed_lock_file_is_installed_anew(clone):
    complete_environment(clone)
    with (clone / "requirements.txt").open("a") as lock:
        lock.write(f"new-in-this-test==1.0 --hash=sha256:{'0' * 64}\n")

    result = run_start(clone, "--help")

    assert re.match("The package index cannot be reached|The packages could not be installed: .*new-in-this-test", one_line(result))


def test_no_network_where_it_is_needed_is_one_clear_line_and_a_python_that_is_gone_is_replaced(clone):
    complete_environment(clone)
    (clone / ".venv/bin/python").unlink()

    result = run_start(clone)

    assert one_line(result).startswith("The package index cannot be reached, and the first start needs it")
    assert "Making .venv" in result.stdout
    assert (clone / ".venv/bin/python").exists()


def test_a_home_folder_is_not_needed(clone):
    complete_environment(clone)
    env = clean_environment() | NO_NETWORK
    env.pop("HOME", None)

    result = subprocess.run([sys.executable, "start.py", "--help"], cwd=clone, env=env, capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stderr


def test_a_word_it_does_not_know_is_one_clear_line(clone):
    assert one_line(run_start(clone, "tset")).startswith("start.py knows no tset.")


def test_a_data_folder_that_cannot_be_written_is_one_clear_line(clone):
    complete_environment(clone)

    line = one_line(run_start(clone, "--data-dir", "/dev/null/data"))

    assert line.startswith("Cannot write to /dev/null/data")


def _may_run(python: str) -> bool:
    command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", python, "-c", "import venv"]
    return subprocess.run(command, cwd="/", capture_output=True, check=False).returncode == 0
