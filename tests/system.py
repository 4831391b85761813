"""A whole Signpost of its own: started by the command a person would use, asked over HTTP, stopped or killed."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FROM_OUTSIDE = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "BROKER_URL", "SECRET_KEY", "DATA_DIR", "DEMO", "RAW_ARCHIVE")
"""What the test run set for its own process; a system under test is to make its own."""


def clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in FROM_OUTSIDE}


class System:
    """`python -m decisioning.local` (or a `start.py` of another place) in a process of its own, and everything it said."""

    def __init__(
        self,
        data_dir: Path,
        *,
        port: int = 0,
        options: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
        start: Path | None = None,
    ) -> None:
        self.data_dir = data_dir
        command = [str(start)] if start else ["-m", "decisioning.local"]
        self.process = subprocess.Popen(
            [sys.executable, *command, "--data-dir", str(data_dir), "--port", str(port), *options],
            cwd=ROOT,
            env=clean_environment() | (env or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.append(line)

    @property
    def output(self) -> str:
        return "".join(self._lines)

    def wait_until_ready(self, seconds: float = 120) -> System:
        self.wait_for(r"^READY ", seconds)
        return self

    def wait_for(self, pattern: str, seconds: float) -> None:
        """Wait until it has said something."""
        deadline = time.monotonic() + seconds
        while not re.search(pattern, self.output, re.MULTILINE):
            ended = self.process.poll()
            assert ended is None, f"Signpost ended with {ended} before it said {pattern!r}:\n{self.output}"
            if time.monotonic() > deadline:
                self.stop()
                raise AssertionError(f"Signpost did not say {pattern!r} in {seconds} seconds:\n{self.output}")
            time.sleep(0.05)

    @property
    def dev(self) -> dict[str, Any]:
        return dict(json.loads((self.data_dir / "dev.json").read_text()))

    @property
    def url(self) -> str:
        return str(self.dev["url"])

    @property
    def admin(self) -> dict[str, str]:
        return dict(self.dev["admin"])

    @property
    def keys(self) -> dict[str, dict[str, str]]:
        """The keys of each workspace: `keys["homepage"]["secret"]`, `["publishable"]`."""
        return dict(self.dev["keys"])

    def environment(self) -> dict[str, str]:
        """What its programs were started with, for a `manage.py` command on the same data."""
        return dict(json.loads((self.data_dir / "environment.json").read_text()))

    def manage(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=os.environ | self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )

    def processes(self) -> dict[str, int]:
        """The process id of each program and server, by name."""
        record = json.loads((self.data_dir / "run.json").read_text())
        return {entry["name"]: int(entry["pid"]) for entry in record["processes"]}

    def interrupt(self) -> None:
        """What Ctrl-C does."""
        self.process.send_signal(signal.SIGINT)

    def wait(self, seconds: float = 90) -> int:
        code = self.process.wait(seconds)
        self._reader.join(5)
        return code

    def stop(self) -> int:
        if self.process.poll() is None:
            self.interrupt()
        try:
            return self.wait()
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"Signpost did not stop:\n{self.output}") from None


def new_folder() -> Path:
    """A place for a system's data that PostgreSQL's own user can reach too."""
    parent = Path(tempfile.mkdtemp(prefix="signpost-tests-"))
    # mkdtemp keeps others out, and as root PostgreSQL is one of the others. What is secret has a mode of its own.
    parent.chmod(0o711)
    return parent / "data"


def forget(data_dir: Path) -> None:
    """Delete a data folder, and what of it lies elsewhere because PostgreSQL could not reach it."""
    outside = data_dir / "instance.json"
    if outside.exists():
        shutil.rmtree(json.loads(outside.read_text())["outside"], ignore_errors=True)
    shutil.rmtree(data_dir.parent, ignore_errors=True)
