"""Use case: verify every chain against itself and against the anchors, in one snapshot of the database."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db import connection, transaction

from decisioning.history import asking, results, signing
from decisioning.history.asking import Run
from decisioning.history.results import Chain, Found, Result
from decisioning.history.store import configured
from rules import bundles, history, selectors
from rules.history import BadAnchor, Finding, Line, Trust, Verification

logger = logging.getLogger(__name__)
LOCK = 0x5168


@dataclass(slots=True)
class Report:
    """`anchors`: those that hold, and `anchor_findings` what is wrong with the others; `unguarded`: tables that lack a guard."""

    at: str
    seconds: float = 0.0
    chains: list[Verification] = field(default_factory=list)
    anchors: list[Line] = field(default_factory=list)
    anchor_findings: list[Finding] = field(default_factory=list)
    unguarded: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return all(chain.ok for chain in self.chains) and not self.outside

    @property
    def outside(self) -> list[Finding]:
        """What concerns everybody: anchors, and guards."""
        guards = [
            Finding(
                "guard_missing", "guards", table, f"Nothing keeps history in {table}: a trigger of its is off, gone, or not what it was."
            )
            for table in self.unguarded
        ]
        return self.anchor_findings + guards

    @property
    def findings(self) -> list[Finding]:
        return [finding for chain in self.chains for finding in chain.findings] + self.outside


def verify_if_due(*, now: float) -> Report | None:
    """At the first look, when it is due, and where somebody asked. Keeps the result. Raises what the database and Redis raise."""
    kept, asked = results.read(), asking.asked()
    if kept is not None and now < kept.due_at and not (asked and asked.is_open(kept)):
        return None
    return verify_and_keep(now=now)


def verify_and_keep(*, now: float) -> Report | None:
    """None where somebody else is at it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, 1)", [LOCK])
        if not cursor.fetchone()[0]:
            return None
    try:
        report = verify(now=now, tell=lambda done, total: asking.tell(Run(now, done, total)))
        report.anchor_findings += _lost(report)
        results.keep(as_result(report))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, 1)", [LOCK])
        asking.tell(None)
    if not report.ok:
        logger.error("HISTORY BROKEN: %s", "; ".join(finding.message for finding in report.findings[:5]))
    return report


def verify(
    *,
    now: float,
    only: str | None = None,
    given: Sequence[bytes] | None = None,
    trust: Trust | None = None,
    tell: Callable[[int, int], None] = lambda done, total: None,
) -> Report:
    """`given` are the lines of an anchor file, instead of those kept; `only` is one workspace's key; `trust` whose anchors count; `tell`
    is called with the chains looked at and how many there are.

    Anchors are read before the rows are: what they speak of is in the database by then.
    """
    started, report = time.monotonic(), Report(bundles.moment(datetime.fromtimestamp(now, UTC)))
    lines = _kept(report) if given is None else given
    report.anchors, wrong = read_anchors(lines, trust or signing.trust())
    report.anchor_findings += wrong
    with snapshot():
        workspaces = selectors.workspaces()
        keys = {workspace.key for workspace in workspaces}
        for done, workspace in enumerate(workspaces):
            tell(done, len(workspaces) + 1)
            if only in (None, workspace.key):
                report.chains.append(history.verify_workspace(workspace.key, selectors.history_rows(workspace), report.anchors))
        tell(len(workspaces), len(workspaces) + 1)
        if only is None:
            report.chains.append(history.verify_events(selectors.audit_rows(None), report.anchors))
        report.unguarded = selectors.unguarded()
    report.anchor_findings += _gone(report.anchors, keys, only)
    report.seconds = round(time.monotonic() - started, 3)
    return report


def read_anchors(lines: Sequence[bytes], trust: Trust) -> tuple[list[Line], list[Finding]]:
    """Those that hold, in their order, and what is wrong with the others or between them."""
    found: list[Line] = []
    wrong: list[Finding] = []
    for place, data in enumerate(lines, 1):
        try:
            line = history.read_line(data)
            trust.check(line)
            found.append(line)
        except BadAnchor as error:
            wrong.append(Finding("anchor_bad", "anchors", f"line {place}", f"Line {place} of the anchors: {error}."))
    return found, wrong + history.unbroken(found)


def as_result(report: Report) -> Result:
    newest = report.anchors[-1].anchor if report.anchors else None
    return Result(
        at=datetime.fromisoformat(report.at).timestamp(),
        seconds=report.seconds,
        chains={
            chain.chain or "": Chain(
                **chain.counts._asdict(),
                anchored=chain.anchored,
                found=chain.found,
                findings=[Found(*finding) for finding in chain.findings],
            )
            for chain in report.chains
        },
        outside=[Found(*finding) for finding in report.outside],
        newest_anchor=newest.number if newest else 0,
        anchored_at=newest.at if newest else "",
    )


def _kept(report: Report) -> list[bytes]:
    try:
        store = configured()
        return store.lines() if store else []
    except (OSError, ImportError, ValueError) as error:
        words = f"The anchors can't be read: {type(error).__name__}: {error}."
        report.anchor_findings.append(Finding("anchors_unreadable", "anchors", "all", words))
        return []


def _gone(anchors: Sequence[Line], keys: set[str], only: str | None) -> list[Finding]:
    """Workspaces that anchors have seen and that are not there any more."""
    seen = {heads.chain: line.anchor for line in reversed(anchors) for heads in line.chains if heads.chain is not None}
    return [
        Finding("chain_gone", "anchors", chain, f"The workspace {chain}, which anchor {anchor.number} of {anchor.at} has seen, is gone.")
        for chain, anchor in sorted(seen.items())
        if chain not in keys and only in (None, chain)
    ]


def _lost(report: Report) -> list[Finding]:
    """Anchors that the verification before has seen."""
    kept = results.read()
    newest = report.anchors[-1].anchor.number if report.anchors else 0
    if kept is None or newest >= kept.newest_anchor:
        return []
    words = f"The last verification saw anchor {kept.newest_anchor}, and now the newest is {newest or 'none'}: some were taken away."
    return [Finding("anchors_lost", "anchors", f"anchor {newest + 1}", words)]


@contextmanager
def snapshot() -> Iterator[None]:
    """Everything as it is at one moment, though others publish meanwhile. In a transaction that runs already: as that sees it."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield
