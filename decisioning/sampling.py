"""What a score or a name comes to for sampled users, and what decisions of the last days read: numbers for pictures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from decisioning.models import DecisionRecord
from decisioning.tagging import Facts, UserState, compile_definitions, facts
from rules.engine.workspace import Score, Signal, Workspace

LOOKED = 3_000
"""Decisions that are looked through, the newest ones: the time it takes does not grow with the table."""
DAYS = 7


@dataclass(frozen=True, slots=True)
class Read:
    """A number that a decision looked at, and when."""

    at: datetime
    value: float


def values(document: Workspace, score: Score, states: Sequence[UserState], *, now: float) -> list[float]:
    """What the score comes to for each of these users. Who has not agreed to what it needs is left out."""
    slim = Workspace(
        workspace=document.workspace, purposes=document.purposes, traits=document.traits, signals=document.signals, scores=[score]
    )
    definitions = compile_definitions(slim)
    seen = (facts(definitions, state, now=now, context={}) for state in states)
    found = (one.get(f"scores.{score.key}") for one in seen)
    return [value for value in found if isinstance(value, int | float)]


def kept(states: Sequence[UserState], signals: Iterable[Signal]) -> set[str]:
    """The signals of which any of these users has a value at all."""
    wanted = {signal.key for signal in signals}
    return {key for state in states for key in wanted if state.totals.get(key)}


def named(document: Workspace, names: Sequence[str], states: Sequence[UserState], *, now: float) -> dict[str, list[float]]:
    """What names come to that need nothing but events and traits, for each of these users as far as they have a number."""
    definitions = compile_definitions(document, names)
    found: dict[str, list[float]] = {name: [] for name in names}
    for state in states:
        seen: Facts = facts(definitions, state, now=now, context={}, timezone=document.workspace.timezone)
        for name in names:
            value = seen.get(name)
            if isinstance(value, int | float) and not isinstance(value, bool):
                found[name].append(float(value))
    return found


def read_lately(workspace: str, names: Sequence[str], *, now: datetime, days: int = DAYS) -> dict[str, list[Read]]:
    """What decisions of the last days read of these names, oldest first, as far as the newest ones say."""
    newest = DecisionRecord.objects.filter(workspace=workspace, at__gte=now - timedelta(days=days)).order_by("-at")
    found: dict[str, list[Read]] = {name: [] for name in names}
    for at, told in newest.values_list("at", "facts")[:LOOKED]:
        for name in names:
            value = told.get(name)
            if isinstance(value, int | float) and not isinstance(value, bool):
                found[name].append(Read(at, float(value)))
    return {name: list(reversed(reads)) for name, reads in found.items()}
