"""Which names of the data a text reads: what the template assigns itself is left out."""

from __future__ import annotations

from collections.abc import Iterator

from rules.templating.errors import Finding
from rules.templating.pieces import Assign, Branch, Capture, Loop, Name, Output, Pieces, Read

WRITTEN_OUT = 3
"""Parts of a count's name: `counts`, the signal, the window."""


def names(pieces: Pieces) -> list[Name]:
    """The names of the data, in the order they stand."""
    return list(_names(pieces, set()))


def roots(pieces: Pieces) -> frozenset[str]:
    """The first parts of those names: all that a rendering is given of the data."""
    return frozenset(name.path[0] for name in names(pieces))


def unclear_windows(pieces: Pieces) -> Iterator[Finding]:
    """Counts whose signal and window are not written out. Only windows somebody asks for are counted, so these would be empty."""
    for name in names(pieces):
        if name.path[0] == "counts" and len(name.path) < WRITTEN_OUT:
            yield Finding(
                "window_unclear",
                name.where,
                f"`{name}` does not say which signal and window: only windows that are written out are counted",
                "Write the signal and the window, such as counts.page_views.7d, in Jinja counts.page_views['7d'].",
            )


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
