"""The demo shop in a real browser: what a visitor does changes the page, and the panel says why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.system import System


@pytest.fixture
def shop(signpost: System, browser_page: Page) -> Iterator[Page]:
    """The page as a new visitor sees it. Nothing may be written to its console."""
    said: list[str] = []
    browser_page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    browser_page.goto(f"{signpost.url}/demo/")
    deciding(browser_page, "Low intent")
    yield browser_page
    assert said == []


def deciding(page: Page, rule: str) -> None:
    page.locator("[data-rules] [aria-current]", has_text=rule).wait_for()


def headline(page: Page) -> str:
    return page.locator("h1").inner_text()


def scroll(page: Page, depth: float) -> None:
    page.evaluate("depth => scrollTo({top: (document.documentElement.scrollHeight - innerHeight) * depth, behavior: 'instant'})", depth)


def test_adding_to_the_bag_changes_the_page_and_the_panel_says_why(shop):
    before = headline(shop)

    shop.click("[data-cta]")

    deciding(shop, "High intent")
    assert headline(shop) != before
    assert shop.locator(".badge").inner_text() == "Only 2 left"
    assert shop.locator("[data-cta]").inner_text() == "Go to checkout"
    shop.locator("[data-tags]", has_text="has-bag").wait_for()
    assert float(shop.locator(".panel [data-score]").inner_text()) > 0.8
    took = shop.locator(".panel [data-took]").inner_text()
    print(f"\nevent to changed page, measured in the page: {took} ms")
    assert re.fullmatch(r"\d+", took)


def test_looking_closely_at_the_picture_shows_the_cloth(shop):
    for _ in range(2):
        shop.hover(".picture")
        shop.wait_for_timeout(800)
        shop.hover("h1")

    deciding(shop, "Looks closely")
    assert "closeup.svg" in shop.locator(".picture img").get_attribute("src")


def test_buying_says_thank_you_and_takes_the_buttons_away(shop):
    shop.click("[data-buy]")

    deciding(shop, "Bought today")
    assert headline(shop).startswith("Thank you")
    assert not shop.locator("[data-buy]").is_visible()


def test_a_slow_phone_gets_the_plain_page_and_is_believed_back(shop):
    shop.click("[data-cta]")
    deciding(shop, "High intent")

    shop.locator("[data-slow]").check()
    deciding(shop, "No swap")
    assert headline(shop) == "The Harbour Coat"

    shop.locator("[data-slow]").uncheck()
    deciding(shop, "High intent")


def test_a_low_trust_device_gets_the_plain_page(shop):
    shop.locator("[data-low-trust]").check()

    deciding(shop, "No swap")


def test_the_size_chart_opens_and_tags_the_visitor(shop):
    assert not shop.locator("#chart").is_visible()

    shop.click("[data-size-chart]")

    assert shop.locator("#chart").is_visible()
    shop.locator("[data-tags]", has_text="size-checker").wait_for()


@pytest.mark.parametrize("width", [390, 1440])
def test_the_size_chart_opens_where_it_can_be_seen(shop, width):
    shop.set_viewport_size({"width": width, "height": 844})

    shop.click("[data-size-chart]")

    shop.locator("[data-sent]", has_text="Size Chart Opened").wait_for()
    expect(shop.locator("#chart")).to_be_in_viewport(ratio=1)


def test_buying_closes_the_size_chart(shop):
    shop.click("[data-size-chart]")

    shop.click("[data-buy]")

    deciding(shop, "Bought today")
    assert not shop.locator("#chart").is_visible()


def test_the_bag_is_kept_over_a_reload(shop):
    shop.click("[data-cta]")
    deciding(shop, "High intent")

    shop.reload()

    deciding(shop, "High intent")
    assert shop.locator("[data-bag]").inner_text() == "1"


def test_scrolling_counts_towards_intent(shop):
    scroll(shop, 1)

    shop.locator("[data-sent]", has_text="Page Scrolled").wait_for()
    expect(shop.locator(".panel [data-score]")).to_have_text(re.compile(r"^\s*(0\.2\d*[1-9]|0\.[3-9]|1)"))


def test_starting_over_is_someone_new(shop):
    shop.click("[data-cta]")
    deciding(shop, "High intent")

    shop.click("[data-start-over]")

    deciding(shop, "Low intent")
    shop.locator("[data-tags]", has_text="none yet").wait_for()


def test_a_server_that_is_gone_leaves_the_page_as_it_is(signpost, browser_page):
    browser_page.goto(f"{signpost.url}/demo/")
    deciding(browser_page, "Low intent")
    before = headline(browser_page)

    browser_page.route("**/v1/decide", lambda route: route.abort())
    browser_page.click("[data-cta]")

    browser_page.locator("[data-notice]", has_text="The page stays as it is").wait_for()
    assert headline(browser_page) == before


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_nothing_sticks_out_sideways(shop, width):
    shop.set_viewport_size({"width": width, "height": 844})

    assert shop.evaluate("document.documentElement.scrollWidth") == width


def test_the_panel_tells_of_demo_visitors_only(signpost, browser_page):
    def status(visitor: str) -> int:
        return browser_page.request.get(f"{signpost.url}/demo/panel", params={"anonymous_id": visitor}).status

    assert status("demo-abc") == 200
    assert status("ada") == 400
    assert status("demo-abc:../x") == 400
    assert status("") == 400
