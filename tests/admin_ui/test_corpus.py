"""Every document of the engine's cases: what was loaded, the forms show and save as it is; what the forms save can be loaded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from admin_ui.form.item_form import item_form
from admin_ui.writing.rows import RowsWidget
from rules import bodies, selectors
from rules.bodies import Body, Identity
from rules.bundles import sha256
from rules.models import PROXIES, Draft, Workspace
from rules.selectors import Desk
from tests.admin_ui.conftest import sent
from tests.engine.corpus import read_all
from tests.engine.world import BASE

PARTS = ("when", "where", "rules", "segments", "placement")
TOGETHER = 60
"""So many conditions in one workspace: each more makes the check of every form longer."""

RULE = ("rule", "when", {"placement": "slot", "then__template": "one", "branch": "then", "enabled": "on"})
TAG = ("tag", "assign__where", {"assign__event": "Viewed"})
"""A form's kind, its field of conditions, and what else is filled in."""


def of_the_cases(*, refused: bool) -> list[Body]:
    """What each case says, without what it asks; once where several say the same."""
    said = [{part: case[part] for part in PARTS if part in case} for _, case in read_all() if ("want_code" in case) is refused]
    return list({sha256(case): case for case in said}.values())


def worlds() -> Iterator[tuple[str, Body]]:
    """Workspaces that hold all of it: conditions many to one, for they know nothing of each other, trees in placements of their own."""
    cases = of_the_cases(refused=False)
    whens = list(enumerate(case["when"] for case in cases if "when" in case and "segments" not in case))
    for start in range(0, len(whens), TOGETHER):
        some = whens[start : start + TOGETHER]
        rules = [{"key": f"rule-{number}", "when": when, "then": {"template": "one"}} for number, when in some]
        yield f"conditions from {start}", {**deepcopy(BASE), "placements": [{"key": "slot", "mode": "collect", "rules": rules}]}
    wheres = [case["where"] for case in cases if "where" in case]
    tags = [{"key": f"tag-{number}", "assign": {"event": "Viewed", "where": where}} for number, where in enumerate(wheres)]
    yield "conditions on events", {**deepcopy(BASE), "tags": [*BASE["tags"], *tags]}
    trees = [case for case in cases if "rules" in case or ("when" in case and "segments" in case)]
    apart = [case for case in trees if "segments" not in case]
    for start in range(0, len(apart), TOGETHER):
        placements = [_placement(case, f"slot-{number}") for number, case in enumerate(apart[start : start + TOGETHER])]
        yield f"trees from {start}", {**deepcopy(BASE), "placements": placements}
    for number, case in enumerate(case for case in trees if "segments" in case):
        yield f"segments {number}", {**deepcopy(BASE), "placements": [_placement(case, "slot")], "segments": case["segments"]}


def _placement(case: Body, key: str) -> Body:
    """A case's placement, with keys of its own for its rules."""
    rules = case.get("rules") or [{"key": "rule", "when": case["when"], "then": {"template": "one"}}]
    return {**BASE["placements"][0], **case.get("placement", {}), "key": key, "rules": _renamed(rules, key)}


def _renamed(rules: list[Body], before: str) -> list[Body]:
    return [{**one, "key": f"{before}-{one['key']}", "children": _renamed(one.get("children", []), before)} for one in rules]


WORLDS = dict(worlds())


def form_class(kind: str, desk: Desk) -> Any:
    return type("Form", (item_form(kind),), {"desk": desk})


def in_rows(form: Any) -> dict[str, Any]:
    """As a browser sends it: of fields that are shown as rows the rows' own inputs."""
    data = sent(form)
    for name in [name for name in data if name in form.fields and isinstance(form.fields[name].widget, RowsWidget)]:
        rows = form.fields[name].widget.fields_of(form[name].value(), name)
        if rows is not None:
            del data[name]
            data |= rows
    return data


def saved_by_forms(workspace: Workspace) -> dict[Identity, Body]:
    """What the forms of all things would save, each as it is shown."""
    desk, found = Desk(workspace, 101), {}
    for kind in {kind for kind, _ in desk.things}:
        made = form_class(kind, desk)
        for item in PROXIES[kind].objects.filter(workspace=workspace):
            form = made(in_rows(made(instance=item)), instance=item)
            assert form.is_valid(), (kind, item.key, form.errors)
            found[kind, item.key] = form.body
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("name", WORLDS)
def test_what_is_loaded_is_shown_and_saved_as_it_is_and_what_is_saved_can_be_loaded(name, tmp_path):
    loaded = tmp_path / "loaded.json"
    loaded.write_text(json.dumps(WORLDS[name]))
    call_command("load", str(loaded), publish="the engine's cases", stdout=StringIO(), stderr=StringIO())
    workspace = Workspace.objects.get(key="world")
    before = selectors.working_document("world")

    document, lost = bodies.nest(workspace.settings, saved_by_forms(workspace))

    assert lost == []
    assert sha256(document) == sha256(before)
    again = tmp_path / "saved.json"
    again.write_text(json.dumps(document))
    call_command("load", str(again), stdout=(said := StringIO()), stderr=StringIO())
    assert "0 added, 0 changed, 0 removed" in said.getvalue()
    assert not Draft.objects.exists()


@pytest.mark.django_db
def test_what_can_not_be_loaded_is_no_form_content_that_could_go_live(tmp_path):
    base = tmp_path / "base.json"
    base.write_text(json.dumps(BASE))
    call_command("load", str(base), publish="the world", stdout=StringIO(), stderr=StringIO())
    desk = Desk(Workspace.objects.get(key="world"), 101)
    classes, passed = {kind: form_class(kind, desk) for kind in ("rule", "tag")}, []
    for case in of_the_cases(refused=True):
        kind, field, more = TAG if "where" in case else RULE
        conditions = case.get("where") or case.get("when")
        if conditions and "segments" not in case:  # a form without conditions says so by saying nothing: {} is always
            form = classes[kind]({"key": "refused", field: json.dumps(conditions), **more})
            if form.is_valid() and not form.unfinished:
                passed.append(case)

    assert passed == []
