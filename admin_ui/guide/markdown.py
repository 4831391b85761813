"""The Markdown that the guide is written in, as HTML with our links and anchors."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

Link = Callable[[str], str | None]
"""From a link's target as it is written to an address; None: the words stand without a link."""

PREFIX = "guide-"
_READ = MarkdownIt("commonmark", {"html": False}).enable("table")
"""HTML in it is shown as text."""


def render(text: str, link: Link) -> SafeString:
    tokens = _READ.parse(text)
    for number, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrSet("id", slug(tokens[number + 1].content))
        elif token.type == "th_open":
            token.attrSet("scope", "col")
        elif token.children:
            token.children = _linked(token.children, link)
    html: str = _READ.renderer.render(tokens, _READ.options, {})
    # A wide table is scrolled by itself, by keyboard too.
    html = html.replace("<table>", '<div class="scroll" tabindex="0"><table>').replace("</table>", "</table></div>")
    return mark_safe(html)  # noqa: S308  the library escapes what it was given


def title(text: str) -> str:
    """The first heading, as text."""
    found = re.search(r"^# (.+)$", text, re.MULTILINE)
    return found[1] if found else ""


def slug(heading: str) -> str:
    """A heading's anchor as GitHub makes it, after PREFIX: the page around has names of its own."""
    return PREFIX + re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _linked(tokens: list[Token], link: Link) -> list[Token]:
    """Links don't nest, so the next end of a link is that of the last one begun."""
    found, open_ = [], True
    for token in tokens:
        if token.type == "link_open":
            address = link(str(token.attrGet("href")))
            open_ = address is not None
            token.attrSet("href", address or "")
        if open_ or token.type not in {"link_open", "link_close"}:
            found.append(token)
    return found
