"""Tells the audit log of acts that somebody signed in was refused: kept while the act fails, written once its transaction is gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from rules.engine import Problem
from rules.models import AuditEvent, Workspace
from rules.services.audit import INSTALLATION, Act, note, take
from rules.services.people import Person, person

ACTION = "act.refused"
WINDOW = timedelta(minutes=10)
"""The same refusal of the same person is told once in this time."""
MOST = 20
"""So many different refusals of one person are told in that time: whoever tries every address does not fill the chain."""
LISTED = 20
"""So many reasons stand in the words of one event."""
NOT_THEIRS = {"own_version", "own_contribution", "own_release", "unapproved"}
"""Codes of problems that say somebody else has to act first. All others are mistakes, and nobody's business."""

Refusal = tuple[Workspace | None, Person, Act]

_kept: ContextVar[list[Refusal] | None] = ContextVar("refused", default=None)


@contextmanager
def telling_refusals() -> Iterator[None]:
    """What is refused within is told at the end, so it has to be around every transaction of the act. Elsewhere refusals are not told."""
    kept: list[Refusal] = []
    token = _kept.set(kept)
    try:
        yield
    finally:
        _kept.reset(token)
        for refusal in kept:
            tell_refusal(*refusal, now=timezone.now())


def keep_refusal(workspace: Workspace | None, who: Any, act: Act) -> None:
    """Remembers it until `telling_refusals` ends. `act` is one of `refused_act`."""
    kept = _kept.get()
    if kept is not None:
        kept.append((workspace, person(who), act))


def keep_problems(workspace: Workspace, who: Any, doing: str, act: Act, problems: Iterable[Problem]) -> None:
    """`keep_refusal` where some of the problems say that the act was not theirs to do. `act` names what it is about, `doing` the rest."""
    if found := [problem for problem in problems if problem.code in NOT_THEIRS]:
        why = list(dict.fromkeys(problem.message for problem in found))
        left = [f"And {len(why) - LISTED} more."] if len(why) > LISTED else []
        keep_refusal(workspace, who, refused_act(person(who), doing, act, found[0].code, *why[:LISTED], *left))


def refused_act(who: Person, doing: str, about: Act, code: str, *why: str) -> Act:
    """The event: `about` says on what, `doing` what, as in "approve rule gold v2"."""
    words = (f"{who.name} was not allowed to {doing}.", *why)
    return Act(ACTION, about.kind, about.key[:200], words, about.version, data={**about.data, "doing": doing, "code": code})


def tell_refusal(workspace: Workspace | None, who: Person, act: Act, *, now: datetime) -> None:
    """Writes it in a transaction of its own, unless it was told a moment ago. A flood costs a look, without the chain's lock."""
    if _left(who, act, now) < 1:
        return
    with transaction.atomic():
        take(workspace.pk if workspace else INSTALLATION)
        left = _left(who, act, now)
        if left == 1:
            minutes = WINDOW // timedelta(minutes=1)
            last = f"Further refusals of {who.name} are not told until {minutes} minutes have passed."
            act = replace(act, words=(*act.words, last))
        if left > 0:
            note(workspace, who, now, act)


def _left(who: Person, act: Act, now: datetime) -> int:
    """How many more may be told now; 0 where this one was. Of one person, or of one key: keys share an actor."""
    recent = AuditEvent.objects.filter(action=ACTION, at__gt=now - WINDOW, actor_id=who.id)
    if who.id < 1:
        recent = recent.filter(object_key=act.key)
    told = list(recent.values_list("object_kind", "object_key", "object_version", "data"))
    return 0 if (act.kind, act.key, act.version, dict(act.data)) in told else MOST - len(told)
