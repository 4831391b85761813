"""Whom an erasure is about: the ids of one user, and up to where in the event log."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import msgspec
from django.conf import settings

from decisioning import codec, keys
from decisioning.tagging.event import Event

ERASED = "erased:"


@dataclass(frozen=True)
class Scope:
    """`ids` are `u:..` and `a:..`; `until` has, by partition, the entry of the log up to which things are erased."""

    workspace: str
    ids: tuple[str, ...]
    until: Mapping[int, str]

    def is_mine(self, workspace: str, user: str) -> bool:
        return workspace == self.workspace and user in self.ids

    def holds(self, data: bytes) -> bool:
        """Whether these bytes are an event of the user, or a message that speaks of the user to somebody else."""
        if not any(user.encode() in data for user in self.ids):
            return False
        try:
            return self.is_about(codec.decode_event(data))
        except (msgspec.DecodeError, UnicodeError):
            return self.workspace.encode() in data  # no event, but the user's id is in it

    def is_about(self, event: Event) -> bool:
        if event.workspace != self.workspace:
            return False
        told = event.properties.values() if event.name.startswith("$") else ()
        return event.user in self.ids or getattr(event, "alias", None) in self.ids or any(one in self.ids for one in told)

    def is_from_before(self, data: bytes, moment: float) -> bool:
        """Whether these bytes are an event of the user, or about the user, that was received before the moment."""
        return self.holds(data) and codec.decode_event(data).received < moment

    def holds_record(self, data: bytes) -> bool:
        """Whether these bytes are a record that names the user: a decision, a word about consent."""
        if not any(user.encode() in data for user in self.ids):
            return False
        try:
            record: Any = msgspec.msgpack.decode(data)
        except (msgspec.DecodeError, UnicodeError):
            return True
        return isinstance(record, dict) and self.is_mine(str(record.get("workspace")), str(record.get("user")))

    @property
    def partitions(self) -> list[int]:
        return sorted({keys.partition_of(self.workspace, user) for user in self.ids})


def pseudonym(workspace: str, user: str) -> str:
    """Stands for the user in what stays: the same for the same user, and nobody without this installation's secret can make it."""
    key = sha256(b"signpost pseudonyms\0" + settings.SECRET_KEY.encode()).digest()
    return ERASED + hmac.new(key, f"{workspace}\0{user}".encode("utf-8", "surrogatepass"), sha256).hexdigest()[:40]
