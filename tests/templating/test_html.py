"""The HTML reader: at once and letter by letter it sees the same, and what it sees is what browsers do."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.templating.html import START, Position, Reader, Seen, State

WORDS = [
    "<",
    ">",
    "</",
    "/>",
    "<!",
    "<!--",
    "-->",
    "--!>",
    "--",
    "-",
    "!",
    "<!-->",
    "<?",
    "<![CDATA[",
    "]]>",
    "=",
    '"',
    "'",
    "/",
    "a",
    "b",
    "href",
    "title",
    "style",
    "script",
    "svg",
    "x",
    "<a",
    "<p>",
    "</p>",
    "<style>",
    "</style>",
    "</styl",
    "<textarea",
    "&amp;",
    "é",
    "1",
    "<br/>",
    "<img",
]
WORDS += [" ", "\n", "<A ", "</textarea >", '<a href="x">', "<i title='y' b>", "<img src=x>", "<a b=c d>", "<p =x>"]


def read(*pieces: str) -> tuple[list[Seen], Position]:
    seen: list[Seen] = []
    reader, position = Reader(seen.append), START
    for piece in pieces:
        position = reader.feed(position, piece)
    return [one._replace(offset=0) for one in seen], position


def values(text: str) -> list[tuple[str, str, str | None]]:
    return [(one.element, one.attribute, one.value) for one in read(text)[0] if one.kind == "value"]


@settings(deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=30).map("".join), st.data())
def test_a_text_reads_the_same_however_it_is_cut(text: str, data: st.DataObject):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]

    assert read(*pieces) == read(text) == read(*text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('<a href="x">', [("a", "href", "x")]),
        ("<a href='x'>", [("a", "href", "x")]),
        ("<a href=x>", [("a", "href", "x")]),
        ("<a href=x/>", [("a", "href", "x/")]),
        ("<A HREF = x y>", [("a", "href", "x")]),
        ("<a/href=x>", [("a", "href", "x")]),
        ("<a\nhref\n=\nx>", [("a", "href", "x")]),
        ("<a b href=x>", [("a", "href", "x")]),
        ("<a b=''href=x>", [("a", "b", ""), ("a", "href", "x")]),
        ("<a title='>' href=x>", [("a", "title", ">"), ("a", "href", "x")]),
        ("<a =href=x>", [("a", "=href", "x")]),
        ("<a href=>x>", []),
        ("< a href=x>", []),
        ("<1 href=x>", []),
        ("<!-- <a href=x> -->", []),
        ("<!--><a href=x>", [("a", "href", "x")]),
        ("<!---><a href=x>", [("a", "href", "x")]),
        ("<!-- --!><a href=x>", [("a", "href", "x")]),
        ("<!x><a href=x>", [("a", "href", "x")]),
        ("<?x><a href=x>", [("a", "href", "x")]),
        ("</><a href=x>", [("a", "href", "x")]),
        ("</ ><a href=x>", [("a", "href", "x")]),
        ("<style><a href=x></style><a href=y>", [("a", "href", "y")]),
        ("<style></styled><a href=x></STYLE ><a href=y>", [("a", "href", "y")]),
        ("<style/><a href=x>", []),
        ("<<a href=x>", [("a", "href", "x")]),
    ],
)
def test_attributes_are_read_as_browsers_read_them(text: str, found: list[tuple[str, str, str | None]]):
    assert values(text) == found


@pytest.mark.parametrize(
    "part", ["<a ", "<!--", "<!", "<![", "</", "<", "<a b=", "<a b='", "<style>", "</style", "<a b", "--!>", "<!-->", "<a b='c' ", "<a-b"]
)
def test_the_work_grows_with_the_length_and_no_faster(part: str):
    def calls(length: int) -> int:
        made = 0

        def count(_frame: object, event: str, _argument: object) -> None:
            nonlocal made
            made += event in ("call", "c_call")

        text = part * (length // len(part))
        sys.setprofile(count)
        try:
            Reader(lambda seen: None).feed(START, text)
        finally:
            sys.setprofile(None)
        return made

    assert calls(40_000) < 5 * calls(10_000) + 100


def test_a_plain_text_ends_where_it_began():
    assert read("a < b & c > d")[1].state is State.TEXT
