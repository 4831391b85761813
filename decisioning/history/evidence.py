"""Use case: everything that proves a workspace's history, in one signed zip that a stranger can verify without Signpost."""

from __future__ import annotations

import csv
import hashlib
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import IO, Any

import msgspec

from decisioning.history import signing, verifying
from decisioning.history.store import configured
from rules import bundles, selectors
from rules.history import Finding, ReleaseRow, encode_line
from rules.models import Workspace

FORMAT = 1
FORMULA = ("=", "+", "-", "@", "\t", "\r")
README = """Evidence of the history of workspace {workspace}
Made {made_at} by Signpost. {up_to}

What is in it
  versions.json    every version of everything authored, with its body, its author and the hash of its body
  approvals.json   every approval, and every time changes were asked for
  releases.json    every release: what was live, by version and hash; who published it and why; the hash of the one before
  audit.json       the audit log of the workspace, each event with the hash of the one before
  anchors.jsonl    where these chains stood, signed at the time and kept outside the database
  *.csv            the same to read in a spreadsheet (texts that look like formulas have a ' before them)
  manifest.json    the SHA-256 of each file; manifest.sig is its Ed25519 signature in base64

How to check it
  python3 verify_evidence.py THIS.zip --public-key KEY
  The script is part of Signpost (docs/verify_evidence.py) and needs Python 3.9 and nothing else. Have it, and the public key, from
  somewhere else than this file: from the people who run the installation (`manage.py anchor --public-key`), or from earlier evidence.
  It computes every hash anew, from the bodies up to the digest of each release, and holds the chains against the anchors.

What it proves, and what not
  That nothing in it was changed, added or taken away since each anchor was signed, unless by somebody who has the private key.
  What was never written down, or was false when it was written, no hash can show.
"""
BROKEN = """
WHEN THIS WAS MADE, NOT EVERYTHING HELD
{findings}
"""


def temporary(workspace: Workspace, *, now: datetime, last: int | None = None) -> tuple[IO[bytes], list[Finding]]:
    """The package as a file that is gone when it is closed, at its beginning, and what does not hold of it. Raises NoKey."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  whoever gets it closes it
    found = write(file, workspace, now=now, last=last)
    file.seek(0)
    return file, found


def write(out: IO[bytes], workspace: Workspace, *, now: datetime, last: int | None = None) -> list[Finding]:
    """`last`: only releases up to this number. Returns what a verification of the same rows found; the README says it too. Raises NoKey."""
    key, made_at = signing.key(), bundles.moment(now)
    # Before the rows: what anchors speak of is in the database by then.
    kept = _kept()
    anchors = _anchors(kept, workspace.key)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, verifying.snapshot():
        package = _Package(archive)
        package.table("versions", VERSIONS, ({**row.said, "body": row.body} for row in selectors.version_rows(workspace)))
        package.table("approvals", APPROVALS, (row.said for row in selectors.approval_rows(workspace)))
        package.table("releases", RELEASES, _releases(selectors.release_rows(workspace, last=last)))
        package.table("audit", AUDIT, ({**row.said, "hash": row.hash} for row in selectors.audit_rows(workspace)))
        package.add("anchors.jsonl", anchors)
        up_to = "" if last is None else f"Releases up to {last}."
        found = verifying.verify(now=now.timestamp(), only=workspace.key, given=kept).findings
        readme = README.format(workspace=workspace.key, made_at=made_at, up_to=up_to)
        readme += BROKEN.format(findings="\n".join(f"  {one.first}: {one.message}" for one in found)) if found else ""
        package.add("README.txt", [readme.encode()])
        manifest = {
            "format": FORMAT,
            "workspace": workspace.key,
            "made_at": made_at,
            "releases_up_to": last,
            "public_key": key.public,
            "trusted_keys": signing.public_keys(),
            "files": package.hashes,
        }
        data = json.dumps(manifest, indent=2, ensure_ascii=False).encode()
        archive.writestr("manifest.json", data)
        archive.writestr("manifest.sig", key.sign(data) + "\n")
    return found


def _kept() -> list[bytes]:
    store = configured()
    return store.lines() if store else []


def _anchors(kept: list[bytes], workspace: str) -> list[bytes]:
    lines, _ = verifying.read_anchors(kept, signing.trust())
    return [encode_line(line.shown_for(workspace)) for line in lines]


def _releases(rows: Iterable[ReleaseRow]) -> Iterator[dict[str, Any]]:
    """With the workspace's settings as the bundle has them: the rest of a bundle follows from the versions."""
    for row in rows:
        document = msgspec.json.decode(row.bundle)
        changes = [change._asdict() for change in row.changes]
        yield {**row.said, "hash": row.hash, "settings": document.get("workspace"), "schema": document.get("schema"), "changes": changes}


Columns = dict[str, Callable[[dict[str, Any]], Any]]


def _plain(*names: str) -> Columns:
    return {name: lambda row, name=name: row[name] for name in names}


VERSIONS: Columns = {
    **_plain("kind", "key", "number", "author_name", "author_id", "created_at", "reason", "based_on", "body_hash"),
    "body": lambda row: json.dumps(row["body"], ensure_ascii=False, sort_keys=True),
}
APPROVALS = _plain("kind", "key", "version", "verdict", "reviewer_name", "reviewer_id", "author_id", "created_at", "comment", "body_hash")
RELEASES: Columns = {
    **_plain("number", "effective_from", "published_at", "publisher_name", "publisher_id", "reason", "four_eyes", "rolled_back_to"),
    "emergency": lambda row: row.get("emergency", False),
    "changed": lambda row: "; ".join(
        f"{one['kind']} {one['key']} v{one['before'] or '-'} to v{one['after'] or '-'}" for one in row["changes"]
    ),
    "versions_live": lambda row: len(row["manifest"]),
    **_plain("digest", "prev_hash", "hash"),
}
AUDIT: Columns = {
    **_plain("number", "at", "actor_name", "actor_id", "action", "object_kind", "object_key", "object_version"),
    "words": lambda row: " ".join(row["words"]),
    **_plain("reason", "hash"),
}


class _Package:
    """Writes files into the zip while they come, and their hashes."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.hashes: dict[str, str] = {}

    def add(self, name: str, parts: Iterable[bytes]) -> None:
        digest = hashlib.sha256()
        with self._archive.open(name, "w", force_zip64=True) as file:
            for part in parts:
                file.write(part)
                digest.update(part)
        self.hashes[name] = digest.hexdigest()

    def table(self, name: str, columns: Columns, rows: Iterable[dict[str, Any]]) -> None:
        """As a JSON list with a row a line, and as CSV, which is kept aside meanwhile: a zip is written one file after the other."""
        with tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as aside:
            aside.write("\ufeff")  # without it one widespread spreadsheet takes UTF-8 for something else
            writer = csv.writer(aside)
            writer.writerow(columns)
            self.add(f"{name}.json", _listed(rows, lambda row: writer.writerow([_cell(column(row)) for column in columns.values()])))
            aside.seek(0)
            self.add(f"{name}.csv", (part.encode() for part in iter(lambda: aside.read(1 << 16), "")))


def _listed(rows: Iterable[dict[str, Any]], seen: Callable[[dict[str, Any]], object]) -> Iterator[bytes]:
    before = "[\n"
    for row in rows:
        seen(row)
        yield (before + json.dumps(row, ensure_ascii=False, separators=(",", ":"))).encode()
        before = ",\n"
    yield b"\n]\n" if before != "[\n" else b"[]\n"


def _cell(value: Any) -> Any:
    """A spreadsheet would run a text that begins like a formula."""
    text = "" if value is None else value if isinstance(value, int | float) else str(value)
    return f"'{text}" if isinstance(text, str) and text.startswith(FORMULA) else text
