"""Reads a recorded event file: JSON lines, first a header, then `{"after": seconds, "message": {...}}` each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec

T = TypeVar("T")


class BadRecording(ValueError):
    """A file that is not a recording, with the number of the line that is wrong."""


class Header(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    workspace: str
    placements: Annotated[list[str], msgspec.Meta(min_length=1)]
    about: str = ""
    context: dict[str, Any] = {}


class Line(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One event: how long after the line before it, the tracking message, and what only its request knows."""

    message: dict[str, Any]
    after: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    context: dict[str, Any] = {}
    session: str | None = None

    @property
    def user(self) -> str:
        return str(self.message.get("userId") or self.message.get("anonymousId") or "")


class Recording(msgspec.Struct, frozen=True):
    """`lines` holds each line's number in the file, the seconds since the first event, and the line."""

    header: Header
    lines: list[tuple[int, float, Line]]

    @property
    def seconds(self) -> float:
        return self.lines[-1][1]


def read(path: Path) -> Recording:
    """Raises BadRecording for anything that can't be played to its end, so that nothing is sent of a broken file."""
    rows = _rows(path)
    first = next(rows, None)
    if first is None:
        raise BadRecording(f"{path.name} is empty.")
    header = _decode(path, *first, Header)
    elapsed, lines = 0.0, []
    for number, text in rows:
        line = _decode(path, number, text, Line)
        if not line.user:
            raise BadRecording(f"{path.name}, line {number}: the message has no userId and no anonymousId.")
        elapsed += line.after
        lines.append((number, elapsed, line))
    if not lines:
        raise BadRecording(f"{path.name} has a header but no events.")
    return Recording(header, lines)


def _rows(path: Path) -> Iterator[tuple[int, str]]:
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise BadRecording(f"{path} can't be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise BadRecording(f"{path.name} is not UTF-8 text.") from error
    return ((number, row) for number, row in enumerate(text.splitlines(), 1) if row.strip())


def _decode(path: Path, number: int, text: str, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.DecodeError as error:
        raise BadRecording(f"{path.name}, line {number}: {error}.") from error
