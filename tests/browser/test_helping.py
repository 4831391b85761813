"""Keys and the tour in a real browser: what `?` lists works, nothing fires while one types, and the tour is offered once."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from admin_ui.helping.places import PLACES
from rules.models import Draft
from tests.admin_ui.conftest import address, anna, pages, shop  # noqa: F401  fixtures

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page(browser_page: Page, live_server, pages) -> Page:  # noqa: F811
    browser_page.context.add_cookies([{"name": "sessionid", "value": pages.cookies["sessionid"].value, "url": live_server.url}])
    return browser_page


def test_the_keys_that_are_listed_lead_where_they_say_and_never_fire_while_one_types(page, live_server, valkey):
    page.goto(f"{live_server.url}/admin/")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Shortcuts on this page")
    expect(dialog.get_by_text("Search")).to_have_count(0)  # this page has none
    links = dialog.locator("[data-keys]")
    listed = {link.get_attribute("data-keys"): page.evaluate("link => link.href", link.element_handle()) for link in links.all()}
    assert set(listed) == {place.keys for place in PLACES if not place.only_within}
    page.keyboard.press("Escape")
    for keys, leads_to in listed.items():
        for key in keys.split():
            page.keyboard.press(key)
        page.wait_for_url(f"{leads_to}*")

    page.goto(f"{live_server.url}/admin/rules/tag/")
    page.keyboard.press("/")
    expect(page.locator("#searchbar")).to_be_focused()
    page.keyboard.type("n?g r/")
    expect(page.locator("#searchbar")).to_have_value("n?g r/")
    expect(dialog).to_be_hidden()
    page.locator("h1").click()
    page.keyboard.press("n")
    page.wait_for_url("**/rules/tag/add/*")

    page.goto(f"{live_server.url}/admin/rules/rule/?workspace=shop")
    page.keyboard.press("?")
    expect(dialog.locator(".keys-group", has_text="Rules, on a rule").locator("kbd")).to_have_text(
        ["Alt", "↑", "Alt", "↓", "Alt", "→", "Alt", "←"]
    )

    page.goto(live_server.url + address("tag", "buyer"))
    page.locator("#id_name").fill("Bought")
    page.keyboard.press("Control+s")
    expect(page.locator(".messagelist")).to_contain_text("is saved")
    assert Draft.objects.get().body["name"] == "Bought"


def test_keys_without_ctrl_are_switched_off_and_stay_off(page, live_server, valkey):
    page.goto(f"{live_server.url}/admin/rules/tag/")
    page.get_by_role("button", name="Shortcuts and help").click()
    page.get_by_label("Shortcuts without Ctrl or Alt").uncheck()
    page.keyboard.press("Escape")
    page.reload()

    page.keyboard.press("?")
    page.keyboard.press("/")

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#searchbar")).not_to_be_focused()
    page.get_by_role("button", name="Shortcuts and help").click()
    expect(page.get_by_label("Shortcuts without Ctrl or Alt")).not_to_be_checked()


def test_the_builders_keys_are_listed_from_what_it_acts_by(page, live_server, valkey):
    page.goto(live_server.url + address("rule", "bought"))
    row = page.get_by_role("treeitem").last
    row.focus()
    page.keyboard.press("Control+d")
    expect(page.get_by_role("treeitem")).to_have_count(3)
    page.keyboard.press("?")

    group = page.get_by_role("dialog").locator(".keys-group", has_text="Conditions, on a row")
    expect(group.locator("li", has_text="Repeat it").locator("kbd")).to_have_text(["Ctrl", "D"])
    assert group.locator("li").count() == page.locator(".rb-help li").count() > 15


def test_the_tour_is_offered_once_goes_by_keys_and_can_be_taken_again(page, live_server):
    page.goto(f"{live_server.url}/admin/")
    page.get_by_role("region", name="New here?").get_by_role("button", name="Take the tour").click()
    tour = page.get_by_role("dialog")
    expect(tour.get_by_role("heading", name="Signpost decides what a user sees")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(tour.get_by_role("heading", name="Today")).to_be_visible()
    expect(tour.get_by_role("heading")).to_have_count(1)
    while tour.get_by_role("button", name="Next").count():
        page.keyboard.press("Enter")
    expect(tour.get_by_role("heading", name="Press ? at any time")).to_be_visible()
    page.keyboard.press("Enter")
    expect(tour).to_have_count(0)

    page.reload()
    expect(page.get_by_role("heading", name="Today")).to_be_visible()
    expect(page.get_by_role("region", name="New here?")).to_have_count(0)
    page.keyboard.press("?")
    page.get_by_role("button", name="Take the tour").click()
    expect(page.get_by_role("dialog").get_by_text("step 1 of")).to_be_visible()
