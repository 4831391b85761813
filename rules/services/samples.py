"""Writes sample users, and notes in the audit log that it did."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from rules.engine import DocumentError, Problem
from rules.models import SampleUser
from rules.services import acts
from rules.services.audit import note
from rules.services.people import COMMAND_LINE, person
from rules.services.workspaces import find

MOST = 1_000
"""Sample users of a workspace: their expectations are all tried before publishing."""


@transaction.atomic
def save_sample_user(
    workspace_key: str,
    *,
    key: str,
    facts: Mapping[str, Any],
    now: datetime,
    name: str = "",
    expects: Mapping[str, str] | None = None,
    actor: Any = COMMAND_LINE,
) -> SampleUser:
    """Makes the sample user of this key say exactly this. Raises DocumentError."""
    workspace = find(workspace_key)
    known = SampleUser.objects.select_for_update().filter(workspace=workspace, key=key).first()
    sample = known or SampleUser(workspace=workspace, key=key)
    sample.name, sample.facts, sample.expects = name, dict(facts), dict(expects or {})
    sample.updated_at, sample.updated_by = now, person(actor).name
    try:
        sample.full_clean(validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        raise DocumentError(
            Problem("bad_sample_user", f"$.{field}", message, "Correct this field.")
            for field, messages in error.message_dict.items()
            for message in messages
        ) from error
    if known is None and SampleUser.objects.filter(workspace=workspace).count() >= MOST:
        raise DocumentError([Problem("too_many", "$", f"this workspace has {MOST} sample users", "Delete some of them first.")])
    sample.save()
    note(workspace, actor, now, acts.sample_user_saved(sample, person(actor), new=known is None))
    return sample


@transaction.atomic
def delete_sample_user(pk: int, *, now: datetime, actor: Any = COMMAND_LINE) -> None:
    """Deleting one that is gone does nothing."""
    sample = SampleUser.objects.select_related("workspace").filter(pk=pk).first()
    if sample is not None:
        sample.delete()
        note(sample.workspace, actor, now, acts.sample_user_deleted(sample, person(actor)))
