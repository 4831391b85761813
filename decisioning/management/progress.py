"""A progress bar under the lines of a command: on a terminal only, elsewhere the lines stand alone."""

from __future__ import annotations

from typing import Any

WIDTH = 30
CLEAR = "\r\033[K"


class Progress:
    def __init__(self, out: Any, *, total: int) -> None:
        self._out, self._total, self._done = out, total, 0
        self._live = bool(out.isatty())
        self.printed = 0

    def print(self, line: str) -> None:
        """A line above the bar."""
        self._write(CLEAR if self._live else "", line, "\n")
        self.printed += 1
        self._draw()

    def step(self, done: int) -> None:
        self._done = done
        self._draw()

    def close(self) -> None:
        if self._live:
            self._write(CLEAR)

    def _draw(self) -> None:
        if self._live:
            filled = WIDTH * self._done // self._total
            self._write(CLEAR, f"[{'█' * filled}{'░' * (WIDTH - filled)}] {self._done}/{self._total}")

    def _write(self, *parts: str) -> None:
        self._out.write("".join(parts), ending="")
        self._out.flush()
