"""Where the raw archive is kept: a folder or an object store, through fsspec; and how its files are named."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import IO, NamedTuple

import fsspec
from django.conf import settings
from fsspec.implementations.local import LocalFileSystem

from decisioning.streams import ids

SUFFIX = ".jsonl.gz"
_NAME = re.compile(rf"p(\d+)/(\d{{4}}-\d\d-\d\d)/(\d\d)/(\d+-\d+)_(\d+-\d+){re.escape(SUFFIX)}")


class Part(NamedTuple):
    """One file: entries of one partition and hour, with the ids of its first and its last."""

    partition: int
    hour: datetime
    first: str
    last: str

    @property
    def name(self) -> str:
        """The same entries have the same name, so writing them twice is writing them once."""
        return f"p{self.partition:04d}/{self.hour:%Y-%m-%d/%H}/{self.first}_{self.last}{SUFFIX}"


def part_of(name: str) -> Part | None:
    """What a file holds by its name; None for a file that is none of ours, or not wholly written."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    return Part(int(found[1]), datetime.fromisoformat(f"{found[2]}T{found[3]}:00:00+00:00"), found[4], found[5])


class Store:
    """Files by their names beneath one address. Errors are those of fsspec, mostly OSError."""

    def __init__(self, address: str) -> None:
        self._files, root = fsspec.core.url_to_fs(address)
        self._root = root.rstrip("/")
        self._local = isinstance(self._files, LocalFileSystem)

    def parts(self, partition: int, days: Iterable[datetime] | None = None) -> list[Part]:
        """Those of a partition, of all days or of these only, in the order of their first entries."""
        self._files.invalidate_cache()
        folders = [f"p{partition:04d}"] if days is None else [f"p{partition:04d}/{day:%Y-%m-%d}" for day in days]
        names = [path for folder in folders for path in self._files.find(f"{self._root}/{folder}")]
        found = [part for name in names if (part := part_of(name[len(self._root) + 1 :])) is not None]
        return sorted(found, key=lambda part: ids.parts(part.first))

    def open(self, part: Part) -> IO[bytes]:
        """Raises FileNotFoundError where it was removed meanwhile."""
        return self._files.open(f"{self._root}/{part.name}", "rb")

    def write(self, part: Part, data: bytes) -> None:
        """Whole or not at all, and on the disk when this returns. An object store does that by itself."""
        path = f"{self._root}/{part.name}"
        if self._local:
            _write_locally(Path(path), data)
        else:
            self._files.pipe_file(path, data)

    def remove(self, part: Part) -> None:
        try:
            self._files.rm_file(f"{self._root}/{part.name}")
        except FileNotFoundError:
            return


def _write_locally(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with scratch.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def hour_of(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds // 3600 * 3600, UTC)


@cache
def _store(address: str) -> Store:
    return Store(address)


def configured() -> Store | None:
    """The store that RAW_ARCHIVE names, None where the archive is off. Raises ImportError or ValueError for an address nobody can reach."""
    return _store(settings.RAW_ARCHIVE) if settings.RAW_ARCHIVE else None
