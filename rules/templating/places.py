"""Finds where in the HTML each output stands, and refuses the places where escaping does not make data harmless.

Escaping protects text between tags and quoted attributes. A name of a tag or attribute, a value without quotes, a script, a style
sheet and a comment it does not. Branches of an `if` must end at the same place, or what follows would stand in two at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from rules.templating import urls
from rules.templating.errors import Finding, Places, Where
from rules.templating.html import IN_TAG, QUOTED, START, Position, Reader, Seen, State, joined
from rules.templating.pieces import Branch, Capture, Leave, Loop, Output, Piece, Pieces, Place, Static

REFUSED_ELEMENTS = frozenset(
    {"script", "base", "meta", "object", "embed", "applet", "frame", "frameset", "noscript", "noembed", "noframes", "xmp", "plaintext"}
)
"""They run code, change what the page's own links mean, or are read differently by different browsers."""

SETTLED = frozenset({State.TEXT, State.OPEN})


@dataclass
class Standing:
    """What was found: the place of each output by the identity of its node, and whether URLs depend on data."""

    places: dict[int, Place] = field(default_factory=dict)
    urls: bool = False
    findings: list[Finding] = field(default_factory=list)


def standing(pieces: Pieces, source: str) -> Standing:
    """Reads the whole text once."""
    surveyor = _Surveyor(source)
    end = surveyor.walk(pieces, START)
    if end.state not in SETTLED:
        surveyor.problem(
            "unclosed_html",
            len(source),
            "The text ends inside a tag or a comment",
            "Close it with >, a quote or -->; write &lt; for a plain <.",
        )
    return surveyor.standing


class _Surveyor:
    def __init__(self, source: str) -> None:
        self.standing = Standing()
        self._lines = Places(source)
        self._offset = 0
        self._reader = Reader(self._see)
        self._left: list[list[Position]] = []
        self._foreign = False
        self._raw = False

    def walk(self, pieces: Pieces, here: Position) -> Position:
        for piece in pieces:
            here = self._piece(piece, here)
        return here

    def problem(self, code: str, offset: int | Where, message: str, fix: str) -> None:
        where = self._lines.at(offset) if isinstance(offset, int) else offset
        finding = Finding(code, where, message, fix)
        if finding not in self.standing.findings:
            self.standing.findings.append(finding)

    def _piece(self, piece: Piece, here: Position) -> Position:
        if isinstance(piece, Static):
            self._offset = piece.offset
            return self._reader.feed(here, piece.text)
        if isinstance(piece, Output):
            return self._output(piece, here)
        if isinstance(piece, Branch):
            ends = [self.walk(arm, here) for arm in piece.arms]
            return self._together(ends, piece.where)
        if isinstance(piece, Loop):
            return self._loop(piece, here)
        if isinstance(piece, Capture):
            end = self.walk(piece.body, START)
            if end.state is not State.TEXT:
                self.problem(
                    "unsafe_place", piece.where, f"What `{piece.name}` captures ends inside a tag", "Capture whole elements, or plain text."
                )
        if isinstance(piece, Leave) and self._left:
            self._left[-1].append(here)
        return here

    def _loop(self, piece: Loop, here: Position) -> Position:
        self._left.append([])
        once = self._together([here, self.walk(piece.body, here)], piece.where)
        # A second round begins where the first ended.
        again = self._together([once, self.walk(piece.body, once)], piece.where)
        return self._together([again, *self._left.pop(), self.walk(piece.otherwise, here)], piece.where)

    def _together(self, ends: list[Position], where: Where) -> Position:
        here = ends[0]
        for other in ends[1:]:
            found = joined(here, other)
            if found is None:
                self.problem(
                    "unsafe_place",
                    where,
                    "The branches end at different places in the HTML",
                    "Let each branch hold whole tags, whole attributes or a part of one quoted value.",
                )
            else:
                here = found
        return here

    def _output(self, piece: Output, here: Position) -> Position:
        if here.state in SETTLED:
            if here.state is State.OPEN:
                self._unsafe(piece, "right after a <", "Write &lt; for a plain <.")
            self._place(piece, "text")
            return START
        if here.state in QUOTED:
            return self._in_attribute(piece, here)
        self._place(piece, "attribute")
        if here.state in (State.BEFORE_VALUE, State.UNQUOTED):
            self.problem(
                "unquoted_attribute",
                piece.where,
                f"`{here.attribute}` has a value without quotes: data with a blank in it would add attributes",
                f'Write {here.attribute}="..." with the quotes.',
            )
            return here._replace(state=State.UNQUOTED, value=None)
        if here.state in IN_TAG or here.state is State.CLOSE:
            self._unsafe(piece, "inside a tag, outside of a quoted value", "Put it into the quotes of an attribute, or between tags.")
        elif here.state is State.RAW:
            self._unsafe(
                piece,
                f"inside <{here.element}>, where HTML escaping does not help",
                "Put it into a data- attribute and read it from there.",
            )
        else:
            self._unsafe(piece, "inside a comment", "Use a comment of the template language, or take it out.")
        return here

    def _in_attribute(self, piece: Output, here: Position) -> Position:
        attribute = here.attribute or ""
        self._place(piece, "style" if attribute == "style" else "attribute")
        if attribute in urls.ATTRIBUTES:
            self.standing.urls = True
            if here.value and not urls.safe(here.element, attribute, here.value):
                self._unsafe_url(piece.where, attribute)
        return here._replace(value=None)

    def _see(self, seen: Seen) -> None:
        at = self._offset + seen.offset
        if seen.kind == "element":
            self._element(seen.element, at)
        elif seen.kind == "attribute" and (seen.attribute.startswith("on") or seen.attribute == "srcdoc"):
            self.problem(
                "unsafe_html", at, f"`{seen.attribute}` runs code", "Take it out; the app's own scripts can listen for what happens."
            )
        elif seen.kind == "value" and seen.attribute in urls.ATTRIBUTES:
            if seen.value is None:
                self.standing.urls = True
            elif not urls.safe(seen.element, seen.attribute, seen.value):
                self._unsafe_url(self._lines.at(at), seen.attribute)
        elif seen.kind == "odd":
            self.problem(
                "unsafe_html", at, "Browsers do not agree on how to read this", "Write comments as <!-- ... --> and leave CDATA out."
            )
        elif seen.kind == "diverged":
            self.problem(
                "unsafe_place",
                at,
                "What stands here belongs to an attribute only in some cases",
                "Put a blank before it, or a whole attribute in each branch.",
            )

    def _element(self, element: str, at: int) -> None:
        self._foreign |= element in ("svg", "math")
        self._raw |= element in ("style", "title", "textarea", "iframe")
        if element in REFUSED_ELEMENTS:
            self.problem("unsafe_html", at, f"<{element}> is not allowed in content", "Take it out.")
        elif self._foreign and self._raw:
            self.problem(
                "unsafe_html",
                at,
                "A drawing (<svg>, <math>) and a <style>, <title> or <textarea> can't be in the same text",
                "Take one of them out.",
            )

    def _place(self, piece: Output, place: Place) -> None:
        before = self.standing.places.setdefault(id(piece.node), place)
        if before != place:
            # Once between tags and once in an attribute, in two rounds of a loop: the stricter holds.
            self.standing.places[id(piece.node)] = "style" if "style" in (before, place) else "attribute"

    def _unsafe(self, piece: Output, stands: str, fix: str) -> None:
        self.problem("unsafe_place", piece.where, f"A value stands {stands}", fix)

    def _unsafe_url(self, where: Where, attribute: str) -> None:
        self.problem(
            "unsafe_url",
            where,
            f"`{attribute}` holds a URL that may not be followed",
            "Use http, https, mailto, tel or a relative URL; data:image only in <img src>.",
        )
