"""Pages of what is made of conditions: with the names they may use listed beneath the form."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from admin_ui.items.pages import ItemAdmin
from rules import vocabulary


class ConditionsAdmin(ItemAdmin):
    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        context["names"] = vocabulary.export(context["adminform"].form.desk.struct)["variables"]
        return super().render_change_form(request, context, *args, **kwargs)
