"""Releases, the audit log and verification on the wire."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from decisioning.api.shapes.replies import Actor


class HistoryFinding(msgspec.Struct):
    """`what` is a chain or a table, `first` the first bad row of it in words, such as `release 7`."""

    code: str
    what: str
    first: str
    message: str


class HistoryVerification(msgspec.Struct):
    """`anchors`: how many of them speak of this workspace; `anchored_at`: when the newest was signed. `findings`: the first ones."""

    status: Literal["whole", "broken", "not_verified_yet"]
    verified_at: str | None
    age_seconds: float | None
    stale: bool
    took_seconds: float | None
    releases: int
    versions: int
    approvals: int
    audit_events: int
    anchors: int
    anchored_at: str | None
    findings: list[HistoryFinding]


class AuditObject(msgspec.Struct):
    """`version`: the version's number, or the release's."""

    kind: str
    key: str
    version: int | None


class AuditEvent(msgspec.Struct):
    """`hash` is over everything here but itself, and the workspace's key, in RFC 8785 form; `prev_hash` that of the event before."""

    number: int
    at: str
    actor: Actor
    action: str
    object: AuditObject
    words: list[str]
    reason: str
    data: dict[str, Any]
    prev_hash: str
    hash: str


class AuditReply(msgspec.Struct):
    """`next`: where the next page begins, as `after`; null where there is none."""

    events: list[AuditEvent]
    next: int | None


class ReleaseBrief(msgspec.Struct):
    """`hash` is over everything here but itself, the workspace's key and the manifest, in RFC 8785 form; `digest` is the bundle's."""

    number: int
    reason: str
    publisher: Actor
    published_at: str
    effective_from: str
    four_eyes: bool
    rolled_back_to: int | None
    digest: str
    prev_hash: str
    hash: str


class ReleasesReply(msgspec.Struct):
    """`next`: where the next page begins, as `before`; null where there is none."""

    releases: list[ReleaseBrief]
    next: int | None


class Listed(msgspec.Struct):
    kind: str
    key: str
    version: int
    body_hash: str


class Review(msgspec.Struct):
    reviewer: Actor
    verdict: Literal["approved", "changes_asked"]
    comment: str
    at: str


class ReleasedVersion(msgspec.Struct):
    number: int
    removed: bool
    body_hash: str
    author: Actor
    reason: str
    created_at: str
    approvals: list[Review]


class ReleasedChange(msgspec.Struct):
    """`before`: the version that was live; null: none. `after`: the one that is; null: a roll-back to before there was one."""

    kind: str
    key: str
    before: int | None
    after: ReleasedVersion | None


class ReleaseReply(ReleaseBrief):
    """`at` only where a time was asked for."""

    manifest: list[Listed]
    changes: list[ReleasedChange]
    at: str = ""


class ChangeInWords(msgspec.Struct):
    path: str
    op: Literal["added", "removed", "changed", "moved"]
    words: str
    before: Any
    after: Any


class ReleaseDifference(msgspec.Struct):
    """`before` and `after` are the versions' numbers; null: not live there."""

    kind: str
    key: str
    before: int | None
    after: int | None
    changes: list[ChangeInWords]


class ReleasesCompared(msgspec.Struct, rename={"older": "from", "newer": "to"}):
    older: int
    newer: int
    differences: list[ReleaseDifference]
