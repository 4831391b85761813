"""Writes workspaces, and gives writers a workspace for themselves."""

from __future__ import annotations

from copy import copy
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone as clock

from rules.engine import DocumentError, Problem
from rules.models import Workspace
from rules.services import acts
from rules.services.audit import note, take
from rules.services.people import COMMAND_LINE, person


@transaction.atomic
def create_workspace(
    key: str, *, name: str = "", timezone: str = "UTC", four_eyes: bool = False, actor: Any = COMMAND_LINE, now: datetime | None = None
) -> Workspace:
    workspace = _saved(Workspace(key=key, name=name, timezone=timezone, four_eyes=four_eyes))
    note(workspace, actor, now or clock.now(), acts.workspace_created(workspace, person(actor)))
    return workspace


@transaction.atomic
def change_workspace(
    key: str, *, name: str, timezone: str, four_eyes: bool, actor: Any = COMMAND_LINE, now: datetime | None = None
) -> Workspace:
    """Takes effect with the next release, as everything in a bundle does."""
    workspace = hold(key)
    before = copy(workspace)
    workspace.name, workspace.timezone, workspace.four_eyes = name, timezone, four_eyes
    _saved(workspace)
    if act := acts.workspace_changed(before, workspace, person(actor)):
        note(workspace, actor, now or clock.now(), act)
    return workspace


def find(key: str) -> Workspace:
    try:
        return Workspace.objects.get(key=key)
    except Workspace.DoesNotExist as error:
        raise DocumentError([Problem("unknown_workspace", "$.workspace", f"There is no workspace {key}.", "Create it first.")]) from error


def hold(key: str) -> Workspace:
    """The workspace, to this transaction alone until it ends: numbers stay gap-free and no one publishes what is half written."""
    workspace = find(key)
    take(workspace.pk)
    workspace.refresh_from_db()  # whoever held it before may have changed it
    return workspace


def _saved(workspace: Workspace) -> Workspace:
    try:
        workspace.full_clean()
    except ValidationError as error:
        raise DocumentError(
            Problem("bad_workspace", f"$.workspace.{field}", message, "Correct this field.")
            for field, messages in error.message_dict.items()
            for message in messages
        ) from error
    workspace.save()
    return workspace
