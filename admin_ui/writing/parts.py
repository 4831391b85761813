"""Which fields are typed in as rows, and of what cells."""

from __future__ import annotations

from collections.abc import Mapping

from admin_ui.writing.rows import Cell, Rows

TEXTS = Rows("fields", "Fields", "Field", (Cell("key", "Field", hint="headline"), Cell("text", "Text", "long")), "map")
LOCALES = Rows(
    "locales",
    "Other languages",
    "Language",
    (Cell("key", "Language", hint="de or de-AT"), Cell("body", "Body", "long")),
    "keyed",
    (TEXTS,),
)

ROWS: Mapping[str, Rows] = {"template.fields": TEXTS, "template.locales": LOCALES}
"""By kind and path."""
