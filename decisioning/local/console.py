"""What the person at the terminal reads: numbered steps with seconds, and the programs' lines with their names before them."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import IO

STEPS = 7
COLOURS = {"web": "36", "tasks": "35", "streams": "32", "data": "34"}
LOG_LIMIT = 5_000_000


class Console:
    """Lines of several threads, one at a time."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._coloured = stream.isatty() and "NO_COLOR" not in os.environ
        self._lock = threading.Lock()

    def say(self, text: str) -> None:
        with self._lock:
            try:
                print(text, file=self._stream, flush=True)
            except OSError:
                # The terminal or the reader of our pipe is gone. That is no reason to leave the programs without their supervisor.
                return

    def step(self, number: int, text: str, seconds: float) -> None:
        self.say(f"[{number}/{STEPS}] {text} ({seconds:.1f} s)")

    def pass_on(self, name: str, text: str) -> None:
        colour = COLOURS.get(name)
        prefix = f"\033[{colour}m{name:>7} |\033[0m" if self._coloured and colour else f"{name:>7} |"
        self.say(f"{prefix} {text}")


class Pump(threading.Thread):
    """Passes on what one program says, to the console and to its log file, until it has ended."""

    def __init__(self, name: str, source: IO[bytes], log: Path, console: Console, *, marker: str) -> None:
        super().__init__(name=f"output of {name}", daemon=True)
        self._program, self._source, self._log, self._console = name, source, log, console
        self._marker = marker
        self.marked = threading.Event()
        """Set when the line with the marker has come; that line is not shown."""
        self.last = ""

    def run(self) -> None:
        with self._log.open("a", errors="replace") as log:
            for raw in self._source:
                line = raw.decode(errors="replace").rstrip()
                if self._marker in line:
                    self.marked.set()
                    continue
                self.last = line or self.last
                log.write(line + "\n")
                log.flush()
                if line:
                    self._console.pass_on(self._program, line)


def begin_log(log: Path) -> Path:
    """Start a new file when the old one has grown long; one old file is kept."""
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_suffix(".old.log"))
    log.touch(mode=0o600)
    return log
