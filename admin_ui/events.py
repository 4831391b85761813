"""The pages of event schemas, with one on what does not fit them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from redis.exceptions import RedisError

from admin_ui import inhand
from admin_ui.items.pages import ItemAdmin
from decisioning import violations
from decisioning.redis import worker_client

SHOWN = 100


class EventSchemaAdmin(ItemAdmin):
    change_list_template = "admin/signpost/event_list.html"
    change_form_template = "admin/signpost/writing/with_rows.html"

    def get_urls(self) -> list[Any]:
        own = [path("violations/", self.admin_site.admin_view(self.violations_view), name="rules_eventschema_violations")]
        return [*own, *super().get_urls()]

    def violations_view(self, request: HttpRequest) -> HttpResponse:
        """The most frequent ones of each workspace, or of the one asked for."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        wanted = inhand.asked(request)
        try:
            found = [(key, _rows(key)) for key in (one.key for one in inhand.known(request)) if wanted in ("", key)]
        except RedisError as error:
            found = []
            messages.error(request, f"Redis does not answer, so nobody can say what was counted ({type(error).__name__}).")
        context = {
            "title": "Events that do not fit",
            "found": [(key, rows) for key, rows in found if rows],
            "days": violations.DAYS,
            "shown": SHOWN,
        }
        return TemplateResponse(
            request, "admin/signpost/violations.html", {**self.admin_site.each_context(request), "opts": self.opts, **context}
        )


def _rows(workspace: str) -> list[tuple[violations.Kind, int, datetime | None]]:
    return [
        (row.kind, row.count, datetime.fromtimestamp(row.last_seen, UTC) if row.last_seen else None)
        for row in violations.most(worker_client(), workspace, now=timezone.now().timestamp(), count=SHOWN)
    ]
