"""Whether history is what it was: pure checks of rows against their hashes, their chains, each other, and signed anchors."""

from rules.history.anchors import (
    LISTS,
    Anchor,
    BadAnchor,
    Heads,
    Key,
    Line,
    Trust,
    anchor_line,
    chain_findings,
    encode_line,
    read_line,
    unbroken,
)
from rules.history.canonical import canonical, folded, sha256
from rules.history.findings import Finding
from rules.history.rows import ApprovalRow, AuditRow, ChangeRow, ReleaseRow, ReviewRow, VersionRow
from rules.history.verify import Counts, Rows, Verification, verify_events, verify_workspace

__all__ = [
    "LISTS",
    "Anchor",
    "ApprovalRow",
    "AuditRow",
    "BadAnchor",
    "ChangeRow",
    "Counts",
    "Finding",
    "Heads",
    "Key",
    "Line",
    "ReleaseRow",
    "ReviewRow",
    "Rows",
    "Trust",
    "Verification",
    "VersionRow",
    "anchor_line",
    "canonical",
    "chain_findings",
    "encode_line",
    "folded",
    "read_line",
    "sha256",
    "unbroken",
    "verify_events",
    "verify_workspace",
]
