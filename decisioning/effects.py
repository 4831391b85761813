"""Use case: what would users see otherwise if this version went live? Asked of a sample of real users' states and of all sample users."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from decisioning.choose import Ask, Case, chosen
from decisioning.estimating import Sample, Share, samples, share_of
from decisioning.populations import populations
from decisioning.replay import Passed
from decisioning.tagging import Facts, facts
from decisioning.trying import CantTry, Under, of_bodies, try_given
from rules import selectors
from rules.bodies import Body, Identity
from rules.models import SampleUser, Version, Workspace

Seen = tuple[tuple[str, str], ...]
"""What a placement shows: rule and template of each, "" where there is none: the fallback has no rule."""
NOBODY = 0
"""Whose drafts count: a release holds none."""
MOST = 50
"""Sample users that are asked."""


@dataclass(frozen=True, slots=True)
class Move:
    """Users of one placement who see one thing and would see another; the same one where its text is what changes."""

    placement: str
    was: Seen
    now: Seen
    users: Share


@dataclass(frozen=True, slots=True)
class Told:
    """A sample user who would see something else."""

    sample: SampleUser
    placement: str
    was: Seen
    now: Seen


@dataclass(frozen=True, slots=True)
class Effect:
    """`changed` are the users for whom any placement changes. `together`: with all else that waits, as it can't go live alone."""

    sample: Sample
    changed: Share
    moves: list[Move]
    told: list[Told]
    asked: int
    together: bool


def effect(version: Version, *, now: float) -> Effect:
    """Of a version that waits. Raises CantTry where it can't go live in any way, and Unavailable where states can't be read."""
    workspace, identity = version.item.workspace, (version.item.kind, version.item.key)
    before, after, together = _both(workspace.pk, version.pk, selectors.desk_token(workspace, NOBODY))
    text = identity[1] if identity[0] == "template" else None
    sample = samples.of(workspace.key, now=now)
    moves: Counter[tuple[str, Seen, Seen]] = Counter()
    changed = 0
    for user, state in sample.users:
        common = {"now": now, "user": user, "context": {}, "timezone": workspace.timezone, "thresholds": populations.of(workspace.key)}
        was, will = (_shown(by, user, facts(by.live.definitions, state, **common), now) for by in (before, after))
        found = _differing(was, will, text)
        moves.update(found)
        changed += bool(found)
    asked = list(SampleUser.objects.filter(workspace=workspace).order_by("key")[:MOST])
    told = [Told(person, *move) for person in asked for move in _differing(*(_of_person(by, person, now) for by in (before, after)), text)]
    counted = [Move(*move, share_of(count, sample)) for move, count in moves.most_common()]
    return Effect(sample, share_of(changed, sample), counted, told, len(asked), together)


@lru_cache(maxsize=8)
def _both(workspace_id: int, version_id: int, token: str) -> tuple[Under, Under, bool]:
    """What was released, and that with this version in it, or, where that does not hold, with all that waits. `token` is its state."""
    workspace, version = Workspace.objects.get(pk=workspace_id), Version.objects.select_related("item").get(pk=version_id)
    found = selectors.things(workspace)
    released = {identity: thing.released.body for identity, thing in found.items() if thing.released}
    waiting = {identity: thing.newest.body for identity, thing in found.items() if thing.pending and thing.newest}
    alone = {(version.item.kind, version.item.key): version.body}
    before = of_bodies(workspace, _there(released), "what is live")
    try:
        return before, of_bodies(workspace, _there({**released, **alone}), "with this version"), False
    except CantTry:
        return before, of_bodies(workspace, _there({**released, **waiting, **alone}), "with all that waits"), True


def _there(held: Mapping[Identity, Body | None]) -> dict[Identity, Body]:
    return {identity: body for identity, body in held.items() if body is not None}


def _shown(by: Under, user: str, seen: Facts, now: float) -> dict[str, Seen]:
    """By placement, without counting any cap."""
    case, uncapped = Case(Ask(user, [], now), by.live, now, seen, {}, []), Passed(())
    found: dict[str, Seen] = {}
    for placement, said in by.live.ruleset.placements.items():
        choices = chosen(case, placement, uncapped)
        withheld = (("", said.fallback.template if said.fallback else ""),)
        found[placement] = withheld if choices is None else tuple((one.rule.key if one.rule else "", one.template or "") for one in choices)
    return found


def _of_person(by: Under, person: SampleUser, now: float) -> dict[str, Seen]:
    found: dict[str, Seen] = dict.fromkeys(by.live.ruleset.placements, ())
    for one in try_given(by, person.facts, list(found), at=now, name=person.key, explain=False).decisions:
        parts = tuple((one.get(part) or {}).get("key", "") for part in ("rule", "template"))
        found[one["placement"]] = (*found[one["placement"]], parts)
    return found


def _differing(was: Mapping[str, Seen], will: Mapping[str, Seen], text: str | None) -> list[tuple[str, Seen, Seen]]:
    """A new placement is asked for by no app yet, and one that goes is asked for in vain: both are no change of what users see."""
    return [
        (placement, was[placement], now)
        for placement, now in will.items()
        if placement in was and (was[placement] != now or (text is not None and any(template == text for _, template in now)))
    ]
