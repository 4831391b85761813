"""Checks that a bundle says what its manifest's versions say: each thing once, each rule in its place, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import blake2b
from typing import Any

import msgspec

from rules.bodies import FIELDS

PLACE = ("placement", "parent", "position")
Place = tuple[str, str | None, int]
Placed = Callable[[str, str, int], "tuple[bytes, Place | None] | None"]
"""By kind, key and version number: the mark of what it says, and a rule's place."""

_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder().decode


def mark_of(thing: dict[str, Any], kind: str) -> bytes:
    """Equal for two things only if they say the same JSON. `thing` has its key and version in it; a rule's place does not count."""
    if kind == "rule":
        thing = {name: value for name, value in thing.items() if name not in PLACE}
    return blake2b(_encode(thing), digest_size=16).digest()


def disagreement(bundle: bytes, manifest: list[dict[str, Any]], placed: Placed) -> str:
    """What of the bundle is not the manifest's, in words; empty where all is."""
    wanted = {(entry["kind"], entry["key"]): entry["version"] for entry in manifest}
    last: dict[Any, tuple[int, str]] = {}
    try:
        for kind, thing, siblings in _things(_decode(bundle)):
            key = thing["key"]
            number = wanted.pop((kind, key), None)
            said = placed(kind, key, number) if number is not None else None
            if said is None:
                return f"{kind} {key} is in the bundle and not in the manifest"
            mark, place = said
            if mark_of(thing, kind) != mark:
                return f"{kind} {key} v{number} says something else in the bundle"
            here = (place[2] if place else 0, key)
            if (place is not None and place[:2] != siblings) or here <= last.get(siblings, (-1, "")):
                return f"{kind} {key} v{number} stands elsewhere in the bundle"
            last[siblings] = here
    except (msgspec.DecodeError, LookupError, TypeError, AttributeError):
        return "the bundle is not a workspace document"
    return f"{' '.join(min(wanted))} is in the manifest and not in the bundle" if wanted else ""


def _things(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Kind, the thing by itself, and whose siblings it stands among."""
    if "rules" in document or set(document) - {"schema", "workspace", *FIELDS}:
        raise KeyError
    for field, kind in FIELDS.items():
        for thing in document.get(field, ()):
            rules = thing.pop("rules", ()) if kind == "placement" else ()
            yield kind, thing, kind
            yield from _rules(rules, thing["key"], None)


def _rules(rules: list[dict[str, Any]], placement: str, parent: str | None) -> Iterator[tuple[str, dict[str, Any], Any]]:
    for rule in rules:
        children = rule.pop("children", ())
        yield "rule", rule, (placement, parent)
        yield from _rules(children, placement, rule["key"])
