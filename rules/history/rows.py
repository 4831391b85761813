"""Rows of history as a verification reads them. `said` is what a row's hash is over: JSON values only."""

from __future__ import annotations

from typing import Any, NamedTuple

Said = dict[str, Any]


class VersionRow(NamedTuple):
    """`said` holds all but the body, which `body_hash` in it speaks for."""

    id: int
    said: Said
    body: Any

    @property
    def name(self) -> str:
        return f"{self.said['kind']} {self.said['key']} v{self.said['number']}"


class ApprovalRow(NamedTuple):
    """`said` names the version by kind, key and number."""

    id: int
    said: Said

    @property
    def name(self) -> str:
        return f"approval {self.id} of {self.said['kind']} {self.said['key']} v{self.said['version']}"


class ChangeRow(NamedTuple):
    """What a release did to one thing: numbers of its versions, None where there was or is none."""

    kind: str
    key: str
    before: int | None
    after: int | None


class ReleaseRow(NamedTuple):
    id: int
    said: Said
    hash: str
    bundle: bytes
    changes: list[ChangeRow]


class ReviewRow(NamedTuple):
    """`release` is the number of the release that it is of."""

    release: int
    said: Said


class AuditRow(NamedTuple):
    id: int
    said: Said
    hash: str
