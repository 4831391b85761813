"""Takes pictures of the running copy's pages: all of them into shots/ (not kept), the README's few into docs/pictures.

`make pictures` after `python3 start.py`. At 1440 and 390 pixels, light and dark; the README's are 1440, light.
"""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import BROWSER_FLAGS, browser_binary

ROOT = Path(__file__).resolve().parents[2]
PAGES = {
    "demo": "/demo/",
    "docs": "/v1/docs",
    "overview": "/admin/",
    "rules": "/admin/rules/rule/?workspace=homepage",
    "rule": "first of /admin/rules/rule/?workspace=homepage",
    "template": "first of /admin/rules/template/?workspace=homepage",
    "segments": "/admin/rules/segment/",
    "placement": "first of /admin/rules/placement/?workspace=homepage",
    "score": "first of /admin/rules/score/?workspace=apparel",
    "publish": "/admin/rules/workspace/1/publish/",
    "release": "first of /admin/rules/release/",
    "decisions": "/admin/decisioning/decisionrecord/",
}
OF_THE_README = ("demo", "overview", "rule")


def main() -> None:
    dev = json.loads((ROOT / ".data" / "dev.json").read_text())
    (ROOT / "shots").mkdir(exist_ok=True)
    (ROOT / "docs" / "pictures").mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_binary() or playwright.chromium.executable_path, args=BROWSER_FLAGS)
        for scheme in ("light", "dark"):
            for width in (1440, 390):
                _take(browser, dev, scheme, width)
        browser.close()


def _take(browser: Browser, dev: dict, scheme: str, width: int) -> None:
    page = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme).new_page()
    page.goto(f"{dev['url']}/admin/login/")
    page.fill("#id_username", dev["admin"]["username"])
    page.fill("#id_password", dev["admin"]["password"])
    page.click("[type=submit]")
    for name, address in PAGES.items():
        _open(page, dev["url"], address)
        page.screenshot(path=ROOT / "shots" / f"{name}-{width}-{scheme}.png", full_page=True)
        if name in OF_THE_README and (width, scheme) == (1440, "light"):
            page.screenshot(path=ROOT / "docs" / "pictures" / f"{name}.png")


def _open(page: Page, url: str, address: str) -> None:
    first = address.startswith("first of ")
    page.goto(url + address.removeprefix("first of "))
    if first:
        page.locator("#result_list tbody th a").first.click()
    if address == "/demo/":
        page.get_by_role("button", name="Add to bag").click()
    page.wait_for_timeout(1000)  # not until the network is idle: the demo never is


if __name__ == "__main__":
    main()
