"""Which fields are typed in as rows, and of what cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from admin_ui.writing.rows import Cell, Rows
from rules.engine import aggregates

WINDOWS = ("10m", "1h", "1d", "7d", "session", "today")


def takes() -> Iterator[tuple[str, str]]:
    """What a term may make of a signal's values, in words. Other windows may stand in a document and are shown as they are."""
    yield from (("sum", "all of them, added up"), ("last", "the latest one"), ("max", "the highest one"))
    for word, one in aggregates.AGGREGATES.items():
        parts = {"window": WINDOWS, "number": ("5", "10", "20"), "half_life": ("10m", "1h", "1d"), "session": ("session",)}[one.after]
        if one.gives == "number" or word in {"first", "last"}:
            yield from ((f"{word}.{part}", aggregates.said(word, part, "its values")) for part in parts)


TEXTS = Rows("fields", "Fields", "Field", (Cell("key", "Field", hint="headline"), Cell("text", "Text", "long")), "map")
LOCALES = Rows(
    "locales",
    "Other languages",
    "Language",
    (Cell("key", "Language", hint="de or de-AT"), Cell("body", "Body", "long")),
    "keyed",
    (TEXTS,),
)

BOOSTS = Rows(
    "boosts",
    "Counts more, or less, on certain days (UTC)",
    "Boost",
    (Cell("factor", "Times", "number"), Cell("from", "From", hint="2026-11-27"), Cell("until", "Until", hint="2026-12-01")),
)
TERMS = Rows(
    "terms",
    "Terms",
    "Term",
    (
        Cell("signal", "Signal", "choice"),
        Cell("take", "Of its values", "choice", choices=tuple(takes()), usual="sum"),
        Cell("weight", "Weight", "number", usual="1"),
        Cell("gain", "Gain", "number", usual="1"),
        Cell("per", "In units of", "number", usual="1"),
        Cell("max", "At most … units", "number"),
    ),
    inner=(BOOSTS,),
)
BANDS = Rows("bands", "Bands", "Band", (Cell("key", "Name", hint="high"), Cell("bound", "From", "number")), "map")

ROWS: Mapping[str, Rows] = {
    "template.fields": TEXTS,
    "template.locales": LOCALES,
    "score.terms": TERMS,
    "score.bands": BANDS,
}
"""By kind and path."""
