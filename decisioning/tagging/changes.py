"""What an event changed, in words people read."""

from __future__ import annotations

from typing import Literal

import msgspec

from decisioning.tagging.times import rfc3339

Kind = Literal["session_started", "trait_changed", "tag_added", "tag_extended", "tag_removed", "tag_expired", "merged", "merge_refused"]


class Change(msgspec.Struct, frozen=True):
    """One change; its `because` is what a person is told, such as `Order Completed at 2026-11-21T10:00:00Z`."""

    kind: Kind
    key: str
    at: float
    cause: str

    @property
    def because(self) -> str:
        """Made when it is read: most folds are of workers, who tell nobody."""
        return because(self.cause, self.at)


def because(cause: str, at: float) -> str:
    return f"{cause} at {rfc3339(at)}"
