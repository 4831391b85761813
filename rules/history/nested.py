"""Checks that a bundle says what its manifest's versions say: each thing once, each rule in its place, and nothing else.

A bundle is canonical, so a thing in it is there with the very bytes of its version's canonical form: they are compared as they lie there,
without reading what they say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import blake2b
from typing import Any

import msgspec
from msgspec import Raw

from rules.bodies import FIELDS
from rules.history.canonical import canonical

PLACE = ("placement", "parent", "position")
Place = tuple[str, str | None, int]
Placed = Callable[[str, str, int], "tuple[bytes, Place | None] | None"]
"""By kind, key and version number: the mark of what it says, and a rule's place."""


class _Thing(msgspec.Struct):
    """What has to be read of one: `rules` of a placement and `children` of a rule are things of their own."""

    key: str
    version: int
    rules: Raw = Raw(b"")
    children: Raw = Raw(b"")


_fields = msgspec.json.Decoder(dict[str, Raw]).decode
_list = msgspec.json.Decoder(list[Raw]).decode
_thing = msgspec.json.Decoder(_Thing).decode


def mark_of(thing: dict[str, Any], kind: str) -> bytes:
    """Equal for two things only if they say the same JSON. `thing` has its key and version in it; a rule's place does not count."""
    if kind == "rule":
        thing = {name: value for name, value in thing.items() if name not in PLACE}
    return _mark(canonical(thing))


def _mark(data: bytes) -> bytes:
    return blake2b(data, digest_size=16).digest()


def disagreement(bundle: bytes, manifest: list[dict[str, Any]], placed: Placed) -> str:
    """What of the bundle is not the manifest's, in words; empty where all is."""
    wanted = {(entry["kind"], entry["key"]): entry["version"] for entry in manifest}
    last: dict[Any, tuple[int, str]] = {}
    try:
        for kind, thing, data, siblings in _things(bundle):
            key = thing.key
            number = wanted.pop((kind, key), None)
            said = placed(kind, key, number) if number is not None else None
            if said is None:
                return f"{kind} {key} is in the bundle and not in the manifest"
            mark, place = said
            if _mark(data) != mark:
                return f"{kind} {key} v{number} says something else in the bundle"
            here = (place[2] if place else 0, key)
            if (place is not None and place[:2] != siblings) or here <= last.get(siblings, (-1, "")):
                return f"{kind} {key} v{number} stands elsewhere in the bundle"
            last[siblings] = here
    except (msgspec.MsgspecError, LookupError, ValueError):
        return "the bundle is not a workspace document"
    return f"{' '.join(min(wanted))} is in the manifest and not in the bundle" if wanted else ""


def _things(bundle: bytes) -> Iterator[tuple[str, _Thing, bytes, Any]]:
    """Kind, the thing, its bytes without the things in it, and whose siblings it stands among."""
    fields = _fields(bundle)
    if "rules" in fields or set(fields) - {"schema", "workspace", *FIELDS}:
        raise LookupError
    for field, kind in FIELDS.items():
        for raw in _list(fields.get(field, b"[]")):
            thing, data = _thing(raw), bytes(raw)
            inner = thing.rules if kind == "placement" else Raw(b"")
            yield kind, thing, _without(data, b"rules", inner), kind
            yield from _rules(inner, thing.key, None)


def _rules(rules: Raw, placement: str, parent: str | None) -> Iterator[tuple[str, _Thing, bytes, Any]]:
    for raw in _list(rules) if bytes(rules) else ():
        rule = _thing(raw)
        yield "rule", rule, _without(bytes(raw), b"children", rule.children), (placement, parent)
        yield from _rules(rule.children, placement, rule.key)


def _without(data: bytes, name: bytes, inner: Raw) -> bytes:
    """Both names come before `version`, so a comma follows. Were the same bytes elsewhere before, the rest would be no one's form."""
    return data.replace(b'"' + name + b'":' + bytes(inner) + b",", b"", 1) if bytes(inner) else data
