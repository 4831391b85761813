"""Workspaces; and API keys, issued and revoked."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html

from admin_ui import dryruns, inhand, reviewing
from admin_ui.filters import RevokedFilter, WorkspaceFilter
from admin_ui.forms import ApiKeyForm, WorkspaceForm
from admin_ui.links import with_key
from admin_ui.pages import NamedList, tell
from admin_ui.publishing import publishing_page
from admin_ui.sure import ask_sure, sure
from rules import apikeys, selectors, services, words
from rules.engine import DocumentError
from rules.models import ApiKey, Workspace


class WorkspaceAdmin(NamedList):
    form = WorkspaceForm
    list_display = ("title", "timezone", "four_eyes_said", "live")
    search_fields = ("key", "name")
    change_form_template = "admin/signpost/workspace.html"

    @admin.display(description="name and key", ordering="key")
    def title(self, workspace: Workspace) -> str:
        return with_key(str(workspace), workspace.key)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("key",) if obj else ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return selectors.with_live_number(super().get_queryset(request), timezone.now())

    @admin.display(description="live release", ordering="live_number")
    def live(self, workspace: Any) -> str:
        return f"release {workspace.live_number}" if workspace.live_number else "never published"

    @admin.display(description="four eyes", ordering="four_eyes")
    def four_eyes_said(self, workspace: Workspace) -> str:
        return words.asked_for(workspace.four_eyes)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, obj: Any = None, **kwargs: Any) -> HttpResponse:
        context |= {"title": str(obj) if obj else "Add a workspace", "subtitle": None}
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def save_model(self, request: HttpRequest, obj: Workspace, form: Any, change: bool) -> None:
        write = services.change_workspace if change else services.create_workspace
        obj.pk = write(obj.key, name=obj.name, timezone=obj.timezone, four_eyes=obj.four_eyes, actor=request.user).pk

    def get_urls(self) -> list[Any]:
        own = path("<int:workspace_id>/publish/", self.admin_site.admin_view(self.publish_view), name="rules_workspace_publish")
        return [own, *dryruns.addresses(self), *reviewing.urls(self.admin_site.admin_view), *super().get_urls()]

    def publish_view(self, request: HttpRequest, workspace_id: int) -> HttpResponse:
        return publishing_page(self, request, workspace_id)


class ApiKeyAdmin(NamedList):
    form = ApiKeyForm
    list_display = ("title", "label", "may", "created_at", "expires_at", "revoked_at")
    list_filter = (RevokedFilter, WorkspaceFilter, "kind")
    list_select_related = ("workspace",)
    search_fields = ("prefix", "label")
    actions = ("revoke",)
    change_form_template = "admin/signpost/api_key.html"

    @admin.display(description="key", ordering="prefix")
    def title(self, key: ApiKey) -> str:
        return format_html('{}…<span class="key">{}</span>', key.prefix, words.WITHIN.join((key.workspace.key, key.kind)))

    @admin.display(description="key")
    def prefix_shown(self, key: ApiKey) -> str:
        return f"{key.prefix}…"

    @admin.display(description="may")
    def may(self, key: ApiKey) -> str:
        return ", ".join(key.scopes) or "all of its kind"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (
            ("prefix_shown", "workspace", "kind", "label", "may", "origins", "created_at", "expires_at", "revoked_at")
            if obj
            else self.form.Meta.fields
        )

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        if workspace := form.base_fields.get("workspace"):
            workspace.widget = workspace.widget.widget  # a plain select: a key's form is no place to edit workspaces
            inhand.offer(request, workspace)
        return form

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A key is what it was issued as. It can be revoked; nothing else about it changes."""
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        try:
            return super().add_view(request, form_url, extra_context)
        except DocumentError as refused:
            tell(request, refused)
            return HttpResponseRedirect(request.get_full_path())

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        obj.text = services.issue_key(
            obj.workspace.key,
            kind=obj.kind,
            label=obj.label,
            now=timezone.now(),
            scopes=form.cleaned_data["scopes"],
            origins=form.cleaned_data["origins"],
            expires_at=obj.expires_at,
            actor=request.user,
        )
        obj.prefix = apikeys.prefix(obj.text)
        obj.pk = ApiKey.objects.get(prefix=obj.prefix).pk

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """Shown in this answer, which no cache keeps, and nowhere else: a message would lie in a cookie or in the session's row."""
        context = {**self.admin_site.each_context(request), "title": "API key issued", "opts": self.opts, "key": obj, "text": obj.text}
        return TemplateResponse(request, "admin/signpost/key_issued.html", context)

    def get_urls(self) -> list[Any]:
        own = path("<int:key_id>/revoke/", self.admin_site.admin_view(self.revoke_view), name="rules_apikey_revoke")
        return [own, *super().get_urls()]

    def revoke_view(self, request: HttpRequest, key_id: int) -> HttpResponse:
        if request.method != "POST" or not self.has_change_permission(request):
            raise PermissionDenied
        key = get_object_or_404(ApiKey, pk=key_id)
        there = reverse("admin:rules_apikey_change", args=[key_id])
        if not sure(request):
            return self._ask(request, [key], there)
        services.revoke_key(key.pk, now=timezone.now(), actor=request.user)
        messages.success(request, f"The key {key} is revoked.")
        return HttpResponseRedirect(there)

    @admin.action(description="Revoke the chosen keys", permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> HttpResponse | None:
        if not sure(request):
            return self._ask(request, list(queryset.select_related("workspace")), request.get_full_path())
        for key in queryset:
            services.revoke_key(key.pk, now=timezone.now(), actor=request.user)
        self.message_user(request, "Revoked. Processes forget a revoked key within seconds.", messages.SUCCESS)
        return None

    def _ask(self, request: HttpRequest, keys: list[ApiKey], back: str) -> HttpResponse:
        return ask_sure(
            self,
            request,
            [f"{key.prefix}… {key.label}, a {key.kind} key of {key.workspace}" for key in keys],
            act="Revoke",
            title="Revoke this key?" if len(keys) == 1 else f"Revoke these {len(keys)} keys?",
            consequence="Whatever still sends such a key is refused within seconds. A revoked key can't be brought back: issue another.",
            back=back,
            final=True,
        )
