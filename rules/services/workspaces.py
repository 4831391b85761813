"""Writes workspaces, and gives writers a workspace for themselves."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from rules.engine import DocumentError, Problem
from rules.models import Workspace
from rules.services.audit import take


def create_workspace(key: str, *, name: str = "", timezone: str = "UTC", four_eyes: bool = False) -> Workspace:
    return _saved(Workspace(key=key, name=name, timezone=timezone, four_eyes=four_eyes))


def change_workspace(key: str, *, name: str, timezone: str, four_eyes: bool) -> Workspace:
    """Takes effect with the next release, as everything in a bundle does."""
    workspace = find(key)
    workspace.name, workspace.timezone, workspace.four_eyes = name, timezone, four_eyes
    return _saved(workspace)


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
