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


def test_every_models_list_and_forms_open(admin, signpost):
    said: list[str] = []
    admin.on("console", lambda message: said.append(f"{admin.url}: {message.text}") if message.type == "error" else None)
    lists = [link.get_attribute("href") for link in admin.locator("th[scope=row] a").all()]
    assert len(lists) >= 15

    opened = [_open(admin, signpost.url + address) for address in dict.fromkeys(lists)]

    assert said == []
    assert sum(opened) > len(lists)


def _open(page: Page, address: str) -> int:
    """The list, its first object and its form for a new one, as far as the model has them; how many pages that made."""
    _visit(page, address)
    first = page.locator("#result_list tbody th a").first
    links = [first.get_attribute("href")] if first.count() else []
    add = page.locator(".object-tools a.addlink").first
    links += [add.get_attribute("href")] if add.count() else []
    for link in links:
        _visit(page, page.evaluate("link => new URL(link, location.href).href", link))
    return 1 + len(links)


def _visit(page: Page, address: str) -> None:
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == 200, f"{address} answered {answer.status}"
    assert page.locator("#content").count() == 1


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

    deadline = time.monotonic() + 10
    while _reminder(signpost)["number"] != before["number"] + 1:
        assert time.monotonic() < deadline, "the release did not go live in 10 s"
        time.sleep(0.02)


def _reminder(signpost: System) -> dict:
    key = signpost.keys["checkout"]["secret"]
    body = {"user_id": "nobody-in-particular", "placements": ["checkout-reminder"]}
    answer = httpx.post(f"{signpost.url}/v1/decide", headers={"Authorization": f"Bearer {key}"}, json=body)
    return dict(answer.json()["release"])
