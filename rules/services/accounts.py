"""Tells the audit log of accounts and groups. Django's own pages and commands write these, so it listens to what they save."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Model
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete, pre_save
from django.utils import timezone

from rules.models import Autosave
from rules.services.audit import INSTALLATION, Act, note, take
from rules.services.people import COMMAND_LINE, Person, person

SAID = {"is_active": "active", "is_staff": "allowed into these pages", "is_superuser": "a superuser"}
NAMES = {"username": "user name", "first_name": "first name", "last_name": "last name"}
UNTOLD = {"email": "e-mail address", "password": "password"}
"""Told that they changed, never what they are."""
BEFORE = "_signpost_before"

_acting: ContextVar[Person] = ContextVar("acting", default=COMMAND_LINE)


@contextmanager
def acting(who: Any) -> Iterator[None]:
    """Whoever changes accounts within is this person. Elsewhere it is the command line."""
    token = _acting.set(person(who))
    try:
        yield
    finally:
        _acting.reset(token)


def watch() -> None:
    """Connects the listeners; once, when the applications are ready."""
    user = get_user_model()
    for model in (user, Group):
        # Django sends post_save after a save that commits by itself: the account would be there and the event perhaps not.
        model.save = transaction.atomic(model.save)
        pre_save.connect(_remember, model, dispatch_uid="audit: before")
        post_save.connect(_saved, model, dispatch_uid="audit: saved")
        post_delete.connect(_deleted, model, dispatch_uid="audit: deleted")
    pre_delete.connect(_emptied, Group, dispatch_uid="audit: emptied")
    for through in (user.groups.through, user.user_permissions.through, Group.permissions.through):
        m2m_changed.connect(_related, through, dispatch_uid="audit: related")


def _remember(sender: Any, instance: Model, update_fields: Any = None, **_: Any) -> None:
    """The chain's lock comes first and the row's after it, or two who each change both could wait for each other."""
    if not _untold(instance, update_fields):
        take(INSTALLATION)
        setattr(instance, BEFORE, sender.objects.filter(pk=instance.pk).first())


def _untold(instance: Model, update_fields: Any) -> bool:
    """A login, and the hashing anew of a password that stays what it is when its owner logs in."""
    fields = set(update_fields or ())
    return fields == {"last_login"} or (fields == {"password"} and getattr(instance, "_password", None) is None)


def _saved(sender: Any, instance: Any, created: bool, update_fields: Any = None, **_: Any) -> None:
    if _untold(instance, update_fields):
        return
    told = list(_created(instance) if created else _differences(getattr(instance, BEFORE), instance))
    if told or created:
        _note("created" if created else "changed", instance, *told)


def _created(instance: Any) -> Iterator[str]:
    if isinstance(instance, Group):
        return
    yield from (f"It is {said}." for name, said in SAID.items() if getattr(instance, name))


def _differences(before: Any, instance: Any) -> Iterator[str]:
    if isinstance(instance, Group):
        if before.name != instance.name:
            yield f"Name: “{before.name}” became “{instance.name}”."
        return
    for name, said in NAMES.items():
        if (was := getattr(before, name)) != (now := getattr(instance, name)):
            yield f"{said.capitalize()}: “{was}” became “{now}”."
    for name, said in SAID.items():
        if getattr(before, name) != getattr(instance, name):
            yield f"It is {'now' if getattr(instance, name) else 'no longer'} {said}."
    for name, said in UNTOLD.items():
        if getattr(before, name) != getattr(instance, name):
            yield f"Its {said} was changed."


def _deleted(sender: Any, instance: Any, **_: Any) -> None:
    if not isinstance(instance, Group):
        Autosave.objects.filter(person_id=instance.pk).delete()
    _note("deleted", instance, *([] if isinstance(instance, Group) else ["What it did stays in history under its name."]))


def _emptied(sender: Any, instance: Group, **_: Any) -> None:
    """Whoever was in a group that goes loses what it gave, and Django sends nothing of that."""
    for member in instance.user_set.order_by("pk"):
        _note("changed", member, _given("Took away", instance))


def _related(sender: Any, instance: Any, action: str, reverse: bool, model: Any, pk_set: Any, **_: Any) -> None:
    """The groups of an account, and the permissions of an account or a group; from either end."""
    if action in {"pre_clear", "pre_remove"}:  # afterwards nobody can say what was there
        held = _held(sender, instance, model)
        _tell_related(instance, reverse, held if pk_set is None else held.filter(pk__in=pk_set), "Took away")
    elif action == "post_add" and pk_set:
        _tell_related(instance, reverse, model.objects.filter(pk__in=pk_set), "Gave")


def _held(through: Any, instance: Any, model: Any) -> Any:
    ends = {field.related_model: field.name for field in through._meta.get_fields() if field.is_relation}  # noqa: SLF001  Django documents _meta for use by others
    return model.objects.filter(pk__in=through.objects.filter(**{ends[type(instance)]: instance}).values(ends[model]))


def _tell_related(instance: Any, reverse: bool, related: Any, did: str) -> None:
    """Told of the one whose rights change, whichever end it was written from: one event for each, however much it was given."""
    if reverse:
        for other in related:
            _note("changed", other, _given(did, instance))
    elif given := [_given(did, one) for one in related]:
        _note("changed", instance, *given)


def _given(did: str, what: Any) -> str:
    return f"{did} the group {what.name}." if isinstance(what, Group) else f"{did} the permission “{what.name}”."


def _note(change: str, instance: Any, *words: str) -> None:
    kind = "group" if isinstance(instance, Group) else "account"
    key = instance.name if kind == "group" else instance.get_username()
    who = _acting.get()
    shown = key if kind == "group" else f"{key} ({person(instance).name})"
    first = f"{who.name} {change} the {kind} {shown}."
    act = Act(f"{kind}.{change}", kind, key, (first, *words), data={"id": instance.pk})
    note(None, who, timezone.now(), act)
