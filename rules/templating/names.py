"""Which names of the data a text reads: what the template assigns itself is left out."""

from __future__ import annotations

from collections.abc import Iterator

from rules.templating.errors import Finding
from rules.templating.pieces import Assign, Branch, Capture, Loop, Name, Output, Pieces, Read

WRITTEN_OUT = {
    "counts": (3, "signal and window", "counts.page_views.7d, in Jinja counts.page_views['7d']"),
    "values": (4, "signal, aggregate and window", "values.dwell.average.1h, in Jinja values.dwell.average['1h']"),
}
"""How many parts such a name has, what they say beside the first, and an example."""


def names(pieces: Pieces) -> list[Name]:
    """The names of the data, in the order they stand."""
    return list(_names(pieces, set()))


def roots(pieces: Pieces) -> frozenset[str]:
    """The first parts of those names: all that a rendering is given of the data."""
    return frozenset(name.path[0] for name in names(pieces))


def unclear_windows(pieces: Pieces) -> Iterator[Finding]:
    """Counts and values whose window is not written out. Only what somebody asks for is kept, so these would be empty."""
    for name in names(pieces):
        parts, said, example = WRITTEN_OUT.get(name.path[0], (0, "", ""))
        if len(name.path) < parts:
            words = f"`{name}` does not say which {said}: only what is written out is kept"
            yield Finding("window_unclear", name.where, words, f"Write the {said}, such as {example}.")


def _names(pieces: Pieces, own: set[str]) -> Iterator[Name]:
    for piece in pieces:
        if isinstance(piece, Output | Read):
            yield from (name for name in piece.names if name.path[0] not in own)
        elif isinstance(piece, Assign):
            own.add(piece.name)
        elif isinstance(piece, Capture):
            yield from _names(piece.body, own)
            own.add(piece.name)
        elif isinstance(piece, Branch):
            # What only one arm assigns may still be the data's name afterwards.
            after = [set(own) for _ in piece.arms]
            for arm, known in zip(piece.arms, after, strict=True):
                yield from _names(arm, known)
            own |= set.intersection(*after)
        elif isinstance(piece, Loop):
            yield from _names(piece.body, own | piece.names)
            yield from _names(piece.otherwise, set(own))
