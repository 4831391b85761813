"""JSON as people type it in: shown over several lines, read strictly."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from rules import bodies
from rules.engine import DocumentError
from rules.engine.strict import loads


class JsonField(forms.JSONField):
    """JSON as text: shown over several lines, read strictly, wrong text told with line and column."""

    widget = forms.Textarea(attrs={"class": "json", "rows": 8, "spellcheck": "false"})

    def to_python(self, value: Any) -> Any:
        if not isinstance(value, str) or not value.strip():
            return None
        try:
            return loads(value.encode(errors="replace"))
        except DocumentError as error:
            raise ValidationError([problem.message for problem in error.problems]) from error

    def prepare_value(self, value: Any) -> Any:
        return value if value is None or isinstance(value, str) else bodies.pretty(value)
