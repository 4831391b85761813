"""What a parsed text says, the same for both engines: static text, outputs, reads, assignments, branches and loops.

The checks that do not care for an engine (where values stand in the HTML, which names are used) read this and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rules.templating.errors import Where

Place = Literal["text", "attribute", "style"]
"""Where an output stands: between tags, in a quoted attribute, in a quoted `style` attribute."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name that is read, as far as it is written out: `counts.clicks.7d`, or `counts.clicks` of `counts.clicks[window]`."""

    path: tuple[str, ...]
    where: Where

    def __str__(self) -> str:
        return ".".join(self.path)


@dataclass(frozen=True, slots=True)
class Static:
    """Text as written, and where in the source it starts."""

    text: str
    offset: int


@dataclass(frozen=True, slots=True)
class Output:
    """`{{ ... }}`. `node` is the engine's own, to be told its place."""

    names: tuple[Name, ...]
    where: Where
    node: object


@dataclass(frozen=True, slots=True)
class Read:
    """Names read for a condition, a loop or an assignment."""

    names: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Assign:
    name: str


@dataclass(frozen=True, slots=True)
class Capture:
    """Text made aside and kept under a name."""

    name: str
    body: Pieces
    where: Where


@dataclass(frozen=True, slots=True)
class Branch:
    """One of the arms happens; one of them may be empty."""

    arms: tuple[Pieces, ...]
    where: Where


@dataclass(frozen=True, slots=True)
class Loop:
    """The body happens any number of times with its own names, the other arm when there was nothing."""

    names: frozenset[str]
    body: Pieces
    otherwise: Pieces
    where: Where


@dataclass(frozen=True, slots=True)
class Leave:
    """`break` or `continue`."""

    where: Where


Piece = Static | Output | Read | Assign | Capture | Branch | Loop | Leave
Pieces = tuple[Piece, ...]
