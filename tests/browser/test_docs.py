"""The API's page in a real browser: a link to a shape shows the shape."""

from __future__ import annotations

from playwright.sync_api import expect


def test_a_link_to_a_shape_opens_it_also_when_it_was_closed_again(signpost, browser_page):
    browser_page.goto(f"{signpost.url}/v1/docs")
    link, shape = browser_page.locator("a[href='#DecideRequest']").first, browser_page.locator("#DecideRequest pre")
    expect(shape).not_to_be_visible()

    link.click()
    expect(shape).to_be_visible()
    browser_page.locator("#DecideRequest summary").click()
    expect(shape).not_to_be_visible()
    link.click()

    expect(shape).to_be_visible()
