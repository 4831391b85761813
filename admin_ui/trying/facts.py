"""Inputs of what is known of somebody, and of what they should get: lines in a text area, which a script turns into rows to choose from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

Place = tuple[str, str, Sequence[tuple[str, str]]]
"""A placement's key and name, with what may be written for it and the words for that."""


class LinesWidget(forms.Textarea):
    class Media:
        css = {"all": ["admin_ui/builder/builder.css", "admin_ui/builder/fields.css"]}

    def __init__(self, rows: int) -> None:
        super().__init__({"rows": rows, "class": "facts", "spellcheck": "false"})


class FactsWidget(LinesWidget):
    """`workspace`: the key of the one whose names are offered, once the form knows."""

    class Media:
        js = [forms.Script("admin_ui/trying/facts.js", type="module")]

    def __init__(self) -> None:
        super().__init__(7)
        self.workspace = ""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        names = reverse("admin:builder_names", args=[self.workspace])
        return format_html('<fact-rows names="{}">{}</fact-rows>', names, super().render(name, value, attrs, renderer))


class ExpectsWidget(LinesWidget):
    """`places`: what is offered, once the form knows."""

    class Media:
        js = [forms.Script("admin_ui/trying/expects.js", type="module")]

    def __init__(self) -> None:
        super().__init__(3)
        self.places: list[Place] = []

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        text = super().render(name, value, attrs, renderer)
        return format_html('<expect-rows places="{}">{}</expect-rows>', json.dumps(self.places), text)
