"""The outline of rules in a real browser: moved by keys and by drag, undone, and kept through loading the page again."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.admin_ui.conftest import anna, pages, shop  # noqa: F401  fixtures

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def outline(browser_page: Page, live_server, pages) -> Page:  # noqa: F811
    """The shop's rules, seen by Anna."""
    browser_page.context.add_cookies([{"name": "sessionid", "value": pages.cookies["sessionid"].value, "url": live_server.url}])
    browser_page.goto(f"{live_server.url}/admin/rules/rule/?workspace=shop")
    return browser_page


def order(page: Page) -> list[str]:
    return [row.get_attribute("data-key") or "" for row in page.locator("[data-key]").all()]


def test_a_rule_is_moved_nested_and_undone_by_keys_alone_and_keeps_the_focus(outline):
    outline.get_by_role("link", name="Lingering").focus()

    outline.keyboard.press("Alt+ArrowUp")
    expect(outline.get_by_role("status")).to_contain_text("Moved up: lingering")
    assert order(outline) == ["lingering", "bought", "gold"]
    expect(outline.get_by_role("link", name="Lingering")).to_be_focused()

    outline.keyboard.press("Alt+ArrowDown")
    expect(outline.get_by_role("status")).to_contain_text("Moved down")
    outline.keyboard.press("Alt+ArrowRight")
    expect(outline.get_by_role("status")).to_contain_text("Moved beneath")
    expect(outline.locator("#rule-bought #rule-lingering")).to_have_count(1)

    outline.get_by_role("button", name="Undo").focus()
    outline.keyboard.press("Enter")
    expect(outline.get_by_role("status")).to_contain_text("Undone")
    outline.reload()
    expect(outline.locator("#rule-bought #rule-lingering")).to_have_count(0)


def test_a_new_rule_goes_after_the_ticked_one_and_last_when_none_is_ticked_any_more(outline):
    where, tick = outline.locator("#outline-where"), outline.get_by_role("checkbox", name="Tick Bought")

    tick.check()
    expect(where).to_have_value("after")
    tick.uncheck()
    expect(where).to_have_value("last")


def test_a_rule_is_dragged_into_another(outline):
    outline.locator("#rule-lingering .grip").drag_to(outline.locator("#rule-gold > .rule-line"))

    expect(outline.locator("#rule-gold #rule-lingering")).to_have_count(1)
    expect(outline.get_by_role("status")).to_contain_text("Moved: lingering")


def test_the_buttons_work_without_the_script(browser, live_server, pages):  # noqa: F811
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([{"name": "sessionid", "value": pages.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}/admin/rules/rule/?workspace=shop")

    page.get_by_role("checkbox", name="Tick Bought").check()
    page.get_by_role("button", name="Remove…").click()
    expect(page.get_by_text("stands beneath one of them")).to_be_visible()
    page.get_by_role("button", name="Draft the removal").click()

    expect(page.locator(".messagelist")).to_contain_text("Removal drafted: bought, gold")
    expect(page.locator("#rule-gold .state-removing")).to_be_visible()
    context.close()
