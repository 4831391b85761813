"""Filters of the lists, each one query at most."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from admin_ui import inhand
from rules.models import AuditEvent, Placement, Workspace
from rules.selectors import RELEASE_STATES, STATES, VERSION_STATES, with_state

INSTALLATION = "-"


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
        return inhand.choices(request)

    def value(self) -> str | None:
        """An empty one is said where one workspace is in hand and all are asked for."""
        return super().value() or None

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        if inhand.in_hand(self.request):
            first["query_string"] = changelist.get_query_string({self.parameter_name: ""})
        return [first, *others]

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


class ChainFilter(WorkspaceFilter):
    """Each workspace's chain, and that of the installation: accounts and groups, which no workspace has. Its name is no key."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [*super().lookups(request, model_admin), (INSTALLATION, "The installation")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(workspace=None) if self.value() == INSTALLATION else super().queryset(request, queryset)


class ActionFilter(admin.SimpleListFilter):
    title = "action"
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        known = AuditEvent.objects.order_by("action").values_list("action", flat=True).distinct()
        return [(action, action.replace(".", " ").replace("_", " ")) for action in known]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(action=self.value()) if self.value() else queryset


class PlacementFilter(admin.SimpleListFilter):
    title = "placement"
    parameter_name = "placement"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """By name; placements of several workspaces with one key are one choice, by that key where they are called otherwise."""
        key = request.GET.get("workspace")
        there = Placement.objects.filter(workspace__key=key) if key else Placement.objects.all()
        names: dict[str, set[str]] = {}
        placements = with_state(there, timezone.now(), request.user.pk).order_by("key").annotate(name=F("shown__name"))
        for key, name in placements.values_list("key", "name"):
            names.setdefault(key, set()).add(name or key)
        return [(key, called.pop() if len(called) == 1 else key) for key, called in names.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(shown__placement=self.value()) if self.value() else queryset


class RevokedFilter(admin.SimpleListFilter):
    title = "use"
    parameter_name = "use"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "In use"), ("revoked", "Revoked")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return {"open": queryset.filter(revoked_at=None), "revoked": queryset.filter(~Q(revoked_at=None))}.get(self.value() or "", queryset)


class TypedFilter(admin.SimpleListFilter):
    """A filter whose value is typed, since there is no list of what there could be. Shows itself by a small form."""

    template = "admin/signpost/typed_filter.html"
    hint = ""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("", "")]

    def choices(self, changelist: Any) -> Any:
        """The form needs what else is asked for, so that it stays."""
        others = [(name, value) for name, values in changelist.filter_params.items() if name != self.parameter_name for value in values]
        if changelist.query:
            others.append(("q", changelist.query))
        yield {"others": others, "value": self.value() or "", "name": self.parameter_name, "hint": self.hint}


def _indexed(queryset: QuerySet[Any], **wanted: Any) -> QuerySet[Any]:
    """The indexes of decisions begin with the workspace: without one chosen, each is looked into."""
    return queryset.filter(workspace__in=list(Workspace.objects.values_list("key", flat=True)), **wanted)


class OfRuleFilter(TypedFilter):
    title, parameter_name, hint = "rule", "rule", "loyal, or loyal v3"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        key, _, version = (self.value() or "").strip().partition(" ")
        if not key:
            return queryset
        number = version.strip().removeprefix("v")
        if number and not (number.isdecimal() and len(number) < 10):
            return queryset.none()
        return _indexed(queryset, rule=key, **({"rule_version": int(number)} if number else {}))


class OfPlacementFilter(TypedFilter):
    title, parameter_name, hint = "placement", "placement", "home-banner"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        asked = (self.value() or "").strip()
        return _indexed(queryset, placement=asked) if asked else queryset


class DecidedInFilter(TypedFilter):
    title, parameter_name, hint = "release", "release", "12"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        asked = (self.value() or "").strip()
        if not asked:
            return queryset
        return _indexed(queryset, release=int(asked)) if asked.isdecimal() and len(asked) < 10 else queryset.none()


class DecidedSinceFilter(TypedFilter):
    """One moment, or two with a slash between; without an offset, UTC."""

    title, parameter_name, hint = "time (UTC)", "time", "2026-11-21T14:00/2026-11-21T15:00"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        asked = (self.value() or "").strip()
        if not asked:
            return queryset
        since, _, until = asked.partition("/")
        try:
            bounds = {name: _moment(text) for name, text in (("at__gte", since), ("at__lt", until)) if text.strip()}
        except (ValueError, OverflowError):
            return queryset.none()
        return queryset.filter(**bounds)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text.strip())
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
