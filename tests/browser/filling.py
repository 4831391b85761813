"""Forms filled in by a real browser as a recipe says: fields by their labels, rows by their words, conditions from left to right."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator, Page

from tests.recipes import Line, Thing

GROUPS = {"all of these", "any of these", "none of these", "not this"}


def fill(page: Page, thing: Thing) -> None:
    """A whole form: its headings are unfolded where a line stands beneath one."""
    top = page.locator("#content form fieldset.module").first
    for line in thing:
        heading = page.locator("fieldset.module").filter(has=page.get_by_role("heading", name=line.label, exact=True))
        if not line.values and heading.count():
            if (folded := heading.locator(":scope > details:not([open]) > summary")).count():
                folded.click()
            for inner in line.inner:
                _field(heading, inner)
        else:
            _field(top, line)


def _field(within: Locator, line: Line) -> None:
    builder = within.locator(f'rule-builder[label="{line.label}"]')
    if builder.count():
        put(builder, line.inner[0])
    elif line.inner:
        labelled = within.locator(".form-row").filter(has=within.page.locator("label, legend").get_by_text(_exactly(line.label)))
        _rows(labelled.locator(".rows"), line.inner)
    else:
        named = re.compile(rf"^{re.escape(line.label)}:?(: (day|beginning|end|time of day))?$")
        found = within.get_by_label(named).and_(within.page.locator(":not(rule-builder *)"))
        if line.value in {"ticked", "not ticked"}:
            found.set_checked(line.value == "ticked")
        elif found.first.evaluate("field => field.matches('fieldset, ul, div')"):
            for value in line.values:
                within.get_by_label(value, exact=True).check()
        elif found.count() > 1:
            for place, value in enumerate(line.values):
                found.nth(place).fill(value)
        else:
            _say(found, "\n".join(line.values))


def _rows(rows: Locator, lines: list[Line]) -> None:
    """`Step 1` with its cells beneath it: the row of that name, added where it is not there."""
    for line in lines:
        row = rows.get_by_role("group", name=line.label, exact=True)
        if not row.count():
            rows.get_by_role("button", name=f"Add a {line.label.rpartition(' ')[0].lower()}").first.click()
        for cell in line.inner:
            if cell.inner:
                one = cell.label.rpartition(" ")[0]
                _rows(row.locator(".rows-inner").filter(has=row.page.get_by_role("button", name=f"Add a {one.lower()}")), [cell])
            elif cell.value:
                named = row.locator(":scope > label").filter(has=row.page.get_by_text(_exactly(cell.label)))
                _say(named.locator("input, select, textarea").first, cell.value)


def _say(control: Locator, value: str) -> None:
    if control.evaluate("control => control.matches('select')"):
        control.select_option(label=value)
    else:
        control.fill(value)


def put(builder: Locator, line: Line) -> None:
    """Conditions put together in a builder that has none."""
    grouped = line.value in GROUPS
    builder.locator(f".rb-tree > .rb-adds [data-c={'add-group' if grouped else 'add'}]").click()
    _condition(builder.locator(".rb-root > li"), line)


def _condition(row: Locator, line: Line) -> None:
    if line.value not in GROUPS:
        _comparison(row.locator(":scope > .rb-line"), line.values)
        return
    row.locator(":scope > .rb-line [data-c=how]").select_option(label=line.value)
    for place, inner in enumerate(line.inner):
        child, grouped = row.locator(":scope > ul > li").nth(place), inner.value in GROUPS
        if place:
            row.locator(f":scope > .rb-adds [data-c={'add-group' if grouped else 'add'}]").click()
        elif grouped:  # a new group begins with one condition
            child.locator(":scope > .rb-line [data-c=more]").click()
            child.get_by_role("button", name="Put a group around it").click()
        _condition(child, inner)


def _comparison(line: Locator, values: list[str]) -> None:
    """The controls of a row from left to right; of several values the last control takes one after the other."""
    controls = line.locator("input, select")
    for place, value in enumerate(values):
        control = controls.nth(min(place, controls.count() - 1))
        if control.get_attribute("role") != "combobox":
            _say(control, value)
            continue
        _choose(control, value)
        if control.get_attribute("data-c") != "adder" and control.input_value() != value:
            _choose(control, value)  # the sentence came meanwhile, and moved the row away from under the hand


def _choose(control: Locator, value: str) -> None:
    """What is offered in these very words, or the words as they were typed."""
    control.fill(value)
    option = control.locator("xpath=..").get_by_role("option").filter(has=control.page.get_by_text(_exactly(value)))
    if option.count():
        option.first.click()
    else:
        control.press("Tab")


def _exactly(words: str) -> Any:
    return re.compile(rf"^{re.escape(words)}:?$")
