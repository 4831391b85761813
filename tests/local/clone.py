"""A fresh clone for a test: the files of the project and a virtual environment that is complete without a download."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Mapping
from pathlib import Path

from tests.system import ROOT, clean_environment

LEFT_OUT = shutil.ignore_patterns(".venv", ".data", ".git", "__pycache__", "tests", "docs", "shots", ".*_cache")
NO_NETWORK = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:9") | {
    "PIP_RETRIES": "1",
    "UV_HTTP_RETRIES": "0",
    "PIP_INDEX_URL": "http://127.0.0.1:9",
    "PIP_EXTRA_INDEX_URL": "",
    "PIP_FIND_LINKS": "",
    "PIP_CONFIG_FILE": os.devnull,
    "UV_DEFAULT_INDEX": "http://127.0.0.1:9",
    "NO_PROXY": "",
    "no_proxy": "",
}


def copy_of_project(target: Path) -> Path:
    shutil.copytree(ROOT, target, ignore=LEFT_OUT)
    return target


def complete_environment(clone: Path) -> None:
    """What an earlier `start.py` would have left in .venv: here its packages are those of the Python that runs the tests."""
    venv.EnvBuilder(symlinks=True).create(clone / ".venv")
    inside = sysconfig.get_path("purelib", vars={"base": str(clone / ".venv"), "platbase": str(clone / ".venv")})
    Path(inside, "packages.pth").write_text(sysconfig.get_path("purelib") + "\n")
    lock = hashlib.sha256((clone / "requirements.txt").read_bytes()).hexdigest()
    (clone / ".venv" / "signpost.json").write_text(json.dumps({"lock": lock, "python": sysconfig.get_python_version()}))


def run_start(clone: Path, *words: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """`python3 start.py` there, and all it said."""
    command = [sys.executable, str(clone / "start.py"), *words]
    return subprocess.run(
        command, cwd=clone, env=clean_environment() | NO_NETWORK | (env or {}), capture_output=True, text=True, check=False, timeout=120
    )
