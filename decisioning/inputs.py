"""What a decision read, kept beside its answer so that it can be made again: how it is picked, sealed, written and opened.

What the request's context said is kept only sealed; without a key it is left out, and only the names say that it was read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import msgspec

from decisioning import sealing
from decisioning.tagging.traits import SEALED, is_sealed

Path = tuple[str, ...]
BYTES = 64 * 1024
"""What is sealed of one decision's context is at most so long: what a template prints whole could be any size."""
OF_THE_WHOLE = frozenset({"size", "first", "last"})
"""Read at an object that has no such key, they tell of all of it."""


class Reads(NamedTuple):
    """The paths that a template reads of its data. What is `private` comes from the request's context or from personal traits."""

    open: tuple[Path, ...]
    private: tuple[Path, ...]


def reads(paths: Collection[Path], personal: Collection[str]) -> Reads:
    """A path within another that is read is left out: what holds it is kept whole."""
    outer = [path for path in sorted(paths) if not any(path[:length] in paths for length in range(1, len(path)))]
    keys = {name.partition(".")[0] for name in personal}
    private = [path for path in outer if _is_private(path, keys)]
    return Reads(tuple(path for path in outer if path not in private), tuple(private))


def _is_private(path: Path, personal: Collection[str]) -> bool:
    if path[0] == "traits":
        return bool(personal) and (len(path) == 1 or path[1] in personal or path[1] in OF_THE_WHOLE)
    return path[0] == "context" or path[0] in personal


def pick(data: Mapping[str, Any], paths: Iterable[Path]) -> dict[str, Any]:
    """Of the data what stands at the paths, nested as it was. An object that lacks a key stays one, without it."""
    found: dict[str, Any] = {}
    for path in paths:
        held, into, above, last = data, found, found, len(path) - 1
        for depth, part in enumerate(path):
            if part not in held:
                if depth and part in OF_THE_WHOLE:
                    above[path[depth - 1]] = held
                break
            value = held[part]
            if depth == last or not isinstance(value, dict):
                into[part] = value
                break
            above, into, held = into, into.setdefault(part, {}), value
    return found


class Looked(NamedTuple):
    """What one decision looked at beside facts: the rules passed over as capped, and what its templates read.

    Where a template `failed`, that is all they were given: what made it fail may be what it did not name.
    """

    capped: Sequence[str]
    reads: Sequence[Reads]
    failed: bool


class OfContext:
    """What rules read of a request's context: what it said, and the names it said nothing of. One for all decisions of the request."""

    def __init__(self, told: Mapping[str, Any], workspace: str, user: str) -> None:
        self.given = {name: value for name, value in told.items() if value is not None}
        self.absent = [name for name in told if name not in self.given]
        self._owner = workspace, user

    @cached_property
    def sealed(self) -> Any:
        return _sealed({"facts": self.given}, *self._owner)


def written(
    looked: Looked, context: OfContext | None, data: Mapping[str, Any], *, release: str, locale: str | None, workspace: str, user: str
) -> dict[str, Any]:
    """As the log carries it, beside the record's own facts: only what there is. `release` is its hash."""
    kept: dict[str, Any] = {"release": release}
    if locale is not None:
        kept["locale"] = locale
    if looked.capped:
        kept["capped"] = list(looked.capped)
    if looked.failed:
        kept["whole"] = True
    private: dict[str, Any] = {}
    for read in looked.reads:
        if read.open:
            kept["data"] = merge(kept["data"], pick(data, read.open)) if "data" in kept else pick(data, read.open)
        if read.private:
            private = merge(private, pick(data, read.private))
    if context is not None or private:
        _add_private(kept, context or NO_CONTEXT, private, workspace, user)
    return kept


NO_CONTEXT = OfContext({}, "", "")


def _add_private(kept: dict[str, Any], context: OfContext, private: dict[str, Any], workspace: str, user: str) -> None:
    """Sealed in one piece; what can't be sealed is named as left out. Without any key personal traits are plain, as everywhere."""
    if context.absent:
        kept["absent"] = context.absent
    if private and sealing.ring().empty:
        plain = {name: value for name, value in private.items() if name != "context"}
        if plain:
            kept["data"] = merge(kept.get("data", {}), plain)
        private = {name: value for name, value in private.items() if name == "context"}
    if not context.given and not private:
        return
    sealed = _sealed({"facts": context.given, "data": private}, workspace, user) if private else context.sealed
    if sealed is not None:
        kept["private"] = sealed
    else:
        kept["left_out"] = [*context.given, *private]


def _sealed(value: dict[str, Any], workspace: str, user: str) -> Any:
    """None without a key, and for what is too long or can't be written: it is left out then, and the answer does not wait for it."""
    ring = sealing.ring()
    if ring.empty:
        return None
    try:
        sealed = ring.seal(value, workspace, user, "inputs")
    except (OverflowError, ValueError, TypeError):  # an integer of more than 64 bits, half a surrogate pair
        return None
    return sealed if len(sealed[SEALED]) <= BYTES else None


def merge(into: dict[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Nested objects together. What both have is the same in both."""
    for name, value in more.items():
        held = into.get(name)
        if isinstance(held, dict) and isinstance(value, dict) and held is not value:
            into[name] = merge(dict(held), value)
        else:
            into[name] = value
    return into


class Inputs(msgspec.Struct, omit_defaults=True):
    """As the archive keeps it, in MessagePack: unlike jsonb it keeps the order of keys and what is a whole number."""

    release: str
    """The hash of the release that decided."""
    facts: dict[str, Any] = {}
    """What rules looked at; None for what there was not. Personal traits are sealed one by one, as in the record."""
    data: dict[str, Any] = {}
    """What the rendered templates read."""
    private: Any = None
    """Sealed: `facts` that came from the request's context, and the `data` from it and from personal traits."""
    left_out: list[str] = []
    """The names of what was read and is not kept."""
    locale: str | None = None
    capped: list[str] = []
    whole: bool = False
    """Whether the data are all that a template was given, because one failed."""


_encode, _decode = msgspec.msgpack.Encoder().encode, msgspec.msgpack.Decoder(Inputs).decode


def packed(written: Mapping[str, Any], facts: Mapping[str, Any]) -> bytes:
    """For the archive: what the log carries, with the record's facts. Raises ValidationError for what is no such thing."""
    absent = dict.fromkeys(written.get("absent", ()))
    return _encode(msgspec.convert({**written, "facts": {**facts, **absent}}, Inputs))


def unpacked(data: bytes) -> Inputs:
    return _decode(data)


class Opened(NamedTuple):
    """`closed`: whether something is kept sealed that no key opens, and so is not among the rest."""

    facts: dict[str, Any]
    data: dict[str, Any]
    private: frozenset[str]
    """Names of facts whose values are nobody's business but the rules'."""
    closed: bool


def opened(inputs: Inputs, workspace: str, user: str) -> Opened:
    """Everything that the decision read, in the clear, for as long as it takes to decide again."""
    ring, facts, data, closed = sealing.ring(), inputs.facts, inputs.data, False
    private = {name for name, value in facts.items() if is_sealed(value)}
    if private or inputs.private is not None:
        facts = dict(facts)
    for name in private:
        try:
            facts[name] = ring.open(facts[name], workspace, user, name)
        except sealing.Unreadable:
            closed = True
            del facts[name]
    if inputs.private is not None:
        try:
            found = ring.open(inputs.private, workspace, user, "inputs")
        except sealing.Unreadable:
            closed = True
        else:
            facts |= found["facts"]
            private |= found["facts"].keys()
            data = merge(dict(data), found.get("data", {}))
    return Opened(facts, data, frozenset(private), closed)
