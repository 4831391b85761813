"""The input of conditions: JSON in a text area, which the script of `<rule-builder>` turns into rows to choose from."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

WITHOUT_SCRIPT = (
    'Without its script this is JSON: {"all": [...]}, {"any": [...]}, {"none": [...]}, {"not": {...}} of {"name": ..., "operator": ..., '
    '"value": ...}.'
)


def asked_of(workspace: str, kind: str, key: str) -> dict[str, str]:
    """Where a builder asks for names and for a check, and whose conditions it holds."""
    names, check = (reverse(f"admin:builder_{question}", args=[workspace]) for question in ("names", "check"))
    return {"names": names, "check": check, "kind": kind, "key": key}


class ConditionsWidget(forms.Textarea):
    """`scope` is `user` or `event`. `of` says whose conditions they are, once the form knows."""

    class Media:
        css = {"all": ["admin_ui/builder/builder.css", "admin_ui/builder/fields.css"]}
        js = [forms.Script("admin_ui/builder/element.js", type="module")]

    def __init__(self, scope: str, label: str) -> None:
        super().__init__({"class": "json", "rows": 8, "spellcheck": "false"})
        self.scope, self.label = scope, label
        self.where: dict[str, str] = {}

    def of(self, workspace: str, kind: str, key: str) -> None:
        self.where = asked_of(workspace, kind, key)

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        text = super().render(name, value, attrs, renderer)
        if not self.where:
            return text
        return format_html(
            '<rule-builder names="{}" check="{}" scope="{}" kind="{}" key="{}" label="{}"><noscript><p class="help">{}</p></noscript>{}'
            "</rule-builder>",
            self.where["names"],
            self.where["check"],
            self.scope,
            self.where["kind"],
            self.where["key"],
            self.label,
            WITHOUT_SCRIPT,
            text,
        )
