"""Findings at the fields they are about: noted beside them where the draft is saved, refused where it is being saved."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django import forms
from django.utils.html import format_html

from admin_ui.findings import in_words
from admin_ui.form.fields import Leaf
from admin_ui.writing.rows import RowsWidget
from rules import selectors
from rules.selectors import Finding


class NotingForm(forms.ModelForm):
    leaves: ClassVar[tuple[Leaf, ...]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.noted: list[dict[str, str]] = []
        """What was found in the saved draft: each with its field, tone and words."""

    def note(self, found: Finding) -> None:
        """Shows what was found in the saved draft beside its field, without making an error of it."""
        name = self._field_of(found.path) or self.leaves[0].name
        advised = selectors.is_advice(found)
        tone, words = ("advice", f"Worth a look: {self._said(found)}") if advised else ("problem", self._said(found))
        self.noted.append({"field": name, "tone": tone, "words": words})
        field = self.fields[name]
        field.help_text = format_html('<span class="{}">{}</span>{}', tone, words, field.help_text)

    def refuse(self, found: Finding) -> None:
        self.add_error(self._field_of(found.path), self._said(found))

    def _said(self, found: Finding) -> str:
        """The problem with its place inside a field that holds several values."""
        inside = re.search(r"\[.*", found.path)
        field = self.fields.get(self._field_of(found.path) or "")
        if inside and field is not None and isinstance(field.widget, RowsWidget):
            return f"{field.widget.place(found.path.removeprefix('$.'))}: {in_words(found.problem)}"
        return f"{found.path.removeprefix('$.')}: {in_words(found.problem)}" if inside else in_words(found.problem)

    def _field_of(self, path: str) -> str | None:
        """The field a path within the body points at: the deepest one on its way, or the first one beneath it."""
        steps = tuple(re.findall(r"\.([A-Za-z_][\w-]*)", path))
        on_way = [leaf for leaf in self.leaves if steps[: len(leaf.path)] == leaf.path]
        beneath = [leaf for leaf in self.leaves if steps and leaf.path[: len(steps)] == steps]
        if "key" in self.fields and steps == ("key",):
            return "key"
        return next((leaf.name for leaf in [*on_way, *beneath]), None)
