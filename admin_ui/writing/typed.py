"""What a form says while it is typed, as far as it can be read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest

from admin_ui.form.fields import Leaf
from rules.bodies import Body


def typed_body(request: HttpRequest, leaves: Iterable[Leaf]) -> Body:
    """A field that can't be read is left out, for the form itself to refuse."""
    body: dict[str, Any] = {}
    for leaf in leaves:
        try:
            leaf.write(body, leaf.field.clean(leaf.field.widget.value_from_datadict(request.POST, request.FILES, leaf.name)))
        except ValidationError:
            continue
    return body
