"""Filters of the lists, each one query at most."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from rules.models import Placement, Workspace
from rules.selectors import RELEASE_STATES, STATES, VERSION_STATES


class StateFilter(admin.SimpleListFilter):
    """Removed things stay out of sight until asked for."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [*STATES.items(), ("all", "All, removed ones too")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "all":
            return queryset
        return queryset.filter(state=self.value()) if self.value() in STATES else queryset.exclude(state="removed")

    def choices(self, changelist: Any) -> Any:
        choices = super().choices(changelist)
        yield {**next(choices), "display": "Present"}
        yield from choices


class VersionStateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"
    states = VERSION_STATES

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(self.states.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(state=self.value()) if self.value() in self.states else queryset


class ReleaseStateFilter(VersionStateFilter):
    states = RELEASE_STATES


class WorkspaceFilter(admin.SimpleListFilter):
    """By key in the address, so that a link to a list can be read and kept."""

    title = "workspace"
    parameter_name = "workspace"
    path = "workspace"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(workspace.key, str(workspace)) for workspace in Workspace.objects.all()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{f"{self.path}__key": self.value()}) if self.value() else queryset


class ItemWorkspaceFilter(WorkspaceFilter):
    path = "item__workspace"


class VersionWorkspaceFilter(WorkspaceFilter):
    path = "version__item__workspace"


class NamedWorkspaceFilter(WorkspaceFilter):
    """For rows that keep the workspace's key and no reference."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(workspace=self.value()) if self.value() else queryset


class PlacementFilter(admin.SimpleListFilter):
    title = "placement"
    parameter_name = "placement"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(key, key) for key in Placement.objects.order_by("key").values_list("key", flat=True).distinct()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(shown__placement=self.value()) if self.value() else queryset


class RevokedFilter(admin.SimpleListFilter):
    title = "use"
    parameter_name = "use"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "In use"), ("revoked", "Revoked")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return {"open": queryset.filter(revoked_at=None), "revoked": queryset.filter(~Q(revoked_at=None))}.get(self.value() or "", queryset)
