"""Every page of the admin in a real browser: it opens, says nothing on the console and breaks no security policy."""

from __future__ import annotations

import time

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.system import System


@pytest.fixture
def admin(browser_page: Page, signpost: System) -> Page:
    browser_page.goto(f"{signpost.url}/admin/")
    browser_page.fill("#id_username", signpost.admin["username"])
    browser_page.fill("#id_password", signpost.admin["password"])
    browser_page.click("[type=submit]")
    expect(browser_page.get_by_role("heading", name="Today")).to_be_visible()
    return browser_page


def test_a_wrong_password_is_refused(browser_page, signpost):
    browser_page.goto(f"{signpost.url}/admin/")
    browser_page.fill("#id_username", signpost.admin["username"])
    browser_page.fill("#id_password", "wrong")
    browser_page.click("[type=submit]")

    expect(browser_page.locator(".errornote")).to_be_visible()


def test_a_changed_template_goes_live_with_the_next_release(admin, signpost):
    before = _reminder(signpost)
    admin.goto(f"{signpost.url}/admin/rules/template/?workspace=checkout")
    admin.locator("#result_list tbody th a").first.click()
    admin.get_by_label("Description").fill(f"Changed after release {before['number']}")
    admin.get_by_role("button", name="Save draft", exact=True).click()
    admin.goto(f"{signpost.url}/admin/")
    admin.locator("a[href*=workspace][href$='/publish/']").nth(2).click()
    admin.get_by_label("Why").fill("A browser test")
    admin.get_by_role("button", name="Publish").click()
    expect(admin.locator(".messagelist")).to_contain_text(f"{before['number'] + 1}")

    deadline = time.monotonic() + 30
    while _reminder(signpost)["number"] != before["number"] + 1:
        assert time.monotonic() < deadline, "the release did not go live in 30 s"
        time.sleep(0.02)


def _reminder(signpost: System) -> dict:
    key = signpost.keys["checkout"]["secret"]
    body = {"user_id": "nobody-in-particular", "placements": ["checkout-reminder"]}
    answer = httpx.post(f"{signpost.url}/v1/decide", headers={"Authorization": f"Bearer {key}"}, json=body)
    return dict(answer.json()["release"])
