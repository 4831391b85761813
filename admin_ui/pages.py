"""What several admin classes share: read-only pages, and small pages that ask before they act."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import BadRequest
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.text import capfirst

from admin_ui.findings import in_words
from rules.engine import DocumentError


class NamedList(admin.ModelAdmin):
    """A list whose heading is the name of what it lists, not "Select … to change"."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not all(ticked.isascii() and ticked.isdigit() for ticked in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            raise BadRequest("Rows are ticked by their numbers.")
        return super().changelist_view(
            request, {"title": capfirst(self.opts.verbose_name_plural), "subtitle": None, **(extra_context or {})}
        )


class ReadOnlyAdmin(NamedList):
    """To be looked at. Nothing is added, changed or deleted here, whoever asks."""

    actions = None
    change_form_template = "admin/signpost/read_only.html"
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, obj: Any = None, **kwargs: Any) -> HttpResponse:
        context |= {"title": str(obj), "subtitle": None}
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)


class ReadOnlyInline(admin.TabularInline):
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def ask(model_admin: admin.ModelAdmin, request: HttpRequest, template: str, form: Form, **context: Any) -> HttpResponse:
    """A page of our own inside the admin, with a form."""
    whole = {**model_admin.admin_site.each_context(request), "opts": model_admin.opts, "form": form, "media": model_admin.media, **context}
    return TemplateResponse(request, f"admin/signpost/{template}", whole)


def changed_shown(changed: str) -> str:
    """What was changed, beneath what it says."""
    return format_html('<span class="changed">Changed: {}</span>', changed) if changed else ""


def tell(request: HttpRequest, refused: DocumentError) -> None:
    """Every problem as a message of its own, said once however often it is found."""
    said = list(dict.fromkeys(in_words(problem) for problem in refused.problems))
    for words in said[:20]:
        messages.error(request, words)
    if len(said) > 20:
        messages.error(request, f"And {len(said) - 20} more.")
