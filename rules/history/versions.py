"""Checks versions and approvals: each body is what its hash says, numbers have no gap, and who approved was a second person."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from rules.history.canonical import canonical, digest_of, folded
from rules.history.findings import Finding
from rules.history.nested import mark_of
from rules.history.rows import ApprovalRow, VersionRow

Identity = tuple[str, str]


class Known(NamedTuple):
    """What is kept of a version while releases are checked."""

    body_hash: str
    author_id: int
    contributors: tuple[int, ...]
    mark: bytes
    """Of what a bundle says of it."""
    place: tuple[str, str | None, int] | None
    """Of a rule: placement, parent, position."""
    removed: bool


class Verdict(NamedTuple):
    approved: bool
    reviewer_id: int
    at: str


@dataclass(slots=True)
class Authored:
    """All versions of a workspace and the verdicts on them, with the hashes of both lists after each row."""

    versions: dict[tuple[str, str, int], Known] = field(default_factory=dict)
    verdicts: dict[tuple[str, str, int], list[Verdict]] = field(default_factory=dict)
    version_hashes: list[str] = field(default_factory=list)
    approval_hashes: list[str] = field(default_factory=list)


def check_versions(rows: Iterable[VersionRow], found: Authored) -> Iterator[Finding]:
    """`rows` in the order they were written."""
    newest: dict[Identity, int] = {}
    running = ""
    for row in rows:
        said = row.said
        kind, key, number = said["kind"], said["key"], said["number"]
        data = canonical(row.body)
        if digest_of(data) != said["body_hash"]:
            yield Finding("body_altered", "versions", row.name, f"The body of {row.name} is not what its hash says.")
        expected = newest.get((kind, key), 0) + 1
        if number != expected:
            yield Finding("version_missing", "versions", row.name, f"{kind} {key} goes from v{expected - 1} to v{number}.")
        newest[kind, key] = number
        found.versions[kind, key, number] = _known(said, data)
        running = folded(running, said)
        found.version_hashes.append(running)


def _known(said: dict[str, Any], data: bytes) -> Known:
    kind, key, number = said["kind"], said["key"], said["number"]
    mark, place, body = b"", None, json.loads(data or b"null")  # read anew: there 1.0 is 1, as it is in a bundle
    if isinstance(body, dict):
        mark = mark_of({"key": key, "version": number, **body}, kind)
        place = (body.get("placement", ""), body.get("parent"), body.get("position", 0)) if kind == "rule" else None
    return Known(said["body_hash"], said["author_id"], tuple(said.get("contributors", ())), mark, place, removed=body is None)


def check_approvals(rows: Iterable[ApprovalRow], found: Authored) -> Iterator[Finding]:
    """`rows` in the order they were written; after `check_versions`."""
    running = ""
    for row in rows:
        said = row.said
        identity = (said["kind"], said["key"], said["version"])
        version = found.versions.get(identity)
        if version is None:
            yield Finding("approval_of_nothing", "approvals", row.name, f"The {row.name} is of a version that is not there.")
        elif (said["body_hash"], said["author_id"]) != (version.body_hash, version.author_id):
            yield Finding("approval_unbound", "approvals", row.name, f"The {row.name} is of another body or author than the version has.")
        elif said["reviewer_id"] in (version.author_id, *version.contributors):
            yield Finding("approval_by_author", "approvals", row.name, f"The {row.name} is by one of those who wrote it.")
        else:
            verdict = Verdict(said["verdict"] == "approved", said["reviewer_id"], said["created_at"])
            found.verdicts.setdefault(identity, []).append(verdict)
        running = folded(running, said)
        found.approval_hashes.append(running)
