"""The admin site: Signpost's name, and its models in the order of the work instead of by application."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from admin_ui import inhand, refusing, rights, switching, undoing, verification
from admin_ui.builder import views as builder
from admin_ui.calendar import pages as calendar
from admin_ui.editing import views as editing
from admin_ui.filing import pages as folders
from admin_ui.guide import pages as guide
from admin_ui.opening import may_open
from admin_ui.results import checks, documents
from admin_ui.results import pages as results
from admin_ui.results.today import sparks, today
from admin_ui.trying import effect, playground, users
from decisioning.rulesets import rulesets
from rules import selectors, services, words

SECTIONS = {
    "What users see": ("rules.Placement", "rules.Rule", "rules.Template", "rules.SampleUser"),
    "What is known of users": (
        "rules.Segment",
        "rules.Tag",
        "rules.Score",
        "rules.Threshold",
        "rules.EventSchema",
        "rules.Purpose",
        "rules.Signal",
        "rules.Trait",
        "rules.ContextAttribute",
    ),
    "Going live": ("rules.Draft", "rules.Version", "rules.Approval", "rules.Release", "rules.EmergencyReview", "rules.AuditEvent"),
    "Served": ("decisioning.DecisionRecord",),
    "Access": ("rules.Workspace", "rules.ApiKey", "auth.User", "auth.Group"),
}

ROOMS = (
    verification,
    undoing,
    builder,
    editing,
    results,
    checks,
    documents,
    playground,
    users,
    effect,
    calendar,
    guide,
    folders,
    rights,
    switching,
)
"""Modules with pages that belong to no model: each has `urls(site)`."""


class SignpostSite(admin.AdminSite):
    site_title = "Signpost"
    site_header = "Signpost"
    index_title = "Today"
    site_url = None
    empty_value_display = words.NOTHING

    def admin_view(self, view: Callable[..., HttpResponse], cacheable: bool = False) -> Callable[..., HttpResponse]:
        """Says who acts, for the audit log, and refuses the one character PostgreSQL has no place for, before a filter asks for it."""

        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if any("\0" in value for values in request.GET.lists() for value in (values[0], *values[1])):
                raise BadRequest("An address can't hold a NUL character.")
            if not request.user.is_authenticated:
                return view(request, *args, **kwargs)
            with services.acting(request.user), services.telling_refusals():
                try:
                    return view(request, *args, **kwargs)
                except PermissionDenied:
                    refusing.keep(request)
                    raise

        return super().admin_view(checked, cacheable)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """On every page: what nobody may forget to look at."""
        may_see = request.user.has_perm("rules.view_release")
        return {
            **super().each_context(request),
            "emergencies": selectors.unreviewed_emergencies() if may_see else [],
            "refused_releases": rulesets.errors if may_see else {},
            **({"history_badge": verification.badge(timezone.now())} if verification.may_see(request) else {}),
        }

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """Sections instead of applications. What no section names comes last, so that no model is ever out of reach."""
        by_app = super().get_app_list(request, app_label)
        if app_label is not None:
            return by_app
        for model in (model for app in by_app for model in app["models"]):
            model["of_workspaces"] = getattr(self.get_model_admin(model["model"]), "of_workspaces", False)
        left = {f"{app['app_label']}.{model['object_name']}": model for app in by_app for model in app["models"]}
        sections = {name: [left.pop(label) for label in labels if label in left] for name, labels in SECTIONS.items()}
        if may_open(request.user, calendar.ADDRESS):
            sections["Going live"].append(calendar.link())
        if may_open(request.user, rights.ADDRESS):
            sections["Access"].append(rights.link())
        sections["Other"] = list(left.values())
        index = reverse("admin:index", current_app=self.name)
        return [
            {"name": name, "app_label": slugify(name), "app_url": f"{index}#{slugify(name)}", "has_module_perms": True, "models": models}
            for name, models in sections.items()
            if models
        ]

    def app_index(self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Sections are no applications, so one application has no page: the overview is that of all."""
        return HttpResponseRedirect(reverse("admin:index", current_app=self.name))

    def get_urls(self) -> list[Any]:
        return [*(address for room in ROOMS for address in room.urls(self)), *super().get_urls()]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Of all workspaces, or of the one that the address names or that is in hand."""
        now, may_see = timezone.now(), request.user.has_perm("rules.view_workspace")
        workspace = inhand.of_page(request)
        context = {
            "workspace": workspace,
            "several": len(inhand.known(request)) > 1,
            "overview": [one for one in selectors.overview(now) if workspace in (None, one.workspace)] if may_see else [],
            "sparks": sparks(now) if may_see else {},
            "states": selectors.STATES,
            "today": today(request, now, workspace),
        }
        return super().index(request, {**context, **(extra_context or {})})
