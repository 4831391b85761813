"""What several endpoints answer with: errors, people, names of things."""

from __future__ import annotations

from typing import Literal

import msgspec

from rules.engine import Problem


class Error(msgspec.Struct):
    code: str
    message: str
    problems: list[Problem]


class ErrorReply(msgspec.Struct):
    error: Error


class Actor(msgspec.Struct):
    """An account's id and name as they were; 0 is the command line, -1 an API key."""

    id: int
    name: str


class Reference(msgspec.Struct):
    key: str
    version: int | None


class Content(msgspec.Struct):
    type: Literal["html", "text", "fields"]
    body: str
    fields: dict[str, str]


class ItemError(msgspec.Struct, rename="camel"):
    index: int | None
    message_id: str | None
    code: str
    message: str
