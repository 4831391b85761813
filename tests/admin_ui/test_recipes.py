"""The guide's recipes, followed through the pages' own forms: what comes of them is the example workspace, to the last word."""

from __future__ import annotations

import json
from html import unescape
from io import StringIO
from typing import Any

import pytest
from django import forms
from django.contrib.auth.models import Group
from django.core.management import call_command

from admin_ui.builder.widget import ConditionsWidget
from admin_ui.form.fields import LinesField
from admin_ui.inputs import PairWidget
from admin_ui.writing.rows import Rows, RowsWidget
from rules import bodies
from rules.models import PROXIES, Workspace
from tests import recipes
from tests.admin_ui.conftest import filled, press
from tests.recipes import Line, Thing

KINDS = {str(proxy._meta.verbose_name_plural).capitalize(): kind for kind, proxy in PROXIES.items()}


@pytest.fixture
def people(client: Any, django_user_model: Any, db: None) -> Any:
    """Signs the next person in, by their role."""
    known: dict[str, Any] = {}

    def of(role: str) -> Any:
        if role not in known:
            known[role] = django_user_model.objects.create_user(role, id=500 + len(known), is_staff=True)
            known[role].groups.add(Group.objects.get(name=role))
        client.force_login(known[role])
        return client

    return of


@pytest.mark.parametrize("name", recipes.NAMES)
def test_an_example_workspace_is_built_by_its_recipe_through_the_pages_alone(people, name):
    document, example = recipes.example(name)
    recipe = recipes.read(name)
    [workspace] = recipe.pop("Workspace")

    administrator = people("Administrator")
    page = administrator.get("/admin/rules/workspace/add/")
    assert administrator.post("/admin/rules/workspace/add/", Form(page, {}).fill(workspace)).status_code == 302
    author = people("Author")
    for heading, things in recipe.items():
        kind = KINDS[heading]
        address, page = f"/admin/rules/{PROXIES[kind]._meta.model_name}/add/?workspace={name}", None
        for thing in things:
            if page is None or kind == "rule":  # which offers the rules made before it
                page = author.get(address)
            saved = author.post(address, Form(page, example.get((kind, thing[0].value), {})).fill(thing))
            assert saved.status_code == 302, (thing[0].value, saved.context["errors"])
    there = f"/admin/rules/workspace/{Workspace.objects.get(key=name).pk}/publish/"
    press(people("Publisher"), there, reason="first version")

    call_command("dump", name, stdout=(out := StringIO()))
    assert recipes.same(json.loads(out.getvalue()), bodies.nest(document.workspace, example)[0])
    assert Workspace.objects.get(key=name).releases.count() == 1


class Form:
    """A form as its page shows it: fields are found by their labels, within the headings that the page groups them by."""

    def __init__(self, page: Any, body: Any) -> None:
        """`body`: where conditions are read from, which a browser's script would write into their text area."""
        self.page, self.body = unescape(page.content.decode()), body
        self.groups: dict[str | None, dict[str, forms.BoundField]] = {}
        for fieldset in page.context["adminform"]:
            self.groups[fieldset.name] = {one.field.label: one.field for line in fieldset for one in line if not one.is_readonly}
        self.data = filled(page)

    def fill(self, thing: Thing) -> dict[str, Any]:
        for line in thing:
            if line.label in self.groups:
                for inner in line.inner:
                    self._field(self.groups[line.label][inner.label], inner)
            else:
                self._field(self.groups[None][line.label], line)
        return self.data

    def _field(self, field: forms.BoundField, line: Line) -> None:
        name, widget = field.html_name, field.field.widget
        if isinstance(widget, ConditionsWidget):
            assert f'<textarea name="{name}"' in self.page
            self.data[name] = json.dumps(_at(self.body, name))
        elif isinstance(widget, RowsWidget):
            self._rows(widget.rows, name, name, line.inner)
        elif isinstance(widget, PairWidget):
            self.data |= {f"{name}_{index}": value for index, value in enumerate(line.values)}
        elif isinstance(field.field, forms.MultipleChoiceField):
            self.data[name] = [_chosen(field.field.choices, value) for value in line.values]
        elif isinstance(field.field, forms.ChoiceField):
            self.data[name] = _chosen(field.field.choices, line.value)
        elif isinstance(field.field, forms.BooleanField):
            self.data[name] = "on" if line.value == "ticked" else ""
        else:
            self.data[name] = "\n".join(line.values) if isinstance(field.field, LinesField) else line.value
        assert f'name="{name}' in self.page

    def _rows(self, rows: Rows, prefix: str, copied: str, lines: list[Line]) -> None:
        """Rows as they are added one after the other: those called by these rows' own word, `Step 1`.

        `copied`: the prefix in the page's empty row, which a script copies for each.
        """
        copied += f"-__{copied.count('__') // 2}__"
        for index, line in enumerate(one for one in lines if one.label.rpartition(" ")[0] == rows.one):
            assert line.label == f"{rows.one} {index + 1}"
            cells = {cell.label: cell for cell in rows.cells}
            for inner in line.inner:
                if cell := cells.get(inner.label):
                    value = _chosen(cell.choices, inner.value) if cell.kind in {"choice", "flag"} else inner.value
                    self.data[f"{prefix}-{index}-{cell.key}"] = value
                    assert f'name="{copied}-{cell.key}"' in self.page
                else:
                    assert inner.label.rpartition(" ")[0] in {other.one for other in rows.inner}, inner.label
            for other in rows.inner:
                self._rows(other, f"{prefix}-{index}-{other.key}", f"{copied}-{other.key}", line.inner)


def _chosen(choices: Any, words: str) -> str:
    """The value of the one choice that is shown with these words."""
    [value] = [value for value, shown in choices if str(shown) == words]
    return str(value)


def _at(body: Any, name: str) -> Any:
    for step in name.split("__"):
        body = body[step]
    return body
