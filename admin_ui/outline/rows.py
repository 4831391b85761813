"""A placement's rules as the rows of an outline: what each asks, shows and is bound by, where it stands, and what was found of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.urls import reverse
from django.utils.text import capfirst

from admin_ui.findings import said
from rules import words
from rules.bodies import Body
from rules.models import Item
from rules.selectors import STATES, Desk, Finding

UNREACHABLE = frozenset({"unreachable_rule", "else_never"})
"""Said in so few words that they can stand in a row; the rule's own page says the whole."""

ADDRESSES = 16_384
"""Of things, kept in a process."""


@dataclass(slots=True)
class Row:
    """One rule. `movable`: it is in the reader's working copy. `sought`: the sentence by keys, for searches.

    `context`: shown only because something beneath it was searched for.
    """

    key: str
    name: str
    address: str
    asks: str
    sentence: str
    sought: str
    outcome: str
    outcome_address: str
    bounds: list[str]
    state: str
    state_words: str
    drafter: str
    live_number: int | None
    off: bool
    movable: bool
    branch: str
    notes: list[tuple[str, str]] = field(default_factory=list)
    context: bool = False
    last: bool = False
    children: list[Row] = field(default_factory=list)
    otherwise: list[Row] = field(default_factory=list)


@dataclass(slots=True)
class Outline:
    """One placement with its rows. `found`: how many rows were asked for, of `count`."""

    key: str
    name: str
    address: str
    collects: bool
    fallback: str
    rows: list[Row]
    count: int
    found: int
    lost: bool = False


def outlines(
    desk: Desk,
    items: Iterable[Any],
    findings: Collection[Finding],
    *,
    only: str = "",
    terms: str = "",
    state: str = "",
    among: Collection[str] | None = None,
) -> list[Outline]:
    """Every placement of a workspace, or one, with those rules whose words hold all the terms, that are in that state, and `among` these.

    `items`: rules by `selectors.with_state`, or rows of it; where one placement is asked for, its own are enough. A rule whose placement or
    parent is gone stands in an outline of its own, the last one.
    """
    shown = {item.key: item for item in items if item.state != "removed" or state == "removed"}
    said_of = notes(desk, findings)
    rows = {key: _row(desk, item, said_of.get(key, [])) for key, item in shown.items()}
    placements = [key for kind, key in sorted(desk.bodies) if kind == "placement"]
    tops: dict[str, list[str]] = {}
    beneath: dict[str, list[str]] = {}
    for key in sorted(shown, key=lambda key: (shown[key].shown.get("position", 0), key)):
        body = shown[key].shown
        parent = body.get("parent")
        if parent in shown and shown[parent].shown["placement"] == body["placement"] and not _circular(key, shown):
            beneath.setdefault(parent, []).append(key)
        else:
            tops.setdefault(body["placement"] if body["placement"] in placements and not parent else "", []).append(key)
    asked_for = shown.keys() if among is None else shown.keys() & set(among)
    wanted = {key for key in asked_for if (not state or shown[key].state == state) and _holds(rows[key], terms)}
    found = []
    for placement in [one for one in placements if not only or one == only] + ([""] if tops.get("") and not only else []):
        body = desk.bodies.get(("placement", placement), {})
        collects = body.get("mode") == "collect"
        count = _count(tops.get(placement, []), beneath)
        tree = _tree(tops.get(placement, []), beneath, rows, wanted, collects)
        asked = _count(tops.get(placement, []), beneath, wanted)
        if asked or not (terms or state or among is not None):
            found.append(_outline(desk, placement, body, tree, collects, count, asked))
    return found


def _outline(desk: Desk, key: str, body: Body, rows: list[Row], collects: bool, count: int, found: int) -> Outline:
    thing = desk.things.get(("placement", key))
    fallback = (body.get("fallback") or {}).get("template")
    name = body.get("name") or capfirst(words.humanised(key)) if key else "Rules that have lost their place"
    address = _address("placement", thing.item.pk) if thing else ""
    return Outline(key, name, address, collects, _template(desk, fallback)[0] if fallback else "", rows, count, found, lost=not key)


def _row(desk: Desk, item: Any, notes: list[tuple[str, str]]) -> Row:
    body: Body = item.shown
    outcome, address = _template(desk, (body.get("then") or {}).get("template"))
    bounds = (
        words.scheduled(body.get("schedule")),
        words.rolled_out(body.get("rollout")),
        words.capped(body.get("cap")),
        f"one of {body['group']}" if body.get("group") else "",
        f"priority {body['priority']}" if body.get("priority") else "",
    )
    return Row(
        key=item.key,
        name=body.get("name") or capfirst(words.humanised(item.key)),
        address=_address("rule", item.pk),
        asks="",
        sentence=words.sentence(body["when"], desk.names) if body.get("when") else "",
        sought=words.sentence(body.get("when")),
        outcome=outcome,
        outcome_address=address,
        bounds=[bound for bound in bounds if bound],
        state=item.state,
        state_words=STATES[item.state],
        drafter=item.draft_author if item.has_draft else "",
        live_number=item.live_number,
        off=body.get("enabled") is False,
        movable=("rule", item.key) in desk.bodies,
        branch=body.get("branch", "then"),
        notes=notes,
    )


def _template(desk: Desk, key: str | None) -> tuple[str, str]:
    """What a template is called, and where it is."""
    if not key:
        return "", ""
    thing, body = desk.things.get(("template", key)), desk.bodies.get(("template", key), {})
    return body.get("name") or capfirst(words.humanised(key)), _address("template", thing.item.pk) if thing else ""


@lru_cache(maxsize=ADDRESSES)
def _address(kind: str, pk: int) -> str:
    """Kept, since each of a thousand rows asks for two."""
    return reverse(f"admin:rules_{kind}_change", args=[pk])


def notes(desk: Desk, findings: Collection[Finding]) -> dict[str, list[tuple[str, str]]]:
    """By rule: each finding as a tone and words."""
    found: dict[str, list[tuple[str, str]]] = {}
    for one in findings:
        if one.identity and one.identity[0] == "rule":
            tone = "problem" if one.problem.code in UNREACHABLE or one.unfinished else "advice"
            note = (tone, said(one, desk))
            if note not in found.setdefault(one.identity[1], []):
                found[one.identity[1]].append(note)
    return found


def _tree(keys: list[str], beneath: Mapping[str, list[str]], rows: Mapping[str, Row], wanted: Collection[str], collects: bool) -> list[Row]:
    """The rows of one branch with what is beneath them, those that are not wanted left out unless something beneath them is."""
    made: list[Row] = []
    for index, key in enumerate(keys):
        row = rows[key]
        inner = beneath.get(key, [])
        row.children = _tree([one for one in inner if rows[one].branch != "else"], beneath, rows, wanted, collects)
        row.otherwise = _tree([one for one in inner if rows[one].branch == "else"], beneath, rows, wanted, collects)
        row.asks = _asks(row, first=index == 0, collects=collects)
        row.context = key not in wanted
        if not row.context or row.children or row.otherwise:
            made.append(row)
    if made:
        made[-1].last = True
    return made


def _asks(row: Row, *, first: bool, collects: bool) -> str:
    if collects or first:
        return "If" if row.sentence else "Always"
    return "Else if" if row.sentence else "Else"


def _count(keys: Collection[str], beneath: Mapping[str, list[str]], wanted: Collection[str] | None = None) -> int:
    return sum((wanted is None or key in wanted) + _count(beneath.get(key, []), beneath, wanted) for key in keys)


def _holds(row: Row, terms: str) -> bool:
    text = " ".join((row.key, row.name, row.sentence, row.sought, row.outcome, *row.bounds)).lower()
    return all(term in text for term in terms.lower().split())


def _circular(key: str, shown: Mapping[str, Item]) -> bool:
    seen, at = {key}, shown[key].shown.get("parent")
    while at in shown and at not in seen:
        seen.add(at)
        at = shown[at].shown.get("parent")
    return at in seen
