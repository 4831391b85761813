"""The audit log, to be read: who did what, when, to what and why, with each event's place in its chain."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from admin_ui.filters import ActionFilter, ChainFilter
from admin_ui.links import hash_shown, with_key
from admin_ui.moments import exact
from admin_ui.pages import ReadOnlyAdmin
from admin_ui.saying import as_json
from rules import words
from rules.models import PROXIES, ApiKey, AuditEvent, Item, Release, Version

SHOWN = 3
"""Of an event's further sentences, in the list."""


class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ("title", "says", "actor_name", "object_shown", "at")
    list_filter = (ChainFilter, ActionFilter, "actor_name", "at")
    list_select_related = ("workspace",)
    search_fields = ("object_key", "actor_name", "words", "reason", "hash")
    search_help_text = "A word of what was said, a key, a name, or a hash."
    change_list_template = "admin/signpost/item_list.html"
    fieldsets = (
        (None, {"fields": ("said_shown", "reason", "actor_name", "at_shown", "object_shown", "data_shown")}),
        ("Where it stands in its chain", {"fields": ("chain_shown", "number", "action", "actor_id", "hash_shown", "prev_hash_shown")}),
    )
    readonly_fields = tuple(name for _, options in fieldsets for name in options["fields"])
    at_shown = exact("at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With where each event's object has its page."""
        item = {"workspace": OuterRef("workspace"), "kind": OuterRef("object_kind"), "key": OuterRef("object_key")}
        version = {f"item__{name}": value for name, value in item.items()}
        named = Version.objects.filter(**version).order_by("-number")
        release = {"workspace": OuterRef("workspace"), "number": OuterRef("object_version")}
        return (
            super()
            .get_queryset(request)
            .annotate(
                item_pk=Subquery(Item.objects.filter(**item).values("pk")[:1]),
                version_pk=Subquery(Version.objects.filter(number=OuterRef("object_version"), **version).values("pk")[:1]),
                release_pk=Subquery(Release.objects.filter(**release).values("pk")[:1]),
                version_name=Subquery(named.filter(number=OuterRef("object_version")).values("body__name")[:1]),
                name=Subquery(named.exclude(body=None).values("body__name")[:1]),
                key_pk=Subquery(ApiKey.objects.filter(prefix=OuterRef("object_key")).values("pk")[:1]),
            )
        )

    @admin.display(description="what", ordering="number")
    def title(self, event: AuditEvent) -> str:
        small = words.WITHIN.join((event.chain, f"event {event.number}"))
        return format_html('{}<span class="key">{}</span>', event.words[0], small)

    @admin.display(description="and")
    def says(self, event: AuditEvent) -> str:
        return further(event)

    @admin.display(description="object")
    def object_shown(self, event: Any) -> str:
        version = "" if event.object_version is None else f" {event.object_version}"
        key = ""
        if event.object_kind == "release":
            name = f"release{version}"
        else:
            called = event.version_name or event.name or event.object_key
            name = f"{event.object_kind.replace('_', ' ')} {called}" + (f" v{version.strip()}" if version else "")
            key = event.object_key if called != event.object_key else ""
        there = _address(event)
        shown = format_html('<a href="{}">{}</a>', there, name) if there else name
        return with_key(shown, key) if key else shown

    @admin.display(description="what")
    def said_shown(self, event: AuditEvent) -> str:
        return format_html_join(mark_safe("<br>"), "{}", ((sentence,) for sentence in event.words))

    @admin.display(description="chain")
    def chain_shown(self, event: AuditEvent) -> str:
        return event.chain

    @admin.display(description="hash")
    def hash_shown(self, event: AuditEvent) -> str:
        return hash_shown(event.hash)

    @admin.display(description="hash of the event before")
    def prev_hash_shown(self, event: AuditEvent) -> str:
        return hash_shown(event.prev_hash)

    @admin.display(description="what was recorded")
    def data_shown(self, event: AuditEvent) -> str:
        return as_json(event.data)


def further(event: AuditEvent) -> str:
    """Its further sentences, the first few of them."""
    more = event.words[1:]
    left = [f"And {len(more) - SHOWN} more."] if len(more) > SHOWN else []
    return format_html_join(" ", "<span>{}</span>", ((sentence,) for sentence in [*more[:SHOWN], *left]))


def _address(event: Any) -> str | None:
    """The page of what the event is about, where it has one and is still there."""
    kind = event.object_kind
    if kind in PROXIES:
        if event.version_pk:
            return reverse("admin:rules_version_change", args=[event.version_pk])
        return reverse(f"admin:rules_{PROXIES[kind].__name__.lower()}_change", args=[event.item_pk]) if event.item_pk else None
    rows = {
        "release": ("rules_release", event.release_pk),
        "workspace": ("rules_workspace", event.workspace_id),
        "api_key": ("rules_apikey", event.key_pk),
        "account": ("auth_user", event.data.get("id")),
        "group": ("auth_group", event.data.get("id")),
    }
    model, pk = rows.get(kind, ("", None))
    deleted = event.action.endswith(".deleted")
    return reverse(f"admin:{model}_change", args=[pk]) if pk and not deleted else None
