"""A database server that runs: where it is, which one it is, and how it is stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from decisioning.local.errors import LocalError
from decisioning.local.processes import kill_group

STOP_SECONDS = 60.0
START_SECONDS = 60.0
TAIL_LINES = 3


@dataclass(frozen=True)
class Server:
    name: str
    version: str
    binary: Path
    data: Path
    log: Path
    port: int
    url: str
    process: subprocess.Popen[bytes]
    stop_signal: signal.Signals
    fresh: bool
    """Its data was made by this start: nothing that was stored before is there."""

    def stop(self) -> None:
        """Stop it cleanly, so that everything it accepted is on disk; by force only when it does not end by itself."""
        if self.process.poll() is None:
            self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                kill_group(self.process.pid)
                self.process.wait()


def wait_until_ready(name: str, process: subprocess.Popen[bytes], log: Path, is_ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not is_ready():
        if process.poll() is not None:
            raise LocalError(f"{name} did not start: {tail(log)} (all of it: {log})")
        if time.monotonic() > deadline:
            kill_group(process.pid)
            process.wait()
            raise LocalError(f"{name} was not ready after {START_SECONDS:.0f} seconds: {tail(log)} (all of it: {log})")
        time.sleep(0.02)


def tail(log: Path) -> str:
    """The last lines of a log as one line."""
    lines = log.read_text(errors="replace").split("\n") if log.exists() else []
    return " / ".join(line.strip() for line in [line for line in lines if line.strip()][-TAIL_LINES:]) or "it said nothing"


def open_log(log: Path) -> int:
    return os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
