"""The page of one authored thing: its form, filled from the author's working copy, with what stands around it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import flatten
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.text import capfirst

from admin_ui import inhand, saying
from admin_ui.editing.shown import continued, editing
from admin_ui.form.groups import fieldsets
from admin_ui.items.around import around
from admin_ui.items.workspace import choose_workspace
from admin_ui.pages import tell
from rules import selectors
from rules.engine import DocumentError
from rules.selectors import Desk


class ItemFormPage(admin.ModelAdmin):
    kind: str
    change_form_template = "admin/signpost/item.html"
    readonly_fields = ("key",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else self.readonly_fields

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        if obj is not None and not self.has_change_permission(request, obj):
            return [(None, {"fields": ["key", "body_shown"]})]
        return fieldsets(self.kind, self.form.leaves)

    @admin.display(description="what it says")
    def body_shown(self, item: Any) -> str:
        return saying.said(self.kind, item.shown)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        workspace = obj.workspace if obj else inhand.for_new(request)
        desk = (Desk if request.method == "POST" else selectors.kept_desk)(workspace, request.user.pk)
        typed = continued(request, desk, self.kind, obj)
        return type(self.form.__name__, (self.form,), {"desk": desk, "typed": typed, "Meta": self.form.Meta})

    def changeform_view(self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None) -> Any:
        if object_id is None and inhand.for_new(request) is None:
            return choose_workspace(self, request)
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except DocumentError as refused:  # somebody was faster between this form's check and its saving
            tell(request, refused)
            return HttpResponseRedirect(request.get_full_path())

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, obj: Any = None, **kwargs: Any) -> HttpResponse:
        desk = context["adminform"].form.desk
        for _, options in context["adminform"].fieldsets:
            if any(context["adminform"].form.says(name) for name in flatten(options["fields"])):
                options["classes"] = []
        token = context["adminform"].form["token"].value() or selectors.NEW
        context |= {
            "workspace": desk.workspace,
            "kind": self.kind,
            "editing": editing(request, desk, self.kind, obj, token),
        }
        if obj is not None:
            context |= {"subtitle": f"{capfirst(self.opts.verbose_name)} {obj.key}", **around(desk, self.kind, obj)}
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def findings_view(self, request: HttpRequest, item_id: int) -> HttpResponse:
        """What was found of it, for a form that was shown before: each with its field, tone and words."""
        item = get_object_or_404(self.model.objects.select_related("workspace"), pk=item_id)
        if not self.has_view_permission(request, item):
            raise PermissionDenied
        form_class = self.get_form(request, item)
        form_class.desk.found(timezone.now().timestamp())
        return JsonResponse({"findings": form_class(instance=item).noted})
