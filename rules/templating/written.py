"""What a text says about itself while it is being written: what is wrong where, and the names it prints without a stand-in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rules.templating.compiled import ENGINES, Text
from rules.templating.errors import Finding, Places
from rules.templating.names import names
from rules.templating.pieces import Branch, Capture, Loop, Name, Output, Pieces

_STAND_IN = re.compile(r"\|\s*(?:default|d)\b")
_CONDITIONAL = re.compile(r"\bif\b.*\belse\b", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Written:
    """`names`: of the data, in the order they stand, each as often as it stands. `bare`: those printed with nothing in their place."""

    findings: tuple[Finding, ...]
    names: tuple[Name, ...] = ()
    bare: tuple[Name, ...] = ()


def written(text: str, engine: str) -> Written:
    """One body or field, looked at. A text that can't be read has no names."""
    checked = Text(text, engine)
    if checked.findings:
        return Written(tuple(checked.findings))
    pieces = ENGINES[engine](text).pieces
    found = names(pieces)
    of_data = set(found)
    places = Places(text)
    bare = tuple(name for output in _outputs(pieces) if not _has_stand_in(output, places) for name in output.names if name in of_data)
    return Written((), tuple(found), bare)


def _outputs(pieces: Pieces) -> Iterator[Output]:
    for piece in pieces:
        if isinstance(piece, Output):
            yield piece
        elif isinstance(piece, Branch):
            # What stands in a branch is usually there because somebody asked first.
            continue
        elif isinstance(piece, Capture):
            yield from _outputs(piece.body)
        elif isinstance(piece, Loop):
            yield from _outputs(piece.otherwise)


def _has_stand_in(output: Output, places: Places) -> bool:
    start = places.offset(output.where)
    end = places.source.find("}}", start)
    said = places.source[start : end if end >= 0 else len(places.source)]
    return bool(_STAND_IN.search(said) or _CONDITIONAL.search(said))
