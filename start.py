#!/usr/bin/env python3
"""Start Signpost on a bare machine: make .venv from the hashed lock files, then hand over to what runs in it.

python3 start.py [--port N] [--data-dir FOLDER]   run everything until Ctrl-C
python3 start.py test [...]                       the whole test suite; what follows goes to pytest
python3 start.py manage ...                       a manage.py command on the data of the copy that runs
python3 start.py celery ...                       a celery command on its workers, such as: inspect stream_stats
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "signpost.json"
LOG = VENV / "install.log"
OLDEST = (3, 11)
NO_NETWORK = re.compile(r"Failed to establish|Connection (refused|reset|aborted)|unreachable|timed out|name resolution|connect to proxy")


def main() -> None:
    words = sys.argv[1:]
    command = words[0] if words and not words[0].startswith("-") else None
    if command not in (None, "test", "manage", "celery"):
        stop(f"start.py knows no {command}. Alone it runs everything; there are also: start.py test, start.py manage, start.py celery.")
    check_python()
    wait_for_others()
    install(command)
    if command == "manage":
        os.environ.update(environment_of_running_copy())
        hand_over(str(ROOT / "manage.py"), *words[1:])
    os.chdir(ROOT)
    if command == "celery":
        os.environ.update(environment_of_running_copy())
        hand_over("-m", "celery", "-A", "decisioning", *words[1:])
    if command == "test":
        processes = min(4, (os.cpu_count() or 1) + 1)  # many tests wait for servers that start, stop or hang
        hand_over("-m", "pytest", "-n", str(processes), "--dist", "loadfile", "--no-loadscope-reorder", *words[1:])
    hand_over("-m", "decisioning.local", *words)


def check_python() -> None:
    if sys.version_info < OLDEST:
        stop(f"Python {OLDEST[0]}.{OLDEST[1]} or newer is needed; this is {sys.version.split()[0]}. Run start.py with a newer one.")
    if os.name != "posix":
        stop("Signpost runs on Linux and macOS. On Windows run it inside WSL.")


def wait_for_others() -> None:
    """Two copies must not install into one .venv at once. The lock is on the folder itself, and handing over gives it back."""
    import fcntl

    folder = os.open(ROOT, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("Another start.py is installing here; waiting for it.", flush=True)
        fcntl.flock(folder, fcntl.LOCK_EX)


def install(command: str | None) -> None:
    """Bring .venv to what the lock file says. Where the stamp says it is so already, nothing is done and no network is needed."""
    since = time.monotonic()
    # What the tests need stays once it is there: `start.py` and `start.py test` by turns must not install by turns.
    lock = ROOT / ("requirements-dev.txt" if command == "test" or (VENV / "bin" / "pytest").exists() else "requirements.txt")
    wanted = {"lock": hashlib.sha256(lock.read_bytes()).hexdigest(), "python": python_of_venv()}
    if wanted["python"] and read_json(STAMP) == wanted:
        if command is None:
            print(f"[1/7] Packages: as {lock.name} says ({time.monotonic() - since:.1f} s)", flush=True)
        return
    try:
        if not wanted["python"] or (STAMP.exists() and read_json(STAMP).get("python") != wanted["python"]):
            make_venv()
        STAMP.unlink(missing_ok=True)
        tool = fill_venv(lock)
        STAMP.write_text(json.dumps({"lock": wanted["lock"], "python": python_of_venv()}))
    except OSError as error:
        stop(f"Cannot write to {VENV} ({error.strerror or error}). Put Signpost in a folder you may write to.")
    print(f"[1/7] Packages: installed what {lock.name} says, with {tool} ({time.monotonic() - since:.1f} s)", flush=True)


def python_of_venv() -> str:
    """Which Python is in .venv, as "3.11"; empty where none runs: not made yet, half made, or made by a Python that is gone."""
    code = "import importlib.util, sys; print(*sys.version_info[:2], sep='.') if importlib.util.find_spec('pip') else None"
    try:
        return subprocess.run([PYTHON, "-c", code], capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""


def make_venv() -> None:
    try:
        import ensurepip  # noqa: F401  # Debian ships venv without this, which it needs
        import venv
    except ImportError as error:
        stop(f"Python's {error.name} module is missing: install it (Debian, Ubuntu: apt install python3-venv) and run start.py again.")
    VENV.mkdir(exist_ok=True)
    print("Making .venv; the first start downloads about 100 MB and takes about half a minute.", flush=True)
    try:
        venv.EnvBuilder(with_pip=True, symlinks=True, clear=True).create(VENV)
    except subprocess.CalledProcessError as error:
        stop(f"Python could not make {VENV}: {last_line((error.output or b'').decode(errors='replace'))}")


def fill_venv(lock: Path) -> str:
    """Install with uv where it can be had, else with pip, which takes a minute longer. Both check every hash and build nothing."""
    options = ["--quiet", "--require-hashes", "--only-binary", ":all:"]
    pip = [str(PYTHON), "-m", "pip", "install", *options, "--disable-pip-version-check"]
    uv = [str(PYTHON), "-m", "uv", "pip", "sync", *options, "--python", str(PYTHON)]
    if not os.access(os.environ.get("UV_CACHE_DIR") or os.environ.get("HOME", ""), os.W_OK):
        uv.append("--no-cache")
    LOG.write_text("")
    said = call([*pip, "-r", str(ROOT / "requirements-uv.txt")])
    if said is None and call([*uv, str(lock)]) is None:
        return "uv"
    if said and NO_NETWORK.search(said):
        stop(f"The package index cannot be reached, and the first start needs it: connect to the network and try again (details: {LOG}).")
    said = call([*pip, "-r", str(lock)])
    if said is not None:
        stop(f"The packages could not be installed: {last_line(said)} (details: {LOG})")
    return "pip"


def call(command: list[str]) -> str | None:
    """Run a command. None when it went well, else what it said."""
    result = subprocess.run(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    with LOG.open("a") as log:
        log.write(f"$ {' '.join(command)}\n{result.stdout}\n")
    return result.stdout if result.returncode else None


def environment_of_running_copy() -> dict[str, str]:
    kept = read_json(Path(os.environ.get("DATA_DIR", ROOT / ".data")) / "environment.json")
    return kept or stop("Nothing was started here yet: run python3 start.py, and this in a second terminal.")


def read_json(path: Path) -> dict[str, str]:
    try:
        return dict(json.loads(path.read_text()))
    except (OSError, ValueError):
        return {}


def last_line(said: str) -> str:
    return next((line.strip() for line in reversed(said.splitlines()) if line.strip()), "it said nothing")


def hand_over(*words: str) -> NoReturn:
    os.execv(PYTHON, [str(PYTHON), *words])


def stop(message: str) -> NoReturn:
    """One line on stderr and exit code 1."""
    sys.exit(message)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
