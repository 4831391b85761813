"""Filters that make text of text, shared by both engines. Each bounds its result before it builds it."""

from __future__ import annotations

import html
import re
from urllib.parse import quote_plus, unquote_plus

from markupsafe import escape

from rules.templating import limits
from rules.templating.errors import RenderError
from rules.templating.values import UNSTORABLE, Html, absent, items, text, whole

_BREAK = re.compile(r"\r?\n")
_BLANKS = re.compile(r"\s+")
_MARKUP = re.compile(r"<[^<>]*>")


def append(value: object, end: object) -> str:
    return text(value) + text(end)


def prepend(value: object, start: object) -> str:
    return text(start) + text(value)


def capitalize(value: object) -> str:
    return text(value).capitalize()


def downcase(value: object) -> str:
    return text(value).lower()


def upcase(value: object) -> str:
    return text(value).upper()


def title(value: object) -> str:
    return " ".join(word[:1].upper() + word[1:].lower() for word in text(value).split(" "))


def strip(value: object) -> str:
    return text(value).strip()


def lstrip(value: object) -> str:
    return text(value).lstrip()


def rstrip(value: object) -> str:
    return text(value).rstrip()


def squish(value: object) -> str:
    return _BLANKS.sub(" ", text(value).strip())


def strip_html(value: object) -> str:
    return _MARKUP.sub("", text(value))


def strip_newlines(value: object) -> str:
    return _BREAK.sub("", text(value))


def newline_to_br(value: object) -> Html:
    return Html(_BREAK.sub("<br />\n", str(escape(text(value)))))


def as_text(value: object) -> str:
    """`escape`: all output is escaped anyway, so it only makes a text."""
    return text(value)


def escape_once(value: object) -> str:
    """All output is escaped, so what is escaped already is opened first."""
    return html.unescape(text(value))


def replace(value: object, old: object, new: object = "") -> str:
    whole_text, wanted, given = text(value), text(old), text(new)
    count = whole_text.count(wanted)
    if len(whole_text) + count * (len(given) - len(wanted)) > limits.TEXT:
        raise RenderError("text_too_long", f"Filters take and give texts up to {limits.TEXT} characters")
    return whole_text.replace(wanted, given)


def replace_first(value: object, old: object, new: object = "") -> str:
    return text(value).replace(text(old), text(new), 1)


def replace_last(value: object, old: object, new: object = "") -> str:
    whole_text, wanted = text(value), text(old)
    at = whole_text.rfind(wanted)
    return whole_text if at < 0 else whole_text[:at] + text(new) + whole_text[at + len(wanted) :]


def remove(value: object, old: object) -> str:
    return text(value).replace(text(old), "")


def remove_first(value: object, old: object) -> str:
    return replace_first(value, old)


def remove_last(value: object, old: object) -> str:
    return replace_last(value, old)


def truncate(value: object, length: object = 50, end: object = "...") -> str:
    """At most so many characters, the ending included."""
    whole_text, most, ending = text(value), whole(length, "truncate's length"), text(end)
    if len(whole_text) <= most:
        return whole_text
    return whole_text[: max(most - len(ending), 0)] + ending


def truncate_words(value: object, length: object = 15, end: object = "...") -> str:
    words, most = text(value).split(), max(whole(length, "truncatewords' length"), 1)
    return " ".join(words) if len(words) <= most else " ".join(words[:most]) + text(end)


def word_count(value: object) -> int:
    return len(text(value).split())


def url_encode(value: object) -> str:
    return quote_plus(text(value))


def url_decode(value: object) -> str:
    return UNSTORABLE.sub("\ufffd", unquote_plus(text(value)))


def split(value: object, separator: object = " ") -> list[object]:
    whole_text, between = text(value), text(separator)
    parts = list(whole_text) if not between else whole_text.split(None if between == " " else between)
    return [] if parts == [""] else [*parts]


def cut(value: object, start: object, length: object = 1) -> object:
    """`slice`: a part of a text or of a list. A negative start counts from the end."""
    given = value if isinstance(value, list | tuple) else text(value)
    first, count = whole(start, "slice's start"), max(whole(length, "slice's length"), 0)
    first = max(first + len(given), 0) if first < 0 else first
    part = given[first : first + count]
    return part if isinstance(part, str) else list(part)


def join(value: object, separator: object = " ") -> str:
    parts, between = [text(item) for item in items(value)], text(separator)
    if sum(map(len, parts)) + len(between) * len(parts) > limits.TEXT:
        raise RenderError("text_too_long", f"Filters take and give texts up to {limits.TEXT} characters")
    return between.join(parts)


def concatenated(parts: list[object]) -> str:
    """Jinja's `~`."""
    texts = [text(part) for part in parts]
    if sum(map(len, texts)) > limits.TEXT:
        raise RenderError("text_too_long", f"Texts go up to {limits.TEXT} characters")
    return "".join(texts)


def default(value: object, other: object = "", *, allow_false: object = False) -> object:
    """Liquid's: the other value for nothing, false, and an empty text, list or object."""
    if value is False:
        return value if allow_false is True else other
    empty = absent(value) or (isinstance(value, str | list | dict) and not value)
    return other if empty else value


def default_if_missing(value: object, default_value: object = "", boolean: object = False) -> object:
    """Jinja's: the other value for nothing; with `true`, for everything that counts as false."""
    return default_value if absent(value) or (boolean and not value) else value
