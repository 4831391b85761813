"""What somebody typed into forms and did not save. Its person alone is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from rules.models import Autosave, Workspace


@dataclass(frozen=True, slots=True)
class TypedIn:
    """One person's form of one thing. `key` is empty in the form for a new one."""

    workspace: Workspace
    kind: str
    key: str
    person_id: int

    @property
    def named(self) -> dict[str, Any]:
        return {"workspace": self.workspace, "kind": self.kind, "key": self.key, "person_id": self.person_id}


def typed_in(form: TypedIn) -> Autosave | None:
    """What is kept of it; None where nothing is, or it was saved."""
    return Autosave.objects.filter(**form.named).exclude(typed="").first()


def typed_by(person_id: int) -> QuerySet[Autosave]:
    """All that a person left unsaved, newest first."""
    return Autosave.objects.filter(person_id=person_id).exclude(typed="").select_related("workspace").order_by("-saved_at", "-id")
