"""Takes in a decision table: the rules of one placement become those of its rows, as one author's drafts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from rules import bodies, selectors
from rules.bodies import Body
from rules.engine import DocumentError, Problem, Vocabulary
from rules.engine.tables import Row, comparisons, parse_table
from rules.models import Draft, Item
from rules.selectors import Desk, Thing
from rules.services import acts
from rules.services.audit import note
from rules.services.documents import LoadReport
from rules.services.drafts import put_all
from rules.services.people import person
from rules.services.workspaces import hold
from rules.words import called


@transaction.atomic
def load_table(workspace_key: str, placement: str, data: bytes, *, author: Any, now: datetime) -> LoadReport:
    """Makes the author's working copy of the placement's rules say exactly this. Raises DocumentError with every problem, by its cell."""
    workspace = hold(workspace_key)
    author = person(author)
    desk = Desk(workspace, author.id)
    if ("placement", placement) not in desk.bodies:
        raise DocumentError([selectors.no_placement(workspace_key, placement)])
    rows = {row.rule["key"]: row for row in parse_table(_decoded(data), Vocabulary.of(desk.struct)).rows}
    rules = {key: body for (kind, key), body in desk.bodies.items() if kind == "rule"}
    before = {key: body for key, body in rules.items() if body["placement"] == placement}
    taken = [_elsewhere(row, rules[key]) for key, row in rows.items() if key in rules and key not in before]
    if taken:
        raise DocumentError(taken)
    wanted = _bodies(placement, rows, before)
    problems = list(_problems(desk, rows, {key: wanted.get(key) for key in [*before, *wanted]}))
    if problems:
        raise DocumentError(problems)

    for key in wanted:
        if ("rule", key) not in desk.things:
            desk.things["rule", key] = Thing(Item.objects.create(workspace=workspace, kind="rule", key=key, created_at=now))
    keys = [*before, *(key for key in wanted if key not in before)]
    drafts = put_all(((desk.things["rule", key], wanted.get(key)) for key in keys), author, now)
    changed = [key for key in wanted.keys() & before.keys() if not selectors.same(before[key], wanted[key])]
    others = Draft.objects.filter(item__workspace=workspace, item__kind="rule", item__key__in=[*before, *wanted])
    report = LoadReport(
        added=len(wanted.keys() - before.keys()),
        changed=len(changed),
        removed=len(before.keys() - wanted.keys()),
        unchanged=len(wanted.keys() & before.keys()) - len(changed),
        others=tuple(
            f"{called('rule', draft.item.key, draft.body)} by {draft.author_name}"
            for draft in others.exclude(author_id=author.id).select_related("item")
        ),
    )
    what = f"a decision table of placement {placement}"
    note(workspace, author, now, acts.loaded(workspace, what, author, str(report), drafts))
    return report


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        words = f"byte {error.start} of the table is not UTF-8"
        raise DocumentError([Problem("table_syntax", "$", words, "Save it as “CSV UTF-8”.")]) from error


def _elsewhere(row: Row, body: Body) -> Problem:
    words = f"the rule {row.rule['key']!r} is one of placement {body['placement']!r}"
    return Problem("duplicate_key", row.cell("$.key"), words, "Give this row another key.")


def _bodies(placement: str, rows: Mapping[str, Row], before: Mapping[str, Body]) -> dict[str, Body]:
    """The rows as bodies in their order. Where a rule's conditions say the same already, they stay as they are written."""
    dealt = bodies.positions(list(rows), {key: body.get("position", 0) for key, body in before.items()})
    found = {}
    for key, row in rows.items():
        body = {**row.rule, "placement": placement, "position": dealt[key]}
        known = before.get(key, {}).get("when")
        if known is not None and comparisons(known) == comparisons(body.get("when")):
            body["when"] = known
        found[key] = bodies.normal("rule", key, body)
    return found


def _problems(desk: Desk, rows: Mapping[str, Row], change: Mapping[str, Body | None]) -> Iterator[Problem]:
    """What keeps these rules from going live, by cell; and what they would break elsewhere, by whose it is."""
    drafted = {("rule", key): body for key, body in change.items()}
    for found in desk.findings(drafted):
        if found.identity in drafted and found.identity is not None:
            cell = rows[found.identity[1]].cell(found.path)
            yield Problem(found.problem.code, cell, found.problem.message, found.problem.fix)
    for found in desk.caused(drafted):
        whose = ".".join(found.identity) if found.identity else "workspace"
        yield Problem(found.problem.code, f"$.{whose}", found.problem.message, found.problem.fix)
