"""What the newest verification found, kept in Redis: whoever has the database's tables can't write it, and asking costs nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from decisioning import keys
from decisioning.redis import worker_client

EVERY = 300.0
"""Seconds from one verification to the next."""
SHARE = 20
"""A verification that takes long is made less often: it may work for this part of the time at most."""


class Found(msgspec.Struct, frozen=True):
    code: str
    what: str
    first: str
    message: str


class Chain(msgspec.Struct, frozen=True):
    """`found`: how many findings there were; `findings`: the first of them. `anchored`: how many anchors speak of it."""

    releases: int
    versions: int
    approvals: int
    events: int
    anchored: int
    found: int
    findings: list[Found]


class Result(msgspec.Struct, frozen=True):
    """`chains` by workspace, the installation's own under ""; `outside`: findings about anchors and guards, which concern everybody."""

    at: float
    seconds: float
    chains: dict[str, Chain]
    outside: list[Found]
    newest_anchor: int
    anchored_at: str

    @property
    def ok(self) -> bool:
        return not self.outside and not any(chain.found for chain in self.chains.values())

    @property
    def releases(self) -> int:
        return sum(chain.releases for chain in self.chains.values())

    @property
    def findings(self) -> list[Found]:
        return self.outside + [found for chain in self.chains.values() for found in chain.findings]

    @property
    def due_at(self) -> float:
        """When the timetable asks for the next one."""
        return self.at + max(EVERY, SHARE * self.seconds)

    def is_stale(self, now: float) -> bool:
        """The next one has not come, nor the one after it: this one says little of now."""
        return now - self.at > 2 * (self.due_at - self.at)

    def words_of(self, workspace: str, now: float) -> dict[str, Any]:
        """What the API tells one workspace: its own findings, and those that concern everybody."""
        chain = self.chains.get(workspace)
        findings = [*(chain.findings if chain else []), *self.outside]
        return {
            "status": "not_verified_yet" if chain is None else "broken" if findings else "whole",
            "verified_at": datetime.fromtimestamp(self.at, UTC).isoformat(),
            "age_seconds": round(now - self.at, 3),
            "stale": self.is_stale(now),
            "took_seconds": self.seconds,
            "releases": chain.releases if chain else 0,
            "versions": chain.versions if chain else 0,
            "approvals": chain.approvals if chain else 0,
            "audit_events": chain.events if chain else 0,
            "anchors": chain.anchored if chain else 0,
            "anchored_at": self.anchored_at or None,
            "findings": [msgspec.structs.asdict(found) for found in findings],
        }


NEVER: dict[str, Any] = {
    "status": "not_verified_yet", "verified_at": None, "age_seconds": None, "stale": False, "took_seconds": None, "releases": 0,
    "versions": 0, "approvals": 0, "audit_events": 0, "anchors": 0, "anchored_at": None, "findings": [],
}  # fmt: skip


def read() -> Result | None:
    """None where there never was a verification. Raises RedisError."""
    data = worker_client().get(keys.HISTORY)
    try:
        return msgspec.json.decode(data, type=Result) if data else None
    except msgspec.MsgspecError:
        return None  # an older Signpost's: the next verification is due at once


def keep(result: Result) -> None:
    worker_client().set(keys.HISTORY, msgspec.json.encode(result))
