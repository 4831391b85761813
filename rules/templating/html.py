"""Reads HTML the way browsers do, in linear time, piece by piece, to know at any point where in the HTML it is.

`html.parser` takes time with the square of `<a <a <a ...` (2 seconds for 20,000 characters) and can't say where it stopped.
A piece may end anywhere, even inside `</sty`, since an output or an `if` can follow; what is undecided is kept in the position.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum, auto
from typing import NamedTuple


class State(Enum):
    TEXT = auto()
    OPEN = auto()  # after <
    CLOSE = auto()  # after </
    DECLARATION = auto()  # after <!, until it is known what it declares
    BOGUS = auto()  # <? or <! that is no comment, until >
    COMMENT = auto()
    RAW = auto()  # inside an element whose content is not HTML
    TAG_NAME = auto()
    IN_TAG = auto()  # before an attribute's name
    DIVERGED = auto()  # inside a tag, after branches that ended differently; attribute None: at least both past a blank or quote
    ATTRIBUTE = auto()
    AFTER_ATTRIBUTE = auto()
    BEFORE_VALUE = auto()
    DOUBLE_QUOTED = auto()
    SINGLE_QUOTED = auto()
    UNQUOTED = auto()


class Position(NamedTuple):
    """Where in the HTML. `value` is the attribute's value so far, None when part of it is not static; `tail` what is undecided."""

    state: State = State.TEXT
    element: str = ""
    closing: bool = False
    attribute: str | None = ""
    value: str | None = ""
    tail: str = ""


START = Position()
QUOTED = frozenset({State.DOUBLE_QUOTED, State.SINGLE_QUOTED})
IN_VALUE = QUOTED | {State.UNQUOTED, State.BEFORE_VALUE}
IN_TAG = frozenset({State.TAG_NAME, State.IN_TAG, State.DIVERGED, State.ATTRIBUTE, State.AFTER_ATTRIBUTE})
RAW_ELEMENTS = frozenset({"script", "style", "textarea", "title", "iframe", "xmp", "noembed", "noframes", "noscript"})

_QUOTES = {State.DOUBLE_QUOTED: '"', State.SINGLE_QUOTED: "'"}
_BLANKS = re.compile(r"[ \t\n\r\f/]*")
_SPACES = re.compile(r"[ \t\n\r\f]*")
_NAME = re.compile(r"[^ \t\n\r\f/>]*")
_ATTRIBUTE = re.compile(r"[^ \t\n\r\f/>=]*")
_UNQUOTED = re.compile(r"[^ \t\n\r\f>]*")
_COMMENT_END = re.compile(r"--!?>")
_COMMENT_TAIL = re.compile(r"--?!?$")
_WHOLE_ATTRIBUTE = re.compile(r"""[ \t\n\r\f]++([A-Za-z][\w:-]*+)(?:=("[^"]*+"|'[^']*+'))?+""", re.ASCII)
_WHOLE_TAG = re.compile(
    r"""<(/?)([A-Za-z][A-Za-z0-9-]*+)((?>[ \t\n\r\f]++[A-Za-z][\w:-]*+(?:="[^"]*+"|='[^']*+')?+)*+)[ \t\n\r\f]*+/?>""", re.ASCII
)
_RAW_TAIL = re.compile(r"<[^<>]{0,14}$")


class Seen(NamedTuple):
    """What a reader is told: an element's start tag, an attribute's name, an attribute's whole value, or HTML it can't follow."""

    kind: str
    element: str
    attribute: str
    value: str | None
    offset: int


class Reader:
    """Feeds pieces of HTML from position to position and reports what it saw."""

    def __init__(self, tell: Callable[[Seen], None]) -> None:
        self._tell = tell

    def feed(self, position: Position, text: str) -> Position:
        """The position after the text."""
        offset = -len(position.tail)
        text, at = position.tail + text, 0
        here = position._replace(tail="")
        while at < len(text):
            here, at = self._step(here, text, at, offset)
        return here

    def _step(self, here: Position, text: str, at: int, offset: int) -> tuple[Position, int]:
        state = here.state
        if state is State.TEXT:
            found = text.find("<", at)
            if found < 0:
                return here, len(text)
            whole = _WHOLE_TAG.match(text, found)
            if whole and self._whole(whole, offset):
                return START, whole.end()
            return Position(State.OPEN), found + 1
        if state in QUOTED:
            return self._quoted(here, text, at, offset)
        if state in (State.OPEN, State.CLOSE):
            return _opened(state, text, at)
        if state is State.DECLARATION:
            return self._declared(text, at, offset)
        if state is State.BOGUS:
            found = text.find(">", at)
            return (here, len(text)) if found < 0 else (START, found + 1)
        if state is State.COMMENT:
            return self._comment(here, text, at, offset)
        if state is State.RAW:
            return _raw(here, text, at)
        if state is State.TAG_NAME:
            found = _end(_NAME, text, at)
            here = here._replace(element=here.element + text[at:found].lower())
            return (here, found) if found == len(text) else (self._named(here, found + offset), found)
        if state in (State.IN_TAG, State.DIVERGED):
            return self._in_tag(here, text, at, offset)
        if state in (State.ATTRIBUTE, State.AFTER_ATTRIBUTE):
            return self._attribute(here, text, at, offset)
        return self._value(here, text, at, offset)

    def _whole(self, tag: re.Match[str], offset: int) -> bool:
        """An ordinary tag at once: nearly all are, and step by step takes twenty times as long."""
        slash, element, attributes = tag[1], tag[2].lower(), tag.start(3)
        if element in RAW_ELEMENTS:
            return False
        if not slash:
            self._tell(Seen("element", element, "", None, tag.start() + offset))
        for found in _WHOLE_ATTRIBUTE.finditer(tag[3]):
            name, at = found[1].lower(), attributes + offset
            self._tell(Seen("attribute", element, name, None, at + found.start(1)))
            if found[2]:
                self._tell(Seen("value", element, name, found[2][1:-1], at + found.start(2) + 1))
        return True

    def _named(self, here: Position, offset: int) -> Position:
        if not here.closing:
            self._tell(Seen("element", here.element, "", None, offset - len(here.element) - 1))
        return here._replace(state=State.IN_TAG)

    def _declared(self, text: str, at: int, offset: int) -> tuple[Position, int]:
        if text.startswith("--", at):
            # What ends a comment may overlap what opens it: <!--> and <!---> are whole comments.
            return Position(State.COMMENT), at
        if at == len(text) - 1 and text[at] == "-":
            return Position(State.DECLARATION, tail="-"), len(text)
        if text[at] == "[":
            self._tell(Seen("odd", "", "", None, at + offset))
        return Position(State.BOGUS), at

    def _comment(self, here: Position, text: str, at: int, offset: int) -> tuple[Position, int]:
        found = _COMMENT_END.search(text, at)
        if found is None:
            tail = _COMMENT_TAIL.search(text, at)
            return here._replace(tail=tail[0] if tail else ""), len(text)
        if found[0] == "--!>":
            self._tell(Seen("odd", "", "", None, found.start() + offset))
        return START, found.end()

    def _in_tag(self, here: Position, text: str, at: int, offset: int) -> tuple[Position, int]:
        found = _end(_BLANKS, text, at)
        if here.state is State.DIVERGED and found > at:
            here = here._replace(attribute=None)
        if found == len(text):
            return here, found
        if text[found] == ">":
            return self._ended(here), found + 1
        if here.state is State.DIVERGED and (here.attribute is not None or text[found] == "="):
            self._tell(Seen("diverged", here.element, "", None, found + offset))
        return here._replace(state=State.ATTRIBUTE, attribute=text[found].lower()), found + 1

    def _attribute(self, here: Position, text: str, at: int, offset: int) -> tuple[Position, int]:
        if here.state is State.ATTRIBUTE:
            found = _end(_ATTRIBUTE, text, at)
            here = here._replace(attribute=(here.attribute or "") + text[at:found].lower())
            if found == len(text):
                return here, found
            name = here.attribute or ""
            self._tell(Seen("attribute", here.element, name, None, found + offset - len(name)))
            return here._replace(state=State.AFTER_ATTRIBUTE), found
        found = _end(_SPACES, text, at)
        if found == len(text):
            return here, found
        if text[found] == "=":
            return here._replace(state=State.BEFORE_VALUE, value=""), found + 1
        return here._replace(state=State.IN_TAG, attribute=""), found

    def _value(self, here: Position, text: str, at: int, offset: int) -> tuple[Position, int]:
        if here.state is State.BEFORE_VALUE:
            found = _end(_SPACES, text, at)
            if found == len(text):
                return here, found
            if text[found] == ">":
                return self._ended(here), found + 1
            quoted = {'"': State.DOUBLE_QUOTED, "'": State.SINGLE_QUOTED}.get(text[found])
            return here._replace(state=quoted or State.UNQUOTED), found + bool(quoted)
        found = _end(_UNQUOTED, text, at)
        here = _longer(here, text[at:found])
        if found == len(text):
            return here, found
        self._tell(Seen("value", here.element, here.attribute or "", here.value, found + offset - len(here.value or "")))
        return here._replace(state=State.IN_TAG, attribute="", value=""), found

    def _quoted(self, here: Position, text: str, at: int, offset: int) -> tuple[Position, int]:
        found = text.find(_QUOTES[here.state], at)
        here = _longer(here, text[at : found if found >= 0 else len(text)])
        if found < 0:
            return here, len(text)
        self._tell(Seen("value", here.element, here.attribute or "", here.value, found + offset - len(here.value or "")))
        return here._replace(state=State.IN_TAG, attribute="", value=""), found + 1

    def _ended(self, here: Position) -> Position:
        if here.element in RAW_ELEMENTS and not here.closing:
            return Position(State.RAW, here.element)
        return START


def joined(one: Position, other: Position) -> Position | None:
    """Where two branches that ended here and there go on, or None when they can't go on together."""
    if one == other:
        return one
    if (one.element, one.closing) != (other.element, other.closing):
        return None
    if one.state in IN_TAG and other.state in IN_TAG:
        apart = all(
            place.state in (State.AFTER_ATTRIBUTE, State.IN_TAG) or (place.state is State.DIVERGED and place.attribute is None)
            for place in (one, other)
        )
        return Position(State.DIVERGED, one.element, one.closing, None if apart else "")
    if one.state is other.state and one.state in IN_VALUE and one.attribute == other.attribute:
        return one._replace(value=None)
    return None


def _longer(here: Position, text: str) -> Position:
    return here if here.value is None else here._replace(value=here.value + text)


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _opened(state: State, text: str, at: int) -> tuple[Position, int]:
    character = text[at]
    if character.isascii() and character.isalpha():
        return Position(State.TAG_NAME, closing=state is State.CLOSE), at
    if state is State.CLOSE:
        return (START, at + 1) if character == ">" else (Position(State.BOGUS), at)
    if character == "/":
        return Position(State.CLOSE), at + 1
    if character == "!":
        return Position(State.DECLARATION), at + 1
    return (Position(State.BOGUS), at + 1) if character == "?" else (START, at)


def _raw(here: Position, text: str, at: int) -> tuple[Position, int]:
    end = re.compile(rf"</{here.element}(?=[ \t\n\r\f/>])", re.IGNORECASE).search(text, at)
    if end is None:
        tail = _RAW_TAIL.search(text, at)
        return here._replace(tail=tail[0] if tail else ""), len(text)
    return Position(State.IN_TAG, here.element, closing=True), end.end()
