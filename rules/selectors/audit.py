"""Reads the audit log."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from rules.models import AuditEvent


def audit_events(
    workspace_key: str, *, after: int = 0, since: datetime | None = None, action: str = "", kind: str = "", key: str = ""
) -> QuerySet[AuditEvent]:
    """A workspace's events after a number and from a time on, the oldest first. `action` is one, or the first word of several."""
    events = AuditEvent.objects.filter(workspace__key=workspace_key, number__gt=after).order_by("number")
    if since is not None:
        events = events.filter(at__gte=since)
    if action:
        events = events.filter(Q(action=action) | Q(action__startswith=f"{action}."))
    if kind:
        events = events.filter(object_kind=kind)
    return events.filter(object_key=key) if key else events


def rights_changes(since: datetime) -> QuerySet[AuditEvent]:
    """What was told of accounts and groups from a moment on, the newest first."""
    told = AuditEvent.objects.filter(workspace=None, object_kind__in=("account", "group"), at__gte=since)
    return told.exclude(action="act.refused").order_by("-number")
