"""Templates and scores in a real browser: what is typed is looked at, shown and drawn, and nothing is saved before one saves."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.filling import put
from tests.browser.test_admin import admin  # noqa: F401  the fixture
from tests.recipes import Line


def opened(page, signpost, kind, workspace, key):
    page.goto(f"{signpost.url}/admin/rules/{kind}/?workspace={workspace}&q={key}")
    page.locator("#result_list tbody th a").first.click()
    return page


def test_a_template_is_written_with_its_problems_and_preview_in_sight(admin, signpost):  # noqa: F811
    page = opened(admin, signpost, "template", "academy", "regular")
    notes, shown = page.locator(".preview-notes"), page.frame_locator(".preview-stage iframe:last-of-type").locator("body")
    body = page.get_by_label("Body", exact=False).first

    body.fill("Hello\n{{ user_name }} {% if x")
    expect(notes).to_contain_text("Body, line 2, column 17")
    notes.get_by_role("button").first.click()
    expect(body).to_be_focused()

    body.fill("Hello {{ user_name }}! ")
    expect(notes).to_contain_text("user_name has no value here")
    page.locator("input[name='try.user_name']").fill("Ada")
    expect(shown).to_contain_text("Hello Ada!")
    expect(notes).to_contain_text("Nothing wrong, nothing missing.")

    body.press("Control+End")
    page.locator(".insert-search input").fill("sessions total")
    page.locator(".insert-names li:not([hidden]) button").first.click()
    expect(body).to_have_value(re.compile(r"! \{\{ counts\.\S+\.total }}$"))
    expect(shown).to_contain_text("Hello Ada! 0")

    page.get_by_role("button", name="Save draft and stay").click()
    expect(page.locator(".messagelist")).to_contain_text("Your draft of template Regular: friendly, keeps the rhythm (regular) is saved.")
    page.get_by_role("button", name="Discard my draft").click()
    expect(page.get_by_role("heading", name="Discard your draft?")).to_be_visible()
    page.get_by_role("button", name="Discard my draft").click()


def test_a_slider_redraws_what_a_score_comes_to_and_saves_nothing(admin, signpost):  # noqa: F811
    page = opened(admin, signpost, "score", "apparel", "intent")
    picture, weight = page.locator(".picture"), page.get_by_label("Weight, as a slider").first
    expect(picture).to_contain_text("1 × 0.3 × highest Scroll depth")  # noqa: RUF001

    weight.focus()
    weight.press("End")
    expect(picture).to_contain_text("2 × 0.3 × highest Scroll depth")  # noqa: RUF001
    page.get_by_role("button", name="Add a term").click()
    expect(page.get_by_label("Term 4", exact=True).get_by_label("Signal")).to_be_focused()

    page.reload()
    expect(picture).to_contain_text("1 × 0.3 × highest Scroll depth")  # noqa: RUF001


def test_a_sequences_steps_have_conditions_of_their_own_put_together_like_all_others(admin, signpost):  # noqa: F811
    page = admin
    page.goto(f"{signpost.url}/admin/rules/tag/add/?workspace=checkout")
    page.get_by_label("Key").fill("dear-cart")
    page.get_by_text("Given by several events").click()
    steps = page.locator(".field-assign__steps")
    for number, event in enumerate(("Product Added", "Order Completed"), 1):
        steps.get_by_role("button", name="Add a step").click()
        steps.get_by_role("group", name=f"Step {number}").get_by_label("Event").fill(event)
    steps.get_by_role("group", name="Step 2").get_by_role("combobox", name="This").select_option(label="must not come")
    builder = steps.get_by_role("group", name="Step 1").locator("rule-builder")
    dear = [Line("", [name, "is at least", "value", "150"]) for name in ("properties.price", "properties.total")]
    put(builder, Line("", ["any of these"], dear))
    expect(page.locator(".picture")).to_contain_text("price is at least 150 or total is at least 150")
    page.get_by_label("All of it within").fill("30m")
    page.get_by_role("button", name="Save draft and stay").click()

    expect(page.locator(".messagelist")).to_contain_text("tag dear-cart is saved")
    expect(builder.locator(".rb-sentence")).to_have_text("price is at least 150 or total is at least 150")
    expect(builder.get_by_role("treeitem")).to_have_count(3)
    page.get_by_role("button", name="Discard my draft").click()
