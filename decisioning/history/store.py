"""Where anchors are kept: JSON lines in a folder or an object store, through fsspec. Lines are added and never changed."""

from __future__ import annotations

import os
from pathlib import Path

import fsspec
from django.conf import settings
from fsspec.implementations.local import LocalFileSystem

from rules.history import Line, encode_line, read_line

FILE = "anchors.jsonl"
TAIL = 1 << 20
"""More than a line ever has: a thousand workspaces take half of it."""


class AnchorStore:
    """In a folder, one file that grows. An object store can't add to an object and may forbid changing one: there each line is one.

    Errors are those of fsspec, mostly OSError.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self._files, root = fsspec.core.url_to_fs(address)
        self._root = root.rstrip("/")
        self._local = isinstance(self._files, LocalFileSystem)

    def lines(self) -> list[bytes]:
        """Whole lines, the first first. What a crash has left half written at the end is none."""
        if self._local:
            return _whole(self._path.read_bytes()) if self._path.exists() else []
        return [line for name in self._names() for line in _whole(self._files.cat_file(name))]

    def last(self) -> Line | None:
        """Raises BadAnchor where the last line is none."""
        if self._local:
            found = _whole(_tail(self._path)) if self._path.exists() else []
        else:
            found = _whole(self._files.cat_file(names[-1])) if (names := self._names()) else []
        return read_line(found[-1]) if found else None

    def append(self, line: Line) -> None:
        """On the disk when this returns. For one caller at a time."""
        data = encode_line(line)
        if not self._local:
            self._files.pipe_file(f"{self._root}/{line.anchor.number:012d}.jsonl", data)
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab") as file:
            file.truncate(_end_of_last_line(self._path))
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    @property
    def _path(self) -> Path:
        return Path(self._root) / FILE

    def _names(self) -> list[str]:
        self._files.invalidate_cache()
        try:
            return sorted(name for name in self._files.find(self._root) if name.endswith(".jsonl"))
        except FileNotFoundError:
            return []


def _whole(data: bytes) -> list[bytes]:
    return data.split(b"\n")[:-1]


def _tail(path: Path) -> bytes:
    """The end of a file, from the beginning of some line on."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - TAIL))
        data = file.read()
    return data if size <= TAIL else data.partition(b"\n")[2]


def _end_of_last_line(path: Path) -> int:
    size = path.stat().st_size
    torn = _tail(path).rpartition(b"\n")[2]
    return size - len(torn)


def configured() -> AnchorStore | None:
    """None where ANCHOR_URL is off. Raises ImportError or ValueError for an address nobody can reach."""
    return AnchorStore(settings.ANCHOR_URL) if settings.ANCHOR_URL else None
