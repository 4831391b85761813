"""Checks the chain of releases: numbers, hashes, bundles, manifests, what each changed, and who had approved it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec

from rules.history.canonical import digest_of, sha256
from rules.history.findings import Finding
from rules.history.nested import Place, disagreement
from rules.history.rows import ReleaseRow
from rules.history.versions import Authored, Identity

PATIENCE = timedelta(minutes=5)
"""Times in history are those at which somebody asked, and who asks may wait for others: of two acts within this time, the one that says
the later time may have come first."""

Live = dict[Identity, tuple[int, str]]
"""Version number and body hash by what is live."""


class _Earlier(NamedTuple):
    effective_from: str
    live: Live


class Chain:
    """The releases of one workspace, taken one by one in the order of their numbers."""

    def __init__(self, authored: Authored) -> None:
        self.hashes: list[str] = []
        self.emergencies: dict[int, Any] = {}
        """By number, the id of who published it."""
        self._authored = authored
        self._last: ReleaseRow | None = None
        self._changed: dict[Identity, int | None] = {}
        self._live: Live = {}
        self._earlier: list[_Earlier] = []
        self._seen: set[tuple[str, bytes]] = set()

    def check(self, rows: Iterable[ReleaseRow]) -> Iterator[Finding]:
        for row in rows:
            number = row.said["number"]
            try:
                problems = list(self._problems(row))
            except (LookupError, TypeError, ValueError, AttributeError):
                problems = [("release_unreadable", f"Release {number} holds what no release holds: its row was altered.")]
            for code, message in problems:
                yield Finding(code, "releases", f"release {number}", message)
            self.hashes += [""] * (number - 1 - len(self.hashes))
            self.hashes.append(row.hash)
            if row.said.get("emergency"):
                self.emergencies[number] = row.said["publisher_id"]
            self._last = row._replace(bundle=b"", changes=[])

    def _problems(self, row: ReleaseRow) -> Iterator[tuple[str, str]]:
        said, number = row.said, row.said["number"]
        before = self._last
        expected = before.said["number"] + 1 if before else 1
        if number != expected:
            yield "release_missing", f"After release {expected - 1} comes release {number}: {_those(expected, number - 1)} not there."
        elif said["prev_hash"] != (before.hash if before else ""):
            yield "release_unchained", f"Release {number} does not carry the hash of release {number - 1} as that is now."
        if sha256(said) != row.hash:
            yield "release_altered", f"What release {number} says is not what its hash says."
        live = {(entry["kind"], entry["key"]): (entry["version"], entry["body_hash"]) for entry in said["manifest"]}
        yield from self._manifest(number, said, live)
        yield from self._bundle(number, row)
        yield from self._changes(number, row, live)
        if said["four_eyes"] and not said.get("emergency"):
            yield from self._approved(number, row)
        self._earlier = [*self._in_sight(said["published_at"]), _Earlier(said["effective_from"], live)]

    def _manifest(self, number: int, said: dict[str, Any], live: Live) -> Iterator[tuple[str, str]]:
        if len(live) != len(said["manifest"]):
            yield "manifest_wrong", f"The manifest of release {number} names a thing twice."
        for (kind, key), (version, body_hash) in live.items():
            known = self._authored.versions.get((kind, key, version))
            if known is None or known.body_hash != body_hash or known.removed:
                yield "manifest_wrong", f"Release {number} holds {kind} {key} v{version}, which is not there as the manifest says."
                return

    def _bundle(self, number: int, row: ReleaseRow) -> Iterator[tuple[str, str]]:
        if digest_of(row.bundle) != row.said["digest"]:
            yield "bundle_altered", f"The bundle of release {number} is not what its digest says."
            return
        # A roll-back repeats an older bundle: looked into once.
        pair = (row.said["digest"], blake2b(msgspec.json.encode(row.said["manifest"])).digest())
        if pair in self._seen:
            return
        wrong = disagreement(row.bundle, row.said["manifest"], self._placed)
        if wrong:
            yield "bundle_not_of_versions", f"The bundle of release {number} is not what its versions say: {wrong}."
        else:
            self._seen.add(pair)

    def _placed(self, kind: str, key: str, number: int) -> tuple[bytes, Place | None] | None:
        known = self._authored.versions.get((kind, key, number))
        return (known.mark, known.place) if known else None

    def _changes(self, number: int, row: ReleaseRow, live: Live) -> Iterator[tuple[str, str]]:
        """Each change must begin where the one before it ended, and all together must give the manifest."""
        wrong = ""
        for change in row.changes:
            identity = (change.kind, change.key)
            if change.before != self._changed.get(identity) or change.after == change.before:
                wrong = wrong or " ".join(identity)
            self._changed[identity] = change.after
            known = self._authored.versions.get((*identity, change.after)) if change.after is not None else None
            if known is None or known.removed:
                self._live.pop(identity, None)
            else:
                self._live[identity] = (change.after or 0, known.body_hash)
        if self._live != live:
            differing = {identity for identity in self._live.keys() | live.keys() if self._live.get(identity) != live.get(identity)}
            wrong = wrong or " ".join(min(differing))
            self._live = dict(live)
        if wrong:
            yield "changes_wrong", f"What release {number} is said to have changed is not the difference of its manifest, for {wrong}."

    def _in_sight(self, published_at: str) -> list[_Earlier]:
        """The release that was live then and those that waited: a roll-back asks for no approval of what is live anyway."""
        live = [index for index, earlier in enumerate(self._earlier) if earlier.effective_from <= published_at]
        return self._earlier[live[-1] :] if live else self._earlier

    def _approved(self, number: int, row: ReleaseRow) -> Iterator[tuple[str, str]]:
        published_at = row.said["published_at"]
        sight = self._in_sight(published_at)
        was_live: Live = sight[0].live if sight and sight[0].effective_from <= published_at else {}
        for change in row.changes:
            if change.after is None or was_live.get((change.kind, change.key), (0,))[0] == change.after:
                continue
            known = self._authored.versions.get((change.kind, change.key, change.after))
            if known is not None and known.removed and row.said["rolled_back_to"]:
                continue  # what only goes away by a roll-back has no version to approve
            if not self._was_approved((change.kind, change.key, change.after), published_at):
                yield (
                    "unapproved",
                    f"Release {number} says four eyes, and no second person had approved {change.kind} {change.key} v{change.after}.",
                )
                return

    def _was_approved(self, version: tuple[str, str, int], published_at: str) -> bool:
        at = datetime.fromisoformat(published_at)
        standing = False
        for verdict in self._authored.verdicts.get(version, ()):
            said_at = datetime.fromisoformat(verdict.at)
            if verdict.approved and said_at <= at + PATIENCE:
                standing = True
            elif not verdict.approved and said_at <= at - PATIENCE:
                standing = False
        return standing


def _those(first: int, last: int) -> str:
    return f"{first} is" if first == last else f"{first} to {last} are"
