"""The Markdown that the guide is written in, as HTML: headings, lists in lists, tables, code, links. Whatever else stands there is text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

Link = Callable[[str], str | None]
"""From a link's target as it is written to an address; None: the words stand without a link."""

PREFIX = "guide-"
_INLINE = re.compile(
    r"(?P<ticks>`+)(?P<code>.+?)(?P=ticks)"
    r"|\*\*(?P<strong>.+?)\*\*|\*(?P<em>\S.*?)\*"
    r"|\[(?P<words>[^\]]+)\]\((?P<target>[^)\s]+)\)"
)
_HEADING = re.compile(r"(#{1,4}) (.+)")
_ITEM = re.compile(r"( *)(-|\d+\.) (.+)")
_ROW = re.compile(r"\|.*\|")


def render(text: str, link: Link) -> SafeString:
    return _joined(_blocks(text.splitlines(), link))


def title(text: str) -> str:
    """The first heading, as text."""
    found = re.search(r"^# (.+)$", text, re.MULTILINE)
    return found[1] if found else ""


def slug(heading: str) -> str:
    """A heading's anchor as GitHub makes it, after PREFIX: the page around has names of its own."""
    return PREFIX + re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _blocks(lines: list[str], link: Link) -> Iterator[SafeString]:
    at = 0
    while at < len(lines):
        line = lines[at]
        if heading := _HEADING.fullmatch(line):
            level = len(heading[1])
            yield format_html("<h{} id='{}'>{}</h{}>", level, slug(heading[2]), _inline(heading[2], link), level)
            at += 1
        elif line.startswith("```"):
            end = next((one for one in range(at + 1, len(lines)) if lines[one].startswith("```")), len(lines))
            yield format_html("<pre><code>{}</code></pre>", "\n".join(lines[at + 1 : end]))
            at = end + 1
        elif (kind := _kind(line)) is not None:
            end = next((one for one in range(at, len(lines)) if not lines[one].strip() or not kind(lines[one])), len(lines))
            yield _table(lines[at:end], link) if _ROW.fullmatch(line) else _list(lines[at:end], link)
            at = end
        elif line.strip():
            end = next((one for one in range(at + 1, len(lines)) if not lines[one].strip() or _kind(lines[one])), len(lines))
            yield format_html("<p>{}</p>", _inline(" ".join(lines[at:end]), link))
            at = end
        else:
            at += 1


def _kind(line: str) -> Callable[[str], object] | None:
    """What tells the lines that go on a block of many lines; None where a paragraph begins, or nothing."""
    if _ROW.fullmatch(line):
        return _ROW.fullmatch
    return (lambda other: _ITEM.fullmatch(other) or other.startswith("  ")) if _ITEM.fullmatch(line) else None


def _list(lines: list[str], link: Link) -> SafeString:
    """Items of one depth, each with the lines beneath it that stand further in."""
    depth, items = len(lines[0]) - len(lines[0].lstrip()), list[tuple[str, list[str]]]()
    for line in lines:
        found = _ITEM.fullmatch(line)
        if found and len(found[1]) <= depth:
            items.append((found[3], []))
        elif found or items[-1][1]:
            items[-1][1].append(line)
        else:
            items[-1] = (f"{items[-1][0]} {line.strip()}", [])
    tag = "ol" if lines[0].lstrip()[0].isdigit() else "ul"
    inner = ((_inline(text, link), _list(beneath, link) if beneath else "") for text, beneath in items)
    return format_html("<{}>{}</{}>", tag, format_html_join("", "<li>{}{}</li>", inner), tag)


def _table(lines: list[str], link: Link) -> SafeString:
    head, _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    heads = format_html_join("", '<th scope="col">{}</th>', ((_inline(cell, link),) for cell in head))
    body = format_html_join(
        "", "<tr>{}</tr>", ((format_html_join("", "<td>{}</td>", ((_inline(cell, link),) for cell in row)),) for row in rows)
    )
    return format_html('<div class="scroll" tabindex="0"><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>', heads, body)


def _inline(text: str, link: Link) -> SafeString:
    return _joined(_parts(text, link))


def _parts(text: str, link: Link) -> Iterator[SafeString]:
    at = 0
    for found in _INLINE.finditer(text):
        yield format_html("{}", text[at : found.start()])
        at = found.end()
        if found["code"]:
            yield format_html("<code>{}</code>", found["code"])
        elif found["strong"]:
            yield format_html("<strong>{}</strong>", _inline(found["strong"], link))
        elif found["em"]:
            yield format_html("<em>{}</em>", _inline(found["em"], link))
        else:
            address = link(found["target"])
            words = _inline(found["words"], link)
            yield format_html('<a href="{}">{}</a>', address, words) if address else words
    yield format_html("{}", text[at:])


def _joined(parts: Iterator[SafeString]) -> SafeString:
    return mark_safe("".join(parts))  # noqa: S308  each part was escaped where it was made
