"""What a decision read, kept beside its answer so that it can be made again: how it is picked, sealed, written and opened.

What the request's context said is kept only sealed; without a key it is left out, and only the names say that it was read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from decisioning import sealing
from decisioning.tagging import Facts
from decisioning.tagging.traits import is_sealed

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
        _take(found, data, path)
    return found


def _take(found: dict[str, Any], data: Mapping[str, Any], path: Path) -> None:
    held, into, above = data, found, found
    for depth, part in enumerate(path):
        if part not in held:
            if depth and part in OF_THE_WHOLE:
                above[path[depth - 1]] = held
            return
        value = held[part]
        if depth == len(path) - 1 or not isinstance(value, dict):
            into[part] = value
            return
        above, into, held = into, into.setdefault(part, {}), value


class Looked(NamedTuple):
    """What one decision looked at beside facts: the rules passed over as capped, and what its templates read.

    Where a template `failed`, that is all they were given: what made it fail may be what it did not name.
    """

    capped: Sequence[str]
    reads: Sequence[Reads]
    failed: bool


@dataclass(frozen=True, slots=True)
class OfContext:
    """What rules read of a request's context: sealed, or the names alone; and what they looked for there in vain."""

    sealed: Any
    left_out: list[str]
    absent: list[str]


def of_context(facts: Facts, workspace: str, user: str) -> OfContext | None:
    """Once for all decisions of a request. None where no rule looked at the context."""
    told = facts.of_context()
    if not told:
        return None
    given = {name: value for name, value in told.items() if value is not None}
    sealed = _sealed(given, workspace, user, "facts") if given else None
    return OfContext(sealed, [] if sealed else sorted(given), [name for name in told if name not in given])


def written(
    looked: Looked, context: OfContext | None, data: Mapping[str, Any], *, release: str, locale: str | None, workspace: str, user: str
) -> dict[str, Any]:
    """As the log carries it, beside the record's own facts: only what there is. `release` is its hash."""
    kept: dict[str, Any] = {"release": release}
    if context is not None:
        if context.sealed:
            kept["context"] = context.sealed
        if context.left_out:
            kept["left_out"] = list(context.left_out)
        if context.absent:
            kept["absent"] = context.absent
    if locale is not None:
        kept["locale"] = locale
    if looked.capped:
        kept["capped"] = list(looked.capped)
    if looked.failed:
        kept["whole"] = True
    for read in looked.reads:
        _add_values(kept, read, data, workspace, user)
    return kept


def _add_values(kept: dict[str, Any], read: Reads, data: Mapping[str, Any], workspace: str, user: str) -> None:
    private = read.private
    if read.open:
        merge(kept.setdefault("data", {}), pick(data, read.open))
    if not private:
        return
    picked = pick(data, private)
    if not picked:
        return
    if sealing.ring().empty:
        merge(kept.setdefault("data", {}), {name: value for name, value in picked.items() if name != "context"})
        if "context" in picked:
            kept.setdefault("left_out", []).extend(".".join(path) for path in private if path[0] == "context")
        return
    earlier = kept.get("private")
    if earlier is not None:
        picked = merge(sealing.ring().open(earlier, workspace, user, "inputs.data"), picked)
    sealed = _sealed(picked, workspace, user, "data")
    if sealed is not None:
        kept["private"] = sealed
    else:
        kept.pop("private", None)
        kept.setdefault("left_out", []).extend(".".join(path) for path in private)


def _sealed(value: dict[str, Any], workspace: str, user: str, what: str) -> Any:
    """None without a key, and for what is too long or can't be written: it is left out then, and the answer does not wait for it."""
    ring = sealing.ring()
    if ring.empty:
        return None
    try:
        sealed = ring.seal(value, workspace, user, f"inputs.{what}")
    except (OverflowError, ValueError, TypeError):  # an integer of more than 64 bits, half a surrogate pair
        return None
    return sealed if len(next(iter(sealed.values()))) <= BYTES else None


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
    context: Any = None
    """Sealed: the facts that came from the request's context."""
    data: dict[str, Any] = {}
    """What the rendered templates read."""
    private: Any = None
    """Sealed: the part of it from the context and from personal traits."""
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
    """`closed` are the names, or beginnings of names, that are kept sealed and that no key opens."""

    facts: dict[str, Any]
    data: dict[str, Any]
    private: frozenset[str]
    """Names of facts whose values are nobody's business but the rules'."""
    closed: bool


def opened(inputs: Inputs, workspace: str, user: str) -> Opened:
    """Everything that the decision read, in the clear, for as long as it takes to decide again."""
    ring, facts, data, closed = sealing.ring(), inputs.facts, inputs.data, False
    private = {name for name, value in facts.items() if is_sealed(value)}
    if private or inputs.context is not None:
        facts = dict(facts)
    for name in private:
        try:
            facts[name] = ring.open(facts[name], workspace, user, name)
        except sealing.Unreadable:
            closed = True
            del facts[name]
    try:
        if inputs.context is not None:
            context = ring.open(inputs.context, workspace, user, "inputs.facts")
            facts |= context
            private |= context.keys()
        if inputs.private is not None:
            data = merge(dict(data), ring.open(inputs.private, workspace, user, "inputs.data"))
    except sealing.Unreadable:
        closed = True
    return Opened(facts, data, frozenset(private), closed)
