"""Which URLs may stand in a template's HTML: http, https, mailto, tel, relative ones, and data:image in an image's src."""

from __future__ import annotations

import html
import re

SCHEMES = frozenset({"http", "https", "mailto", "tel"})
_FOLLOWED = {"href", "src", "action", "formaction", "poster", "background", "cite", "data", "longdesc", "manifest", "xlink:href", "usemap"}
_FOLLOWED_ONCE = {"codebase", "icon", "dynsrc", "lowsrc", "profile", "classid"}
_ANIMATED = {"to", "from", "by"}
_LISTS = {"srcset", "imagesrcset", "ping", "archive", "values"}
ATTRIBUTES = frozenset(_FOLLOWED | _FOLLOWED_ONCE | _ANIMATED | _LISTS)
"""Attributes a browser takes, or once took, for URLs, and those that give an animated drawing a new one."""

_IGNORED = re.compile("[\x00-\x20\x7f-\xa0]+")
_SCHEME = re.compile(r"([^/?#:]*):")
_WORDS = re.compile("[-_]")
_LINK_WORDS = frozenset({"url", "uri", "href", "link", "src"})
_IMAGE_WORDS = frozenset({"image", "img", "icon", "picture"})
_SEPARATORS = re.compile(r"[\s,;]+")


def safe(element: str | None, attribute: str, value: str) -> bool:
    """Whether an attribute's value, as it stands in the HTML, may be followed. What browsers ignore in a scheme is ignored here."""
    read = html.unescape(value)
    if attribute in _LISTS:
        return all(_safe(None, attribute, part) for part in _SEPARATORS.split(read))
    return _safe(element, attribute, read)


def safe_field(key: str, value: str) -> bool:
    """Whether a field an app will put into a link or an image, as its key says (`link`, `image-url`), may be followed."""
    words = set(_WORDS.split(key))
    if words.isdisjoint(_LINK_WORDS | _IMAGE_WORDS):
        return True
    return _safe("img" if words & _IMAGE_WORDS else "a", "src", html.unescape(value))


def _safe(element: str | None, attribute: str, value: str) -> bool:
    read = _IGNORED.sub("", value)
    found = _SCHEME.match(read)
    if found is None:
        return True
    scheme = found[1].lower()
    if scheme == "data":
        return element == "img" and attribute == "src" and read.lower().startswith("data:image/")
    return scheme in SCHEMES
