"""Pages of authored things: lists with their state, and forms that save drafts. One class for every kind."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import flatten
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.text import capfirst

from admin_ui import bulk, saying
from admin_ui.conflicts import rebase, sides
from admin_ui.editing.shown import continued, editing, finished
from admin_ui.filing.lists import FiledList, FolderFilter, folder_line
from admin_ui.filing.moving import move
from admin_ui.filters import StateFilter, WorkspaceFilter
from admin_ui.findings import said
from admin_ui.forms import in_words, item_form, shown_body
from admin_ui.pages import NamedList, tell
from admin_ui.sure import ask_sure, broken_by_removing, sure
from admin_ui.trying.links import links
from rules import selectors, services, words
from rules.bodies import Body
from rules.engine import DocumentError
from rules.models import PROXIES, Draft, Item, Workspace
from rules.selectors import MEANINGS, STATES, VERSION_STATES, Desk, Entry, Finding

GROUPS = {
    "rule": (
        ("Where", ("placement", "parent", "branch", "position")),
        ("When", ("when",)),
        ("Then", ("then",)),
        ("Only at certain times", ("schedule",)),
        ("Only for some users", ("rollout",)),
        ("Not too often", ("cap",)),
        ("Among several matches", ("group", "priority")),
    ),
    "tag": (
        ("Given by an event", ("assign.event", "assign.where")),
        ("Given only when it comes often", ("assign.count",)),
        ("Given only when it adds up", ("assign.sum",)),
        ("Given only when it stays away", ("assign.inactive",)),
        ("Given by several events", ("assign.steps", "assign.all", "assign.within")),
        ("Given only to some users", ("assign.when",)),
        ("Kept and taken away", ("ttl", "group", "remove")),
    ),
}
"""Titles for the fields of long forms, by how their paths begin; what is named by none comes first, with the key."""
BESIDE = {"rule": (("key", "name", "description", "enabled"), ("placement", "parent", "branch", "position"))}
"""Fields that stand in one row of a form, where the page is wide enough."""
FOLDED = {"schedule", "rollout", "cap", "group", "assign.count", "assign.sum", "assign.inactive", "assign.steps", "assign.when"}
"""Groups that most things leave empty: folded away by their first field, until something is in them."""


def item_address(item: Item) -> str:
    return reverse(f"admin:rules_{PROXIES[item.kind].__name__.lower()}_change", args=[item.pk])


def item_link(item: Item) -> str:
    return format_html('<a href="{}">{} {}</a>', item_address(item), item.kind, item.key)


def _broken(items: list[Item], request: HttpRequest) -> list[dict[str, str]]:
    """What removing them breaks, by name, with its page where it has one."""
    return [_named(desk, finding) for desk, finding in broken_by_removing(items, request.user.pk)]


def _named(desk: Desk, finding: Finding) -> dict[str, str]:
    thing = desk.things.get(finding.identity) if finding.identity else None
    if finding.identity is None or thing is None:
        return {"name": in_words(finding.problem), "address": ""}
    kind, _ = finding.identity
    return {"name": f"{kind} {name_of(thing.item, desk.bodies.get(finding.identity))}", "address": item_address(thing.item)}


def name_of(item: Item, body: Body | None) -> str:
    """Its name in this body, or its key in words."""
    return (body or {}).get("name") or capfirst(words.humanised(item.key))


def _with_changes(kind: str, history: list[Entry]) -> list[tuple[Entry, str]]:
    """Each version with what it changed in the one before; newest first."""
    before = [entry.version.body for entry in history[1:]]
    return [(entry, words.changes(kind, body, entry.version.body)) for entry, body in zip_longest(history, before)]


class ItemAdmin(NamedList):
    list_display = ("title", "says", "workspace_key", "state_shown", "live_shown", "changed_shown")
    list_filter = (StateFilter, WorkspaceFilter, FolderFilter)
    list_select_related = ("workspace",)
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    search_fields = ("key",)
    search_help_text = "Key, name or description"
    ordering = ("workspace__key", "key")
    actions = ("move_to_folder", "remove_selected")
    change_list_template = "admin/signpost/filing/list.html"
    change_form_template = "admin/signpost/item.html"
    delete_confirmation_template = "admin/signpost/remove.html"
    readonly_fields = ("key",)

    def __init__(self, model: type[Item], admin_site: admin.AdminSite) -> None:
        super().__init__(model, admin_site)
        self.kind = model.KIND
        self.form = item_form(self.kind)

    # Lists

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Without Django's own deleting: history keeps every item. `remove_selected` drafts its removal."""
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        # Not by super(): it would sort by what is only there once `with_state` has added it.
        return selectors.with_state(self.model.objects.all(), timezone.now(), request.user.pk).order_by(*self.ordering)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[QuerySet[Any], bool]:
        for term in search_term.split():
            queryset = queryset.filter(Q(key__icontains=term) | Q(shown__name__icontains=term) | Q(shown__description__icontains=term))
        return queryset, False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        key = request.GET.get("workspace")  # keys that lead on from a list of one workspace stay in it
        workspace = Workspace.objects.filter(key=key).first() if key else None
        return super().changelist_view(request, {"workspace": workspace, **(extra_context or {})})

    @admin.display(description="key and name", ordering="key")
    def title(self, item: Any) -> str:
        return format_html('{}<span class="key">{}</span>{}', name_of(item, item.shown), self.placed(item), folder_line(item))

    def placed(self, item: Any) -> str:
        """The small line beneath the name."""
        return item.key

    def get_list_display(self, request: HttpRequest) -> Any:
        """Without the workspace's column where the list is of one workspace."""
        return [name for name in self.list_display if name != "workspace_key" or "workspace" not in request.GET]

    @admin.display(description="workspace", ordering="workspace__key")
    def workspace_key(self, item: Any) -> str:
        return item.workspace.key

    @admin.display(description="says")
    def says(self, item: Any) -> str:
        return words.summary(self.kind, item.shown)

    @admin.display(description="state", ordering="state")
    def state_shown(self, item: Any) -> str:
        by = f" by {item.draft_author}" if item.has_draft else ""
        off = mark_safe(' <span class="state state-off">Off</span>') if (item.shown or {}).get("enabled") is False else ""
        here = format_html(' <span class="here">{}</span>', item.editors) if item.editors else ""
        return format_html('<span class="state state-{}">{}</span>{}{}{}', item.state, STATES[item.state], by, off, here)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        return FiledList

    @admin.display(description="live", ordering="live_number")
    def live_shown(self, item: Any) -> str:
        return f"v{item.live_number}" if item.live_number else words.NOTHING

    @admin.display(description="last change", ordering="changed_at")
    def changed_shown(self, item: Any) -> Any:
        return item.changed_at

    @admin.action(description="Remove the chosen ones with the next release", permissions=["delete"])
    def remove_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        items = list(queryset.select_related("workspace"))
        if not sure(request):
            return ask_sure(
                self,
                request,
                [name_of(item, item.shown) for item in items],
                act="Draft the removal",
                title=f"Remove {len(items)} {self.opts.verbose_name if len(items) == 1 else self.opts.verbose_name_plural}?",
                consequence="This makes drafts of their removal. Nothing changes for users until it is published, versions are kept, "
                "and you can undo it.",
                breaks=_broken(items, request),
                back=request.get_full_path(),
            )
        bulk.remove(request, items)
        return None

    @admin.action(description="Move to a folder…", permissions=["change"])
    def move_to_folder(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
        items = list(queryset.select_related("workspace"))
        return move(self.admin_site, request, items, [name_of(item, item.shown) for item in items], request.get_full_path())

    # Forms

    def get_urls(self) -> list[Any]:
        name, wrapped = f"rules_{self.opts.model_name}", self.admin_site.admin_view
        own = [
            path("<int:item_id>/findings/", wrapped(self.findings_view), name=f"{name}_findings"),
            path("<int:item_id>/discard/", wrapped(self.discard_view), name=f"{name}_discard"),
            path("<int:item_id>/rebase/", wrapped(self.rebase_view), name=f"{name}_rebase"),
        ]
        return [*own, *super().get_urls()]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else self.readonly_fields

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        if obj is not None and not self.has_change_permission(request, obj):
            return [(None, {"fields": ["key", "body_shown"]})]
        groups = GROUPS.get(self.kind, ())
        titled = [(title, firsts, [leaf.name for leaf in self.form.leaves if leaf.within(firsts)]) for title, firsts in groups]
        grouped = {name for _, _, names in titled for name in names}
        rest = [leaf.name for leaf in self.form.leaves if leaf.name not in grouped]
        return [
            (None, {"fields": self._rows(["token", "key", *rest])}),
            *(
                (title, {"fields": self._rows(names), "classes": ["collapse"] if firsts[0] in FOLDED else []})
                for title, firsts, names in titled
            ),
        ]

    def _rows(self, names: list[str]) -> list[str | tuple[str, ...]]:
        """The fields with those that stand beside each other together, where the first of them was."""
        row_of = {name: row for row in BESIDE.get(self.kind, ()) for name in row}
        return [row_of.get(name, name) for name in names if name not in row_of or name == row_of[name][0]]

    @admin.display(description="what it says")
    def body_shown(self, item: Any) -> str:
        return saying.said(self.kind, item.shown)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        workspace = obj.workspace if obj else self._workspace(request)
        desk = (Desk if request.method == "POST" else selectors.kept_desk)(workspace, request.user.pk)
        typed = continued(request, desk, self.kind, obj)
        return type(self.form.__name__, (self.form,), {"desk": desk, "typed": typed, "Meta": self.form.Meta})

    def changeform_view(self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None) -> Any:
        if object_id is None and self._workspace(request) is None:
            return self._choose_workspace(request)
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
            thing = desk.things[self.kind, obj.key]
            body = shown_body(desk, self.kind, obj.key)
            mine = thing.draft_of(request.user.pk)
            history = selectors.history(obj, timezone.now())
            context |= {
                "title": name_of(obj, body),
                "subtitle": f"{capfirst(self.opts.verbose_name)} {obj.key}",
                "item": obj,
                "folder": selectors.paths_of([obj]).get(obj.pk),
                "mine": mine,
                "removes": mine is not None and mine.body is None,
                "others": [draft for draft in thing.drafts if draft.author_id != request.user.pk],
                "thing": thing,
                "state": STATES[obj.state],
                "meanings": MEANINGS,
                "version_states": VERSION_STATES,
                "conflicts": sides(self.kind, thing, request.user.pk),
                "waits": history[0].version if history and thing.pending else None,
                "sentence": words.summary(self.kind, body, desk.names),
                "trying": links(desk, self.kind, obj.key, body),
                "history": _with_changes(self.kind, history),
            }
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        draft = services.save_draft(
            obj.workspace.key,
            kind=self.kind,
            key=obj.key,
            body=form.body,
            author=request.user,
            now=timezone.now(),
            expected=form.expected,
            behind=form.behind,
        )
        finished(request, obj.workspace, self.kind, obj.key if change else "")
        obj.behind = form.behind
        if form.behind:
            kept = "Your draft is kept as you wrote it, on the version you began from. " if draft else "You had changed nothing. "
            self.message_user(request, f"{kept}Meanwhile there is a newer one: look at both below.", messages.WARNING)
        elif draft is not None:
            obj.pk = draft.item_id
            saved = f"Your draft of {self.opts.verbose_name} {obj.key} is saved."
            if form.unfinished:
                problems = " ".join(dict.fromkeys(said(found, form.desk) for found in form.unfinished))
                self.message_user(request, f"{saved} It can't go live as it is: {problems}", messages.WARNING)
            else:
                self.message_user(request, f"{saved} It goes live when it is published.", messages.SUCCESS)
            for found in form.worth_a_look[:5]:
                self.message_user(request, f"Worth a look: {in_words(found.problem)}", messages.INFO)
        else:
            self.message_user(request, "This is what it says already, so there is no draft.", messages.INFO)
        self._warn(request, form, obj)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        return self.response_change(request, obj)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        if "_addanother" in request.POST:
            return HttpResponseRedirect(f"{reverse(f'admin:rules_{self.opts.model_name}_add')}?workspace={obj.workspace.key}")
        if "_continue" in request.POST or getattr(obj, "behind", False):
            return HttpResponseRedirect(item_address(obj))
        listed = f"{reverse(f'admin:rules_{self.opts.model_name}_changelist')}?workspace={obj.workspace.key}"
        filters = {"preserved_filters": self.get_preserved_filters(request), "opts": self.opts}
        return HttpResponseRedirect(add_preserved_filters(filters, listed))

    # Removing and discarding

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Nothing is deleted, so nothing can stand in the way."""
        return [str(obj) for obj in objs], {str(self.opts.verbose_name_plural): len(objs)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        request.removed_from = obj.workspace
        bulk.remove(request, [obj])

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        return self._to_list(request.removed_from)

    def _to_list(self, workspace: Workspace) -> HttpResponse:
        """Of the workspace in which something went, for that is where it can be undone."""
        return HttpResponseRedirect(f"{reverse(f'admin:rules_{self.opts.model_name}_changelist')}?workspace={workspace.key}")

    def findings_view(self, request: HttpRequest, item_id: int) -> HttpResponse:
        """What was found of it, for a form that was shown before: each with its field, tone and words."""
        item = get_object_or_404(self.model.objects.select_related("workspace"), pk=item_id)
        if not self.has_view_permission(request, item):
            raise PermissionDenied
        form_class = self.get_form(request, item)
        form_class.desk.found(timezone.now().timestamp())
        return JsonResponse({"findings": form_class(instance=item).noted})

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        item = self.get_object(request, object_id)
        asked = item is not None and request.method == "GET" and self.has_delete_permission(request, item)
        breaks = _broken([item], request) if asked else []
        return super().delete_view(request, object_id, {"breaks": breaks, **(extra_context or {})})

    def discard_view(self, request: HttpRequest, item_id: int) -> HttpResponse:
        if request.method != "POST" or not self.has_change_permission(request):
            raise PermissionDenied
        draft = get_object_or_404(Draft, item=get_object_or_404(self.model, pk=item_id), author_id=request.user.pk)
        if draft.body is not None and not sure(request):
            new = "" if draft.based_on else " It was never submitted, so nothing else is left of it."
            return ask_sure(
                self,
                request,
                [f"{draft.item.kind} {name_of(draft.item, draft.body)}"],
                act="Discard my draft",
                title="Discard your draft?",
                consequence=f"What you changed in it goes. Users see no difference. You can undo it until your next such step.{new}",
                back=item_address(draft.item),
            )
        bulk.discard(request, [draft])
        finished(request, draft.item.workspace, self.kind, draft.item.key)
        return self._to_list(draft.item.workspace)

    def rebase_view(self, request: HttpRequest, item_id: int) -> HttpResponse:
        return rebase(self, request, item_id, reverse(f"admin:rules_{self.opts.model_name}_change", args=[item_id]))

    # Odds and ends

    def _warn(self, request: HttpRequest, form: Any, obj: Any) -> None:
        for found in form.elsewhere[:5]:
            whose = " ".join(found.identity) if found.identity else "the workspace"
            self.message_user(request, f"Before publishing, see to {whose}: {in_words(found.problem)}", messages.WARNING)

    def _workspace(self, request: HttpRequest) -> Workspace | None:
        """For something new: the one asked for, the one the list was filtered by, or the only one."""
        known = {workspace.key: workspace for workspace in Workspace.objects.all()}
        if len(known) == 1:
            return next(iter(known.values()))
        filtered = dict(pair.split("=", 1) for pair in request.GET.get("_changelist_filters", "").split("&") if "=" in pair)
        return known.get(request.GET.get("workspace", filtered.get("workspace", "")))

    def _choose_workspace(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        newest = selectors.drafts_of(request.user.pk).first()
        last = newest.item.workspace_id if newest else None
        context = {
            **self.admin_site.each_context(request),
            "title": f"Add {self.opts.verbose_name}",
            "opts": self.opts,
            "last": last,
            "workspaces": sorted(Workspace.objects.all(), key=lambda workspace: workspace.pk != last),
        }
        return TemplateResponse(request, "admin/signpost/choose_workspace.html", context)
