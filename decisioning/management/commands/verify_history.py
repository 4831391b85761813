"""`manage.py verify_history`: checks every row of history, says in plain words what holds, and fails where something does not."""

from __future__ import annotations

import binascii
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from decisioning.history import signing, verifying
from decisioning.history.verifying import Report
from rules import selectors
from rules.history import Trust, Verification


class Command(BaseCommand):
    help = "Verifies versions, approvals, releases and the audit log against hashes, chains and anchors. Fails on any break."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--anchor", metavar="FILE", help="anchors kept elsewhere (JSON lines) instead of those in ANCHOR_URL")
        parser.add_argument("--workspace", metavar="KEY", help="only this one")
        parser.add_argument("--public-key", metavar="KEY", action="append", default=[], help="trust anchors signed with this one too")

    def handle(self, *, anchor: str | None, workspace: str | None, public_key: Sequence[str], **_: Any) -> None:
        if workspace is not None and workspace not in {one.key for one in selectors.workspaces()}:
            raise CommandError(f"There is no workspace {workspace}.")
        trust = _trust(public_key)
        given = None if anchor is None else _lines(Path(anchor), trust)
        report = verifying.verify(now=time.time(), only=workspace, given=given, trust=trust)
        self.stdout.write("\n".join(as_words(report)))
        if not report.ok:
            raise CommandError("History is broken.")


def _trust(public_key: Sequence[str]) -> Trust:
    try:
        return Trust([*signing.public_keys(), *public_key])
    except (ValueError, binascii.Error) as error:
        raise CommandError(f"--public-key is not 32 bytes in base64, as `manage.py anchor --public-key` shows it: {error}.") from error


def _lines(path: Path, trust: Trust) -> list[bytes]:
    """Raises CommandError for a file that does not prove anything: it is missing, damaged, or signed by somebody else."""
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError as error:
        raise CommandError(f"There is no file {path}.") from error
    except OSError as error:
        raise CommandError(f"{path} can't be read: {error.strerror}.") from error
    if not lines:
        raise CommandError(f"{path} holds no anchor.")
    found, wrong = verifying.read_anchors(lines, trust)
    if not found:
        raise CommandError(f"{path}: {wrong[0].message} So nothing was verified.")
    return lines


def as_words(report: Report) -> list[str]:
    lines = [line for chain in report.chains for line in _chain_words(chain)]
    if report.anchors:
        newest = report.anchors[-1].anchor
        lines.append(f"anchors: {len(report.anchors)}, the newest is {newest.number} of {newest.at}")
    else:
        lines.append("anchors: none, so a history rewritten from end to end can't be seen. `manage.py anchor` makes one.")
    lines.append("guards: every table of history refuses changes" if not report.unguarded else "guards: MISSING")
    lines += [f"  {finding.message}" for finding in report.outside]
    rows = sum(sum(chain.counts) for chain in report.chains)
    verdict = "Everything holds." if report.ok else "NOT EVERYTHING HOLDS."
    return [*lines, f"{rows} rows in {report.seconds:.1f} s. {verdict}"]


def _chain_words(chain: Verification) -> list[str]:
    counts = chain.counts
    parts = [(counts.releases, "releases"), (counts.versions, "versions"), (counts.approvals, "approvals"), (counts.events, "audit events")]
    told = ", ".join(f"{count} {words}" for count, words in parts if count or chain.chain is not None or words == "audit events")
    state = "whole" if chain.ok else f"BROKEN, {chain.found} findings"
    lines = [f"{chain.chain or 'the installation'}: {told}; {chain.anchored} anchors speak of it: {state}"]
    first = {finding.what: finding for finding in reversed(chain.findings)}
    lines += [f"  first bad row of {what}: {first[what].first}" for what in sorted(first)]
    return lines + [f"    {finding.message}" for finding in chain.findings]
