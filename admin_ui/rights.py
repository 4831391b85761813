"""Who may do what: every account with a role, and each act that matters, in one table; and what was changed about it lately."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.models import Permission, User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone

from admin_ui.audit import further
from admin_ui.opening import may_open
from rules import selectors

ADDRESS = "admin:access"
ACTS = {
    "rules.change_rule": "Write drafts",
    "rules.submit_draft": "Send for review",
    "rules.approve_version": "Approve",
    "rules.publish_workspace": "Publish and roll back",
    "rules.emergency_publish": "Publish in an emergency",
    "rules.view_real_user": "Try as a real user",
    "decisioning.view_decisionrecord": "Read decisions",
    "rules.export_history": "Export history",
    "rules.add_apikey": "Issue keys",
    "rules.change_workspace": "Change workspaces",
    "auth.change_user": "Change accounts",
}
"""By the permission that each act asks for."""

TOLD, SHOWN = timedelta(days=30), 100
"""Of the latest changes, beneath the table."""


def urls(site: AdminSite) -> list[Any]:
    return [path("access/", site.admin_view(lambda request: page(site, request)), name="access")]


def link() -> dict[str, Any]:
    """For the sidebar, in the shape that Django's template has for a model."""
    return {"name": "Who may do what", "object_name": "Access", "admin_url": reverse(ADDRESS), "add_url": None, "view_only": True}


def page(site: AdminSite, request: HttpRequest) -> HttpResponse:
    if not may_open(request.user, ADDRESS):
        raise PermissionDenied
    context = {"title": "Who may do what", "acts": list(ACTS.values()), "people": people(), "days": TOLD.days, **_changes(request)}
    return TemplateResponse(request, "admin/signpost/access.html", {**site.each_context(request), **context})


def _changes(request: HttpRequest) -> dict[str, Any]:
    """How it came to be so, for who may read the audit log: what was changed lately, and whether that is more than is shown."""
    if not request.user.has_perm("rules.view_auditevent"):
        return {}
    changes = list(selectors.rights_changes(timezone.now() - TOLD)[: SHOWN + 1])
    return {"may_read_log": True, "changes": [(event, further(event)) for event in changes[:SHOWN]], "more": len(changes) > SHOWN}


def people() -> list[dict[str, Any]]:
    """Who may sign in, with their `roles`, what they were given `beside` those, and for each act whether they `may`."""
    named = {
        pk: f"{label}.{codename}" for pk, label, codename in Permission.objects.values_list("pk", "content_type__app_label", "codename")
    }
    found = []
    accounts = User.objects.filter(is_active=True, is_staff=True).prefetch_related("groups__permissions", "user_permissions")
    for user in accounts.order_by("username"):
        given = {named[one.pk] for one in user.user_permissions.all()}
        held = given | {named[one.pk] for group in user.groups.all() for one in group.permissions.all()}
        found.append(
            {
                "user": user,
                "roles": [group.name for group in user.groups.all()],
                "beside": [said for permission, said in ACTS.items() if permission in given],
                "may": [user.is_superuser or permission in held for permission in ACTS],
            }
        )
    return found
