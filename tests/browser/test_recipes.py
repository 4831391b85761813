"""The guide's recipes in a real browser: each condition put together in the builder, and a whole workspace from nothing."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from rules import bodies
from tests import recipes
from tests.browser.filling import fill, put
from tests.browser.test_admin import admin  # noqa: F401  the fixture

ALL = os.environ.get("RECIPES") == "all"
BY_HAND = recipes.NAMES if ALL else ("checkout",)
"""Those built from nothing in the browser. All of them take minutes: the others are built by their forms' fields in tests/admin_ui."""
BY_CONDITION = [name for name in recipes.NAMES if name != "checkout"] if ALL else ["apparel", "homepage"]
"""Those that have most kinds of conditions."""


@pytest.mark.parametrize("name", BY_CONDITION)
def test_every_condition_of_a_recipe_is_put_together_as_it_says(admin, signpost, name):  # noqa: F811
    told = [found for things in recipes.read(name).values() for thing in things for found in recipes.conditions(thing)]
    made = set()
    for scope, kind in (("user", "segment"), ("event", "signal")):
        admin.goto(f"{signpost.url}/admin/rules/{kind}/add/?workspace={name}")
        builder = admin.locator("rule-builder.rb-ready")
        for line in {repr(line): line for label, line in told if (label == "Only if") == (scope == "event")}.values():
            put(builder, line)
            made.add(_written(json.loads(builder.locator("textarea").first.input_value())))
            builder.evaluate("builder => { builder.value = '' }")

    assert made == {_written(recipes.meant(found)) for body in recipes.example(name)[1].values() for found in _conditions(body)}


@pytest.mark.parametrize("name", BY_HAND)
def test_a_workspace_is_built_in_the_browser_as_its_recipe_says(admin, signpost, name):  # noqa: F811
    page, recipe, key, title = admin, recipes.read(name), f"my-{name}", f"My {name}"
    [workspace] = recipe.pop("Workspace")
    workspace[0].values, workspace[1].values = [key], [title]
    page.get_by_role("row", name="Workspaces").get_by_role("link", name="Add").click()
    fill(page, workspace)
    page.get_by_role("button", name="Save", exact=True).click()
    for heading, things in recipe.items():
        page.goto(f"{signpost.url}/admin/")
        page.locator("tr").filter(has=page.get_by_role("link", name=heading, exact=True)).get_by_role("link", name="Add").click()
        page.get_by_role("link", name=f"{title} {key}").click()
        for thing in things:
            fill(page, thing)
            page.get_by_role("button", name="Save draft and add another").click()
            expect(page.locator(".messagelist")).to_contain_text(re.compile(rf"{re.escape(thing[0].value)}\)? is saved"))
    page.goto(f"{signpost.url}/admin/")
    page.get_by_role("article").filter(has_text=title).get_by_role("link", name="Publish…").click()
    page.get_by_label("Why").fill("first version")
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("Release 1")

    document, example = recipes.example(name)
    dumped = signpost.manage("dump", key)
    assert dumped.returncode == 0, dumped.stderr
    wanted = bodies.nest(document.workspace, example)[0]
    wanted["workspace"] |= {"key": key, "name": title}
    assert recipes.same(json.loads(dumped.stdout), wanted)


def _conditions(part: Any) -> Iterator[Any]:
    for key, inner in part.items() if isinstance(part, dict) else ():
        if key in {"when", "where"}:
            yield inner
        else:
            yield from _conditions(inner)


def _written(conditions: Any) -> str:
    return json.dumps(conditions, sort_keys=True)
