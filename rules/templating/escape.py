"""Prints a value into its place: escaped for HTML, and in a style attribute only what can't be a style of its own."""

from __future__ import annotations

import re

from markupsafe import escape

from rules.templating import limits
from rules.templating.errors import RenderError
from rules.templating.html import START, Reader, Seen
from rules.templating.pieces import Place
from rules.templating.urls import ATTRIBUTES, safe
from rules.templating.values import UNSTORABLE, Html, text

_STYLE_VALUE = re.compile(r"[\w#%. +-]{0,100}")
"""A number, a length, a colour. No brackets, colons or semicolons: `url(...)` would call elsewhere."""


def printed(value: object, place: Place) -> str:
    """The value as it stands in the output."""
    if type(value) is Html and place == "text":
        return str.__str__(value)
    read = text(value)
    if len(read) > limits.OUTPUT:
        raise RenderError("output_too_long", f"The text comes out longer than {limits.OUTPUT} bytes")
    if place == "style" and not _STYLE_VALUE.fullmatch(read):
        raise RenderError("unsafe_style", "Only numbers, lengths, colours and words may be printed into a style attribute")
    return str.__str__(escape(read))


def checked(output: str, has_urls: bool) -> str:
    """A finished text: its URLs may be followed, and it can be stored and sent."""
    if has_urls:
        Reader(_refuse_unsafe_url).feed(START, output)
    return output if output.isascii() and "\x00" not in output else UNSTORABLE.sub("\ufffd", output)


def _refuse_unsafe_url(seen: Seen) -> None:
    if seen.kind == "value" and seen.attribute in ATTRIBUTES and not safe(seen.element, seen.attribute, seen.value or ""):
        raise RenderError("unsafe_url", f"`{seen.attribute}` came out with a URL that may not be followed")
