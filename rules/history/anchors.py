"""Anchors: the heads of all chains, signed with Ed25519, each naming the one before; and what they say of the chains as they are now.

An anchor is signed over hashes of its heads and not over the heads, so that a workspace's anchors can be shown without anybody else's.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from rules.history.canonical import canonical, sha256
from rules.history.findings import Finding

FORMAT = 1
LISTS = ("releases", "audit", "versions", "approvals")
WORDS = {"releases": "release", "audit": "audit event", "versions": "version", "approvals": "approval"}


class BadAnchor(ValueError):
    """A line that is no anchor, or not signed by a key that is trusted."""


class Heads(msgspec.Struct, frozen=True):
    """Where one chain stood: of each list, how many rows it had and the hash of all of them. `chain` None: the installation."""

    chain: str | None
    releases: tuple[int, str] = (0, "")
    audit: tuple[int, str] = (0, "")
    versions: tuple[int, str] = (0, "")
    approvals: tuple[int, str] = (0, "")

    @staticmethod
    def of(chain: str | None, hashes: Mapping[str, Sequence[str]]) -> Heads:
        return Heads(chain, **{name: (len(listed), listed[-1]) for name, listed in hashes.items() if listed})

    @property
    def hash(self) -> str:
        return sha256({"chain": self.chain, **{name: list(getattr(self, name)) for name in LISTS}})


class Anchor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is signed. `prev` is the hash of the anchor before, empty for the first; `heads` are hashes of Heads, sorted."""

    number: int
    at: str
    prev: str
    key: str
    heads: list[str]
    format: int = FORMAT

    @property
    def said(self) -> bytes:
        return canonical(msgspec.to_builtins(self))

    @property
    def hash(self) -> str:
        return "sha256:" + hashlib.sha256(self.said).hexdigest()


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of an anchor file: the anchor, its signature in base64, and those of the chains that are shown here."""

    anchor: Anchor
    signature: str
    chains: list[Heads]

    def heads_of(self, chain: str | None) -> Heads | None:
        return next((heads for heads in self.chains if heads.chain == chain), None)

    def shown_for(self, chain: str) -> Line:
        """The same anchor without what it says of other chains."""
        return Line(self.anchor, self.signature, [heads for heads in self.chains if heads.chain == chain])


class Key:
    """A private key. It signs; what it is made of is never told."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = base64.b64encode(self._key.public_key().public_bytes_raw()).decode()

    def sign(self, data: bytes) -> str:
        return base64.b64encode(self._key.sign(data)).decode()


class Trust:
    """The public keys, in base64, whose anchors count. Raises ValueError for what is no key."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._keys = {key: Ed25519PublicKey.from_public_bytes(base64.b64decode(key, validate=True)) for key in keys}

    def check(self, line: Line) -> None:
        """Raises BadAnchor."""
        anchor = line.anchor
        key = self._keys.get(anchor.key)
        if key is None:
            known = ", ".join(self._keys) or "none"
            raise BadAnchor(f"anchor {anchor.number} is signed with a foreign key, {anchor.key[:60]}; trusted: {known}")
        try:
            key.verify(base64.b64decode(line.signature, validate=True), anchor.said)
        except (InvalidSignature, binascii.Error, ValueError) as error:
            raise BadAnchor(f"the signature of anchor {anchor.number} does not hold: its line was changed") from error
        for heads in line.chains:
            if heads.hash not in anchor.heads:
                raise BadAnchor(f"anchor {anchor.number} was not signed with what its line says of {words(heads.chain)}")


def words(chain: str | None) -> str:
    return "the installation" if chain is None else chain


def anchor_line(heads: Iterable[Heads], *, before: Anchor | None, at: str, key: Key) -> Line:
    """`at` in RFC 3339."""
    chains = sorted(heads, key=lambda one: (one.chain is not None, one.chain or ""))
    number, prev = (before.number + 1, before.hash) if before else (1, "")
    anchor = Anchor(number, at, prev, key.public, sorted(one.hash for one in chains))
    return Line(anchor, key.sign(anchor.said), chains)


def encode_line(line: Line) -> bytes:
    return json.dumps(msgspec.to_builtins(line), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def read_line(data: bytes) -> Line:
    try:
        return msgspec.json.decode(data, type=Line)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadAnchor(f"this line is no anchor: {error}") from error


def unbroken(lines: Sequence[Line]) -> list[Finding]:
    """What is wrong with the chain of anchors itself. `lines` are all from one file, or from some anchor on."""
    return [
        Finding(
            "anchors_broken",
            "anchors",
            f"anchor {line.anchor.number}",
            f"Anchor {line.anchor.number} does not follow anchor {before.anchor.number}: one between them is gone, or was replaced.",
        )
        for before, line in pairwise(lines)
        if (line.anchor.number, line.anchor.prev) != (before.anchor.number + 1, before.anchor.hash)
    ]


def chain_findings(chain: str | None, hashes: Mapping[str, Sequence[str]], anchors: Iterable[Line]) -> tuple[list[Finding], int]:
    """Where a chain is not what anchors say it was, the first difference of each list; and how many anchors speak of it."""
    told = [(line.anchor, heads) for line in anchors if (heads := line.heads_of(chain)) is not None]
    found = [finding for name in LISTS if (finding := _difference(name, hashes.get(name, ()), told)) is not None]
    return found, len(told)


def _difference(name: str, hashes: Sequence[str], told: Sequence[tuple[Anchor, Heads]]) -> Finding | None:
    fits = 0
    word = WORDS[name]
    for anchor, heads in told:
        count, head = getattr(heads, name)
        if not count or (count <= len(hashes) and hashes[count - 1] == head):
            fits = max(fits, count)
        elif count > len(hashes):
            first = max(len(hashes), fits) + 1
            message = f"Anchor {anchor.number} of {anchor.at} has seen {count} {word}s and there are {len(hashes)}: the end was cut off."
            return Finding("tail_cut", name, f"{word} {first}", message)
        else:
            which = f"{word} {count}" if fits + 1 == count else f"one of {word}s {fits + 1} to {count}"
            message = f"{which[:1].upper()}{which[1:]} is not what it was when anchor {anchor.number} was signed on {anchor.at}."
            return Finding("anchor_differs", name, which, message)
    return None
