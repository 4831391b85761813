"""One verification: all checks over a workspace's rows, or over the installation's own audit chain. Rows are read once, as they come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from rules.history.anchors import Heads, Line, chain_findings
from rules.history.canonical import sha256
from rules.history.findings import Finding
from rules.history.releases import Chain
from rules.history.reviews import check_reviews, noticed
from rules.history.rows import ApprovalRow, AuditRow, ReleaseRow, ReviewRow, Said, VersionRow
from rules.history.verdicts import Verdicts
from rules.history.versions import Authored, check_approvals, check_versions

MOST = 20
"""Findings kept of each chain. The first ones tell where; one change at the root can make thousands."""


class Rows(NamedTuple):
    """A workspace's history, each part in the order it was written. Read in this order, and each once."""

    versions: Iterable[VersionRow]
    approvals: Iterable[ApprovalRow]
    releases: Iterable[ReleaseRow]
    events: Iterable[AuditRow]
    reviews: Iterable[ReviewRow]


class Counts(NamedTuple):
    versions: int = 0
    approvals: int = 0
    releases: int = 0
    events: int = 0


@dataclass(slots=True)
class Verification:
    """`anchored`: how many anchors speak of this chain; `chain` is None for the installation's."""

    chain: str | None
    counts: Counts = field(default_factory=Counts)
    findings: list[Finding] = field(default_factory=list)
    found: int = 0
    anchored: int = 0
    heads: Heads | None = None

    @property
    def ok(self) -> bool:
        return not self.found

    def take(self, findings: Iterable[Finding]) -> None:
        kept: dict[str, int] = {}
        for finding in findings:
            self.found += 1
            kept[finding.what] = kept.get(finding.what, 0) + 1
            if kept[finding.what] <= MOST:
                self.findings.append(finding)


def verify_workspace(key: str, rows: Rows, anchors: Iterable[Line] = ()) -> Verification:
    authored, events, reviewed, verdicts = Authored(), list[str](), dict[int, Said](), Verdicts()
    chain = Chain(authored)
    told = Verification(key)
    told.take(check_versions(rows.versions, authored))
    told.take(check_approvals(verdicts.approvals(rows.approvals), authored))
    told.take(chain.check(rows.releases))
    told.take(check_events(verdicts.events(noticed(rows.events, reviewed)), events))
    told.take(verdicts.findings())
    told.take(check_reviews(rows.reviews, chain.hashes, chain.emergencies, reviewed))
    told.counts = Counts(len(authored.version_hashes), len(authored.approval_hashes), _there(chain.hashes), _there(events))
    hashes = {"versions": authored.version_hashes, "approvals": authored.approval_hashes, "releases": chain.hashes, "audit": events}
    return _anchored(told, hashes, anchors)


def verify_events(rows: Iterable[AuditRow], anchors: Iterable[Line] = ()) -> Verification:
    told, events = Verification(None), list[str]()
    told.take(check_events(rows, events))
    told.counts = Counts(events=_there(events))
    return _anchored(told, {"audit": events}, anchors)


def _there(hashes: list[str]) -> int:
    """Rows that are there; one that is missing between others has no hash."""
    return sum(map(bool, hashes))


def _anchored(told: Verification, hashes: dict[str, list[str]], anchors: Iterable[Line]) -> Verification:
    findings, told.anchored = chain_findings(told.chain, hashes, anchors)
    told.take(findings)
    told.heads = Heads.of(told.chain, hashes)
    return told


def check_events(rows: Iterable[AuditRow], hashes: list[str]) -> Iterator[Finding]:
    """The audit chain. Adds each row's hash to `hashes`."""
    before, expected = "", 1
    for row in rows:
        number = row.said["number"]
        name = f"audit event {number}"
        if number != expected:
            yield Finding("event_missing", "audit", name, f"After audit event {expected - 1} comes {number}.")
        elif row.said["prev_hash"] != before:
            yield Finding("event_unchained", "audit", name, f"Audit event {number} does not carry the hash of {number - 1} as that is now.")
        if sha256(row.said) != row.hash:
            yield Finding("event_altered", "audit", name, f"What audit event {number} says is not what its hash says.")
        hashes += [""] * (number - 1 - len(hashes))
        hashes.append(row.hash)
        before, expected = row.hash, number + 1
