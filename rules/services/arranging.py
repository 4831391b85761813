"""Arranges rules: several drafts of one person in one transaction, with what it takes to undo them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from rules import arranging, bodies, selectors
from rules.arranging import Spot
from rules.bodies import Body
from rules.engine import DocumentError, Problem
from rules.models import Item, Workspace
from rules.selectors import Desk, Thing
from rules.services.audit import Act, note
from rules.services.drafts import write
from rules.services.people import Person, person
from rules.services.undoing.drafts import look, since
from rules.services.undoing.steps import Done, listed
from rules.services.workspaces import hold

DONE = {
    "up": "Moved up",
    "down": "Moved down",
    "nest": "Moved beneath the rule above",
    "unnest": "Moved out of its branch",
    "otherwise": "Moved to the other branch",
}


@transaction.atomic
def move_rules(workspace_key: str, act: arranging.Act, chosen: Collection[str], *, author: Any, now: datetime) -> Done:
    """One step: `up`, `down`, `nest` beneath the one above, `unnest`, or `otherwise` to the other branch. With all beneath them."""
    desk, author, rules = _opened(workspace_key, author)
    keys = _chosen(rules, chosen)
    return _write(desk, arranging.moved(rules, keys, act), author, now, f"{DONE[act]}: {_names(rules, keys)}", keys)


@transaction.atomic
def place_rules(workspace_key: str, chosen: Collection[str], spot: Spot, *, author: Any, now: datetime) -> Done:
    """Puts the chosen rules, with all beneath them, at one spot of a placement's tree."""
    desk, author, rules = _opened(workspace_key, author)
    keys = _chosen(rules, chosen)
    _check(desk, rules, spot)
    if not arranging.fits(rules, keys, spot):
        raise _refused("parent_circle", "A rule can't stand beneath or beside itself.", "Choose a rule that does not move along.")
    return _write(desk, arranging.moved_to(rules, keys, spot), author, now, f"Moved: {_names(rules, keys)}", keys)


@transaction.atomic
def switch_rules(workspace_key: str, chosen: Collection[str], *, on: bool, author: Any, now: datetime) -> Done:
    desk, author, rules = _opened(workspace_key, author)
    keys = _chosen(rules, chosen)
    changes: dict[str, Body | None] = {key: {**rules[key], "enabled": on} for key in keys}
    return _write(desk, changes, author, now, f"Switched {'on' if on else 'off'}: {_names(rules, keys)}", keys)


@transaction.atomic
def remove_rules(workspace_key: str, chosen: Collection[str], *, author: Any, now: datetime) -> Done:
    """Drafts the removal of the chosen rules and of all beneath them, which would have no place without them."""
    desk, author, rules = _opened(workspace_key, author)
    keys = removed_with(rules, chosen)
    return _write(desk, dict.fromkeys(keys), author, now, f"Removal drafted: {_names(rules, keys)}", ())


@transaction.atomic
def copy_rules(workspace_key: str, chosen: Collection[str], *, author: Any, now: datetime) -> Done:
    """Each of the chosen rules once more right after itself, with all beneath it, switched off."""
    desk, author, rules = _opened(workspace_key, author)
    changes: dict[str, Body] = {}
    taken = {key for kind, key in desk.things if kind == "rule"}
    made = []
    for key in arranging.topmost(rules, _chosen(rules, chosen)):

        def fresh(old: str) -> str:
            new = free_key(old, taken)
            taken.add(new)
            return new

        copies = arranging.copied({**rules, **changes}, key, fresh)
        made.append(next(one for one in copies if one not in rules))
        changes |= copies
    return _write(desk, changes, author, now, f"Duplicated, and switched off: {_names({**rules, **changes}, made)}", made)


@transaction.atomic
def add_rule(workspace_key: str, name: str, spot: Spot, *, author: Any, now: datetime) -> Done:
    """A new rule at a spot. Switched on, as one from the form is: nobody sees it before it shows something and is published."""
    desk, author, rules = _opened(workspace_key, author)
    _check(desk, rules, spot)
    key = free_key(name, {key for kind, key in desk.things if kind == "rule"})
    body: Body = {"placement": spot.placement, "name": name.strip()[:200]}
    changes = arranging.put({**rules, key: body}, key, spot)
    return _write(desk, changes, author, now, f"Added, and to be filled in: {_names(changes, [key])}", [key])


def removed_with(rules: arranging.Rules, chosen: Collection[str]) -> list[str]:
    """The chosen rules and all beneath them, each once."""
    return list(dict.fromkeys(one for key in _chosen(rules, chosen) for one in (key, *arranging.beneath(rules, key))))


def free_key(like: str, taken: Collection[str]) -> str:
    """A key made of these words that no rule has or had."""
    stem = re.sub(r"[^a-z0-9_]+", "-", like.lower()).strip("-_")[:56] or "rule"
    number = re.fullmatch(r"(.+)-\d{1,4}", stem)
    stem = number[1] if number and stem in taken else stem
    return next(key for key in (stem, *(f"{stem}-{index}" for index in range(2, len(taken) + 3))) if key not in taken)


def _opened(workspace_key: str, author: Any) -> tuple[Desk, Person, dict[str, Body]]:
    who = person(author)
    desk = Desk(hold(workspace_key), who.id)
    return desk, who, {key: body for (kind, key), body in desk.bodies.items() if kind == "rule"}


def _chosen(rules: arranging.Rules, chosen: Collection[str]) -> list[str]:
    missing = [key for key in chosen if key not in rules]
    if missing:
        raise _refused(
            "unknown_rule", f"There is no rule {missing[0]} in your working copy.", "Load the page again, and keep its draft first."
        )
    if not chosen:
        raise _refused("nothing_chosen", "No rule is chosen.", "Tick the rules it is about.")
    return list(dict.fromkeys(chosen))


def _check(desk: Desk, rules: arranging.Rules, spot: Spot) -> None:
    if ("placement", spot.placement) not in desk.bodies:
        raise DocumentError([selectors.no_placement(desk.workspace.key, spot.placement)])
    beside = spot.before or spot.after
    for key in filter(None, (spot.parent, beside)):
        if key not in rules or rules[key]["placement"] != spot.placement:
            raise _refused("unknown_rule", f"There is no rule {key} in placement {spot.placement}.", "Load the page again.")
    if beside and (rules[beside].get("parent"), spot.branch) != (spot.parent, rules[beside].get("branch", "then")):
        raise _refused("unknown_rule", f"The rule {beside} stands elsewhere by now.", "Load the page again.")


def _write(desk: Desk, changes: Mapping[str, Body | None], author: Person, now: datetime, said: str, keys: Sequence[str]) -> Done:
    wanted = {key: None if body is None else bodies.normal("rule", key, body) for key, body in changes.items()}
    wanted = {key: body for key, body in wanted.items() if not selectors.same(desk.bodies.get(("rule", key)), body)}
    if not wanted:
        return Done("Nothing to change: it is so already, or there is no step further.", tuple(keys), None)
    _refuse_outdated(desk, wanted, author)
    _refuse_broken(desk, wanted)
    before = look(desk.workspace, [("rule", key) for key in wanted], author, desk.things)
    told: list[Act] = []
    for key, body in wanted.items():
        thing = desk.things.get(("rule", key)) or Thing(_item(desk.workspace, key, now))
        told += write(thing, body, author, now)
    note(desk.workspace, author, now, *told)
    return Done(f"{said}.", tuple(keys), since(desk.workspace, before, author, said))


def _item(workspace: Workspace, key: str, now: datetime) -> Item:
    return Item.objects.create(workspace=workspace, kind="rule", key=key, created_at=now)


def _refuse_outdated(desk: Desk, wanted: Collection[str], author: Person) -> None:
    """A draft that starts from an old version is for its author to put on the new one: arranging must not do it unseen."""
    for key in wanted:
        thing = desk.things.get(("rule", key))
        draft = thing.draft_of(author.id) if thing else None
        if thing and draft and draft.based_on != thing.base_number:
            said = f"The rule {key} has a newer version than your draft of it started from."
            raise _refused("draft_outdated", said, "Open it, and choose what your draft should say.")


def _refuse_broken(desk: Desk, wanted: Mapping[str, Body | None]) -> None:
    """What no other draft could put right, such as a tree that is too deep, and what was not there before."""
    change = {("rule", key): body for key, body in wanted.items()}
    broken = [found for found in desk.findings(change) if not found.unfinished]
    if broken:
        known = {(found.identity, found.problem.code) for found in desk.findings()}
        fresh = [found.problem for found in broken if (found.identity, found.problem.code) not in known]
        if fresh:
            raise DocumentError(fresh)


def _names(rules: Mapping[str, Body], keys: Sequence[str]) -> str:
    return listed([(key, rules[key]) for key in keys])


def _refused(code: str, message: str, fix: str) -> DocumentError:
    return DocumentError([Problem(code, "$", message, fix)])
