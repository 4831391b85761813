"""What several admin classes share: read-only pages, and small pages that ask before they act."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import BadRequest
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.text import capfirst

from admin_ui import inhand
from admin_ui.filters import WorkspaceFilter
from admin_ui.findings import in_words
from admin_ui.links import with_key
from rules.engine import DocumentError


class NamedList(admin.ModelAdmin):
    """A list whose heading is the name of what it lists, not "Select … to change". A bare address is that of the workspace in hand."""

    @property
    def of_workspaces(self) -> bool:
        """Whether the list can be of one workspace."""
        return any(isinstance(one, type) and issubclass(one, WorkspaceFilter) for one in self.list_filter)

    def get_list_display(self, request: HttpRequest) -> Any:
        """Names for workspaces, and no column of them where the list is of one."""
        shown = super().get_list_display(request)
        of_one = bool(request.GET.get("workspace"))
        return [_workspace_column(request, self) if name == "workspace" else name for name in shown if name != "workspace" or not of_one]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not all(ticked.isascii() and ticked.isdigit() for ticked in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            raise BadRequest("Rows are ticked by their numbers.")
        chosen = inhand.in_hand(request) if request.method == "GET" and not request.GET and self.of_workspaces else None
        if chosen:
            return HttpResponseRedirect(f"{request.path}{inhand.question(chosen)}")
        return super().changelist_view(
            request, {"title": capfirst(self.opts.verbose_name_plural), "subtitle": None, **(extra_context or {})}
        )


def _workspace_column(request: HttpRequest, model_admin: admin.ModelAdmin) -> Any:
    """The workspace's name, with its key small beneath. What has it at a thing of its own says its key by a method of that name."""
    own = getattr(model_admin, "workspace", None)

    @admin.display(description="workspace", ordering=getattr(own, "admin_order_field", "workspace"))
    def workspace(row: Any) -> str:
        found = own(row) if own else row.workspace
        return with_key(inhand.plain_name(request, found), getattr(found, "key", found))

    return workspace


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
        context |= {"title": self.called(obj), "crumb": self.called(obj), "subtitle": None}
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def called(self, obj: Any) -> str:
        """Its page's heading."""
        return capfirst(str(obj))


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
