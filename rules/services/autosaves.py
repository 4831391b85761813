"""Keeps what people type into forms until they save it. No audit event and no version: it is only kept from getting lost."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from rules.engine import DocumentError, Problem
from rules.models import Autosave
from rules.models.autosaves import MOST_CHARACTERS
from rules.selectors import TypedIn

MOST = 50
"""Forms that one person may have left unsaved; with one more the oldest is forgotten."""
KEPT = timedelta(days=14)
FINISHED = timedelta(hours=1)
"""How long it is remembered that a sitting was saved, for what its page sent before that and comes after."""


@transaction.atomic
def keep_typed(form: TypedIn, *, sitting: str, over: str = "", token: str, typed: str, now: datetime) -> Autosave:
    """Keeps `typed` as what this sitting typed into the form. `over`: the sitting that it goes on from, as its person decided.

    Raises DocumentError: `typed_too_long`; `typed_elsewhere` where another sitting's typing is kept, which is never written over;
    `typed_finished` where this sitting was saved already.
    """
    if len(typed) > MOST_CHARACTERS:
        raise _refused("typed_too_long", "This is too long to be kept by itself.", "Save the draft yourself.")
    fresh = {"sitting": sitting, "token": token, "typed": typed, "saved_at": now}
    row, made = Autosave.objects.select_for_update().get_or_create(**form.named, defaults=fresh)
    if made:
        _forget_the_oldest(form.person_id)
        return row
    if not row.typed and row.sitting in (sitting, over):
        raise _refused("typed_finished", "This form was saved already.", "Open it again to go on.")
    if row.typed and row.sitting not in (sitting, over):
        raise _refused(
            "typed_elsewhere",
            "What you typed in another window is kept, so what you type here is not.",
            "Save this one yourself, or open it again and choose.",
        )
    for name, value in fresh.items():
        setattr(row, name, value)
    row.save()
    return row


def forget_typed(form: TypedIn, *, sitting: str) -> None:
    """Its person does not want it, or typed back what was there. What another sitting typed since stays."""
    Autosave.objects.filter(**form.named, sitting=sitting).delete()


def finish_typed(form: TypedIn, *, sitting: str, over: str = "", now: datetime) -> None:
    """It was saved as a draft. What the page still sends after that is refused, and not offered as if it had been left."""
    with transaction.atomic():
        row, _ = Autosave.objects.select_for_update().get_or_create(
            **form.named, defaults={"sitting": sitting, "token": "", "typed": "", "saved_at": now}
        )
        if row.sitting in (sitting, over):
            row.sitting, row.typed, row.saved_at = sitting, "", now
            row.save()


def expire_typed(now: datetime) -> int:
    """Forgets what is too old; says how many."""
    old, _ = Autosave.objects.filter(saved_at__lt=now - KEPT).delete()
    finished, _ = Autosave.objects.filter(typed="", saved_at__lt=now - FINISHED).delete()
    return old + finished


def _forget_the_oldest(person_id: int) -> None:
    beyond = Autosave.objects.filter(person_id=person_id).exclude(typed="").order_by("-saved_at", "-id").values_list("pk", flat=True)[MOST:]
    Autosave.objects.filter(pk__in=list(beyond)).delete()


def _refused(code: str, words: str, fix: str) -> DocumentError:
    return DocumentError([Problem(code, "$", words, fix)])
