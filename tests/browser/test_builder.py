"""The rule builder in a real browser: what is loaded is what is saved, and a rule can be put together by keyboard alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from admin_ui.form.fields import JsonField
from rules.bundles import sha256
from tests.browser.test_admin import admin  # noqa: F401  the fixture
from tests.engine.corpus import read_all
from tests.engine.world import BASE

RULE, TAG = "rules/rule/add/?workspace=world", "rules/tag/add/?workspace=world"
TOUCH = """
    async ([selector, texts]) => {
        const builder = document.querySelector(selector);
        const found = [];
        for (const text of texts) {
            builder.value = text;
            const rows = builder.querySelectorAll("[role=treeitem]").length;
            for (const control of [...builder.querySelectorAll(".rb-line :is(input, select, textarea)")]) {
                for (const type of ["input", "change"]) control.dispatchEvent(new Event(type, { bubbles: true }));
            }
            const touched = builder.value;
            builder.value = "";
            builder.undo();
            found.push([rows, touched, builder.value]);
        }
        return found;
    }
"""
"""Loads conditions, types into every field what it shows already, and reads what would be saved; then that of an undo."""


@pytest.fixture(scope="module")
def world(signpost: Any) -> None:
    """The workspace that the engine's cases speak of."""
    path = signpost.data_dir / "world.json"
    path.write_text(json.dumps(BASE))
    loaded = signpost.manage("load", str(path), "--publish", "for the builder")
    assert loaded.returncode == 0, loaded.stderr


def conditions_of(case: dict[str, Any]) -> list[Any]:
    found = [case[word] for word in ("when", "where") if word in case]
    waiting = [*case.get("rules", ()), *case.get("segments", ())]
    while waiting:
        rule = waiting.pop()
        found += [rule["when"]] if rule.get("when") is not None else []
        waiting += rule.get("children", ())
    return found


def opened(page: Page, url: str, address: str) -> Page:
    page.goto(f"{url}/admin/{address}")
    expect(page.locator("rule-builder.rb-ready").first).to_be_attached()
    return page


@pytest.mark.parametrize("place", ["when", "rules", "segments", "where"])
def test_every_document_of_the_engines_cases_is_saved_as_it_was_loaded(admin, signpost, world, place):  # noqa: F811
    address, name = (TAG, "assign__where") if place == "where" else (RULE, "when")
    known = {sha256(when): when for _, case in read_all() if place in case for when in conditions_of(case)}
    opened(admin, signpost.url, address)
    texts = [json.dumps(when) for when in known.values()]

    found = admin.evaluate(TOUCH, [f"rule-builder:has(#id_{name})", texts])

    assert known
    assert all(rows for rows, _, _ in found)
    for (rows, touched, undone), when in zip(found, known.values(), strict=True):
        assert (rows, json.loads(touched)) == (rows, when)
        for text in (touched, undone):
            assert sha256(JsonField(required=False).clean(text)) == sha256(when)


def tab_to(page: Page, control: str) -> None:
    """Goes on by the Tab key until the focus is on that control."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.c ?? ''") == control:
            return
    raise AssertionError(f"40 Tab keys did not lead to {control}")


def holds(page: Page, name: str = "when") -> Any:
    text = page.locator(f"#id_{name}").input_value()
    return json.loads(text) if text else None


BIG_SPENDER = {"name": "tags", "operator": "contains", "value": "big-spender"}
BIG_CART = {"name": "traits.cart_value", "operator": "greater_than_or_equal_to", "value": {"threshold": "big-cart"}}


def test_conditions_are_put_together_moved_undone_and_saved_by_keyboard_alone(admin, signpost, world):  # noqa: F811
    page, keys = opened(admin, signpost.url, RULE), admin.keyboard
    builder = page.locator("rule-builder")
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(builder.get_by_role("button", name="Add a condition")).to_be_in_viewport()
    page.locator("#id_position").focus()

    tab_to(page, "add")
    keys.press("Enter")
    keys.type("unicorns")
    expect(builder.locator(".rb-list:visible")).to_contain_text("Nothing of this name")
    keys.press("Escape")
    keys.press("Shift+Tab")
    expect(builder.locator(".rb-problems")).to_have_text("Choose what to ask about.")
    keys.press("Tab")
    keys.press("Control+A")
    keys.type("tags")
    keys.press("Enter")
    expect(builder.locator(".rb-problems")).to_have_text("Fill in what to compare with.")
    tab_to(page, "value")
    keys.type("spend")
    keys.press("Enter")
    tab_to(page, "add")
    keys.press("Enter")
    keys.type("cart val")
    keys.press("Enter")
    tab_to(page, "mode")
    keys.press("t")
    tab_to(page, "value")
    keys.type("big")
    keys.press("Enter")

    expect(builder.locator(".rb-sentence")).to_have_text("user has big-spender and cart value is at least big-cart")
    expect(builder.locator(".problem")).to_have_count(0)
    assert holds(page) == {"all": [BIG_SPENDER, BIG_CART]}

    keys.press("Escape")
    keys.press("Alt+ArrowUp")
    assert holds(page) == {"all": [BIG_CART, BIG_SPENDER]}
    keys.press("Control+z")
    assert holds(page) == {"all": [BIG_SPENDER, BIG_CART]}
    keys.press("Control+d")
    assert holds(page) == {"all": [BIG_SPENDER, BIG_CART, BIG_CART]}
    keys.press("ArrowUp")
    keys.press("Alt+ArrowRight")
    keys.press("Control+c")
    keys.press("Delete")
    keys.press("Control+Shift+z")
    keys.press("Control+z")
    keys.press("Control+z")
    keys.press("Control+z")
    assert holds(page) == {"all": [BIG_SPENDER, BIG_CART]}

    page.fill("#id_key", "by-keys")
    page.select_option("#id_placement", "slot")
    page.select_option("#id_then__template", "one")
    page.get_by_role("button", name="Save draft and stay").click()
    expect(page.locator(".messagelist")).to_contain_text("is saved")
    assert holds(page) == {"all": [BIG_SPENDER, BIG_CART]}
    expect(builder.locator(".rb-sentence")).to_have_text("user has big-spender and cart value is at least big-cart")


def test_what_is_typed_ahead_in_a_select_is_one_word_and_the_select_stays_where_it_is(admin, signpost, world):  # noqa: F811
    page, keys = opened(admin, signpost.url, RULE), admin.keyboard
    page.evaluate("text => { document.querySelector('rule-builder').value = text }", json.dumps({"all": [BIG_CART, BIG_SPENDER]}))
    operator = page.locator("rule-builder [data-c=operator]").first
    operator.focus()
    kept = operator.element_handle()

    keys.type("is less")
    assert holds(page)["all"][0]["operator"] == "less_than"
    keys.press("Control+z")

    assert holds(page)["all"] == [BIG_CART, BIG_SPENDER]
    assert kept.evaluate("select => select === document.activeElement && select.value === 'greater_than_or_equal_to'")
    tab_to(page, "mode")
    keys.type("v")
    assert holds(page)["all"][0] == {"name": BIG_CART["name"], "operator": BIG_CART["operator"]}
    assert page.evaluate("document.activeElement.dataset.c") == "mode"


MATCHING = "async ([names, text]) => (await import('/static/admin_ui/builder/combobox.js')).matching(names, text).map(({ value }) => value)"


def test_a_name_that_is_typed_in_full_comes_before_longer_ones(admin, signpost, world):  # noqa: F811
    page = opened(admin, signpost.url, RULE)
    names = [{"value": "counted", "label": "Sessions done, as the app counts them"}, {"value": "done", "label": "Sessions done"}]

    assert page.evaluate(MATCHING, [names, "sessions done"]) == ["done", "counted"]
    assert page.evaluate(MATCHING, [names, "app sess"]) == ["counted"]


def test_a_condition_is_dragged_into_a_group_and_copied_from_row_to_row(admin, signpost, world):  # noqa: F811
    page = opened(admin, signpost.url, RULE)
    builder, keys = page.locator("rule-builder"), page.keyboard
    give = "text => { document.querySelector('rule-builder').value = text }"
    page.evaluate(give, json.dumps({"all": [BIG_SPENDER, {"any": [BIG_CART]}]}))

    expect(builder.locator(".rb-sentence")).to_contain_text("big-spender")  # it moves the rows down when it comes
    builder.scroll_into_view_if_needed()
    builder.locator(".rb-grip").nth(1).drag_to(builder.locator(".rb-line").nth(2))
    assert holds(page) == {"all": [{"any": [BIG_CART, BIG_SPENDER]}]}

    builder.get_by_role("treeitem").nth(2).focus()
    keys.press("Control+c")
    keys.press("ArrowDown")
    keys.press("Control+v")
    assert holds(page) == {"all": [{"any": [BIG_CART, BIG_SPENDER, BIG_CART]}]}


def test_a_tags_conditions_on_its_event_and_on_the_user_are_chosen_and_saved(admin, signpost, world):  # noqa: F811
    page, keys = opened(admin, signpost.url, TAG), admin.keyboard
    page.fill("#id_key", "shoe-lover")
    page.fill("#id_assign__event", "Product Viewed")
    where = page.locator("rule-builder:has(#id_assign__where)")

    where.get_by_role("button", name="Add a condition").click()
    keys.type("category")
    keys.press("Enter")
    tab_to(page, "value")
    keys.type("shoes")
    expect(where.locator(".rb-sentence")).to_have_text("category is shoes")
    page.get_by_text("Given only to some users").click()
    when = page.locator("rule-builder:has(#id_assign__when)")
    when.get_by_role("button", name="Add a condition").click()
    keys.type("plan")
    keys.press("Enter")
    tab_to(page, "value")
    keys.type("gold")
    keys.press("Enter")
    expect(when.locator(".rb-sentence")).to_have_text("plan is gold")
    page.get_by_role("button", name="Save draft and stay").click()

    expect(page.locator(".messagelist")).to_contain_text("is saved")
    assert holds(page, "assign__where") == {"name": "properties.category", "operator": "equal_to", "value": "shoes"}
    assert holds(page, "assign__when") == {"name": "traits.plan", "operator": "equal_to", "value": "gold"}
