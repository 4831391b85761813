"""Writes API keys: issues them, showing the text once, and revokes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from rules import apikeys
from rules.apikeys import KeyKind
from rules.engine import DocumentError, Problem
from rules.models import ApiKey
from rules.origins import normalised
from rules.services import acts
from rules.services.audit import note
from rules.services.people import COMMAND_LINE, person
from rules.services.workspaces import find
from rules.signals import keys_changed


@transaction.atomic
def issue_key(
    workspace_key: str,
    *,
    kind: KeyKind,
    label: str,
    now: datetime,
    scopes: Sequence[str] = (),
    origins: Sequence[str] = (),
    expires_at: datetime | None = None,
    actor: Any = COMMAND_LINE,
) -> str:
    """A new key's text. It is nowhere else: only its digest is kept."""
    workspace = find(workspace_key)
    problems = [
        Problem("unknown_scope", "$.scopes", f"A {kind} key has no scope {scope}.", f"Choose of {', '.join(apikeys.SCOPES[kind])}.")
        for scope in scopes
        if scope not in apikeys.SCOPES[kind]
    ]
    listed: dict[str, None] = {}
    for origin in origins:
        try:
            listed[normalised(origin)] = None
        except ValueError as error:
            problems.append(Problem("bad_origin", "$.origins", str(error), "Write https://shop.example, http://localhost:* or *."))
    if expires_at is not None and expires_at <= now:
        problems.append(Problem("in_the_past", "$.expires_at", "This key would have expired already.", "Choose a later time."))
    if problems:
        raise DocumentError(problems)
    text = apikeys.new_key(kind)
    key = ApiKey.objects.create(
        workspace=workspace,
        kind=kind,
        label=label,
        prefix=apikeys.prefix(text),
        digest=apikeys.digest(text),
        scopes=list(scopes),
        origins=list(listed),
        created_at=now,
        expires_at=expires_at,
    )
    note(workspace, actor, now, acts.key_issued(key, person(actor)))
    _announce(workspace.key)
    return text


@transaction.atomic
def revoke_key(key_id: int, *, now: datetime, actor: Any = COMMAND_LINE) -> None:
    """Ends a key. Revoking one twice keeps the first time."""
    key = ApiKey.objects.select_related("workspace").get(pk=key_id)
    if ApiKey.objects.filter(pk=key_id, revoked_at=None).update(revoked_at=now):
        note(key.workspace, actor, now, acts.key_revoked(key, person(actor)))
        _announce(key.workspace.key)


def _announce(workspace: str) -> None:
    transaction.on_commit(partial(keys_changed.send_robust, ApiKey, workspace=workspace))
