"""What large workspaces say a moment after their pages are there, in a real browser: of a form, an outline and a whole page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from rules.models import Workspace
from tests.admin_ui.conftest import address, anna, pages, shop  # noqa: F401  fixtures
from tests.admin_ui.test_large import large  # noqa: F401  fixture

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def look(browser_page: Page, live_server, large):  # noqa: F811
    """Opens a page as Anna, whose draft of one rule names a trait that is not there."""
    browser_page.context.add_cookies([{"name": "sessionid", "value": large.cookies["sessionid"].value, "url": live_server.url}])

    def opened(there: str) -> Page:
        browser_page.goto(f"{live_server.url}{there}")
        return browser_page

    return opened


def test_what_is_wrong_comes_to_its_condition_and_is_not_said_again_beneath_the_field(look):
    page = look(address("rule", "lingering"))

    expect(page.locator(".field-when .rb-problems")).to_contain_text("nowhere")
    expect(page.locator("[data-findings]")).not_to_have_attribute("aria-busy", "true")
    expect(page.locator(".field-when .problem:visible")).to_have_count(1)


def test_what_is_wrong_stands_beneath_its_rule_of_an_outline_while_it_is_looked_for_again_after_a_move(look):
    page = look("/admin/rules/rule/?workspace=shop")
    note = page.locator("#rule-lingering .rule-note.problem")
    expect(note).to_contain_text("nowhere")
    held: list[Route] = []
    page.route("**/notes/**", lambda route: held.append(route))

    page.get_by_role("link", name="Lingering").focus()
    page.keyboard.press("Alt+ArrowUp")

    expect(page.get_by_role("status")).to_contain_text("Moved up")
    expect(note).to_have_attribute("aria-busy", "true")
    while not held:  # it is asked a moment after the move
        page.wait_for_timeout(20)
    held.pop().continue_()
    expect(note).to_have_count(1)
    expect(note).not_to_have_attribute("aria-busy", "true")


@pytest.mark.parametrize("there", ["/admin/conflicts/{}/", "/admin/rules/workspace/{}/publish/"])
def test_what_is_in_the_way_comes_into_its_page(look, there):
    page = look(there.format(Workspace.objects.get(key="shop").pk))

    expect(page.locator("#found")).to_contain_text("nowhere")
    expect(page.get_by_role("status")).to_have_text("All of it was looked through.")
