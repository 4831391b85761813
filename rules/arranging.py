"""Where rules stand in their placements' trees, and which bodies have to change for them to stand elsewhere. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from rules.bodies import STEP, Body, positions

Rules = Mapping[str, Body]
"""One person's working copy of a workspace's rules, by key."""
Branch = Literal["then", "else"]
Act = Literal["up", "down", "nest", "unnest", "otherwise"]


class Spot(NamedTuple):
    """A place in a tree: beneath `parent` (None: at the top), just before or after a sibling, or else last."""

    placement: str
    parent: str | None = None
    branch: Branch = "then"
    before: str | None = None
    after: str | None = None


def siblings(rules: Rules, placement: str, parent: str | None) -> list[str]:
    """Those beneath one parent in their order, of both branches."""
    found = [key for key, body in rules.items() if body["placement"] == placement and body.get("parent") == parent]
    return sorted(found, key=lambda key: (rules[key].get("position", 0), key))


def after_all(rules: Rules, placement: str, parent: str | None) -> int:
    """The position that comes after every rule beneath a parent."""
    return max((rules[key].get("position", 0) // STEP + 1 for key in siblings(rules, placement, parent)), default=0) * STEP


def in_order(rules: Rules, placement: str) -> list[str]:
    """All rules of a placement as they are read from top to bottom. One without a place in the tree is left out."""
    beneath_of: dict[str | None, list[str]] = {}
    for key in sorted(rules, key=lambda key: (rules[key].get("branch") == "else", rules[key].get("position", 0), key)):
        if rules[key]["placement"] == placement:
            beneath_of.setdefault(rules[key].get("parent"), []).append(key)
    found: list[str] = []
    waiting = list(reversed(beneath_of.get(None, [])))
    while waiting:
        key = waiting.pop()
        found.append(key)
        waiting.extend(reversed(beneath_of.get(key, [])))
    return found


def beneath(rules: Rules, key: str) -> list[str]:
    """Everything beneath a rule, the nearest first."""
    children: dict[str, list[str]] = {}
    for one, body in rules.items():
        if body.get("parent"):
            children.setdefault(body["parent"], []).append(one)
    found: list[str] = []
    waiting = [key]
    while waiting:
        for child in children.get(waiting.pop(0), []):
            if child != key and child not in found:
                found.append(child)
                waiting.append(child)
    return found


def topmost(rules: Rules, chosen: Sequence[str]) -> list[str]:
    """The chosen rules in the order they are read, without those that move along with a chosen one above them."""
    along = {one for key in chosen for one in beneath(rules, key)}
    placements = dict.fromkeys(rules[key]["placement"] for key in chosen)
    read = [key for placement in placements for key in in_order(rules, placement)]
    return [key for key in read if key in chosen and key not in along]


def moved(rules: Rules, chosen: Sequence[str], act: Act) -> dict[str, Body]:
    """What differs in the bodies when each of the chosen rules has made one step. Who can't make it stays; nothing: nobody could."""
    now = dict(rules)
    order = topmost(rules, chosen)
    # Whoever leads goes first, so that neighbours move as one; those who leave a branch line up behind it in their order.
    for key in reversed(order) if act in {"down", "unnest"} else order:
        spot = STEPS[act](now, key)
        if spot is not None:
            now |= put(now, key, spot)
    return differing(rules, now)


def moved_to(rules: Rules, chosen: Sequence[str], spot: Spot) -> dict[str, Body]:
    """What differs when the chosen rules stand at a spot, one after the other."""
    now = dict(rules)
    for key in topmost(rules, chosen):
        now |= put(now, key, spot)
        spot = spot._replace(before=None, after=key)
    return differing(rules, now)


def fits(rules: Rules, chosen: Sequence[str], spot: Spot) -> bool:
    """Whether no rule would come to stand beneath or beside itself."""
    taken = {*chosen, *(one for key in chosen for one in beneath(rules, key))}
    return taken.isdisjoint({spot.parent, spot.before, spot.after})


def copied(rules: Rules, key: str, name: Callable[[str], str]) -> dict[str, Body]:
    """A rule and all beneath it once more, right after it. Switched off: what says the same would never be reached.

    `name` gives each copy a key that nothing has.
    """
    keys = {one: name(one) for one in (key, *beneath(rules, key))}
    now = dict(rules)
    for old, new in keys.items():
        body = {**rules[old]}
        if old == key:
            body |= {"enabled": False, **({"name": f"{body['name'][:190]} (copy)"} if body.get("name") else {})}
        else:
            body["parent"] = keys[body["parent"]]
        now[new] = body
    body = rules[key]
    now |= put(now, keys[key], Spot(body["placement"], body.get("parent"), body.get("branch", "then"), after=key))
    return differing(rules, now)


def put(rules: Rules, key: str, spot: Spot) -> dict[str, Body]:
    """The bodies that change when a rule, with all beneath it, stands at a spot: as few of its new siblings as can be."""
    order = [one for one in siblings(rules, spot.placement, spot.parent) if one != key]
    index = order.index(spot.before) if spot.before else order.index(spot.after) + 1 if spot.after else len(order)
    order.insert(index, key)
    changed: dict[str, Body] = {}
    for one, position in _dealt(rules, order, key).items():
        if rules[one].get("position", 0) != position:
            changed[one] = {**rules[one], "position": position}
    body: Body = {**changed.get(key, rules[key]), "placement": spot.placement}
    body = {name: value for name, value in body.items() if name not in {"parent", "branch"}}
    if spot.parent is not None:
        body |= {"parent": spot.parent, **({"branch": "else"} if spot.branch == "else" else {})}
    changed[key] = body
    if spot.placement != rules[key]["placement"]:
        changed |= {one: {**rules[one], "placement": spot.placement} for one in beneath(rules, key)}
    return changed


def differing(before: Rules, now: Rules) -> dict[str, Body]:
    return {key: body for key, body in now.items() if before.get(key) != body}


def _dealt(rules: Rules, order: Sequence[str], key: str) -> dict[str, int]:
    """Positions for this order, whichever of two ways changes fewer: the one that stands keeps its number, or it gets a new one."""
    known = {one: rules[one].get("position", 0) for one in order}
    ways = [positions(order, {one: known[one] for one in order if one != key}), positions(order, known)]
    return min(ways, key=lambda dealt: sum(dealt[one] != known[one] for one in order))


def _group(rules: Rules, key: str) -> list[str]:
    """The rules tried one after the other with this one."""
    body = rules[key]
    branch = body.get("branch", "then")
    return [one for one in siblings(rules, body["placement"], body.get("parent")) if rules[one].get("branch", "then") == branch]


def _neighbour(rules: Rules, key: str, step: int) -> str | None:
    group = _group(rules, key)
    index = group.index(key) + step
    return group[index] if 0 <= index < len(group) else None


def _here(body: Mapping[str, Any], **where: Any) -> Spot:
    return Spot(body["placement"], body.get("parent"), body.get("branch", "then"), **where)


def _up(rules: Rules, key: str) -> Spot | None:
    above = _neighbour(rules, key, -1)
    return _here(rules[key], before=above) if above else None


def _down(rules: Rules, key: str) -> Spot | None:
    below = _neighbour(rules, key, 1)
    return _here(rules[key], after=below) if below else None


def _nest(rules: Rules, key: str) -> Spot | None:
    above = _neighbour(rules, key, -1)
    return Spot(rules[key]["placement"], above) if above else None


def _unnest(rules: Rules, key: str) -> Spot | None:
    parent = rules[key].get("parent")
    return _here(rules[parent], after=parent) if parent in rules else None


def _otherwise(rules: Rules, key: str) -> Spot | None:
    """Into the other branch of its parent; at the top, into the otherwise-branch of the rule above it."""
    body, above = rules[key], _neighbour(rules, key, -1)
    if body.get("parent"):
        return Spot(body["placement"], body["parent"], "then" if body.get("branch") == "else" else "else")
    return Spot(body["placement"], above, "else") if above else None


STEPS: dict[str, Callable[[Rules, str], Spot | None]] = {
    "up": _up,
    "down": _down,
    "nest": _nest,
    "unnest": _unnest,
    "otherwise": _otherwise,
}
