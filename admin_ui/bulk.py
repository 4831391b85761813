"""Acts on what is ticked in a list. Each can be undone from the lists of what it touched."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from admin_ui.pages import tell
from admin_ui.undoing import remember
from rules import services
from rules.engine import DocumentError
from rules.models import Draft, Item

Act = Callable[[str, list[Any]], services.Done]
"""What is done to those of one workspace, by its key."""


def in_each_workspace(request: HttpRequest, chosen: Iterable[Any], key_of: Callable[[Any], str], act: Act) -> None:
    """Does it workspace by workspace, says what came of it, and remembers it for undoing."""
    by_workspace: dict[str, list[Any]] = {}
    for one in chosen:
        by_workspace.setdefault(key_of(one), []).append(one)
    for key, those in by_workspace.items():
        try:
            done = act(key, those)
        except DocumentError as refused:
            tell(request, refused)
            continue
        remember(request, key, done)
        messages.add_message(request, messages.SUCCESS if done.keys else messages.INFO, done.words)


def remove(request: HttpRequest, items: Iterable[Item]) -> None:
    def act(workspace: str, those: list[Item]) -> services.Done:
        chosen = [(item.kind, item.key) for item in those]
        return services.remove_things(workspace, chosen, author=request.user, now=timezone.now())

    in_each_workspace(request, items, lambda item: item.workspace.key, act)


def discard(request: HttpRequest, drafts: Iterable[Draft]) -> None:
    def act(workspace: str, those: list[Draft]) -> services.Done:
        return services.discard_drafts(workspace, those, actor=request.user, now=timezone.now())

    in_each_workspace(request, drafts, lambda draft: draft.item.workspace.key, act)


@admin.action(description="Switch on", permissions=["change"])
def switch_on(model_admin: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet[Any]) -> None:
    _switch(request, queryset, on=True)


@admin.action(description="Switch off", permissions=["change"])
def switch_off(model_admin: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet[Any]) -> None:
    _switch(request, queryset, on=False)


def _switch(request: HttpRequest, rules: QuerySet[Any], *, on: bool) -> None:
    def act(workspace: str, those: list[Item]) -> services.Done:
        return services.switch_rules(workspace, [rule.key for rule in those], on=on, author=request.user, now=timezone.now())

    in_each_workspace(request, rules, lambda rule: rule.workspace.key, act)
