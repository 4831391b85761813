"""How long a real browser takes until a page can be used, from asking for it: until its script has drawn what it draws."""

from __future__ import annotations

import statistics
import time

from playwright.sync_api import Page, sync_playwright

from tests.benchmarks.pages.asking import GOAL, pages
from tests.browser.pages import sign_in
from tests.conftest import BROWSER_FLAGS, browser_binary

TIMES = 5
USABLE = {
    "list: rules, as a tree": "form[data-outline] li[data-key]",
    "editor: rule": "rule-builder.rb-ready",
    "editor: template": "textarea[name=body]",
}
"""What has to be there, of the pages that are looked at."""


def measure(url: str, account: dict[str, str]) -> list[str]:
    """As asking's."""
    missed = []
    print("in a browser, until it can be used:")
    asked = pages()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_binary() or playwright.chromium.executable_path, args=BROWSER_FLAGS)
        page = browser.new_page()
        sign_in(page, url, account)
        for name, ready in USABLE.items():
            found = [_took(page, url + asked[name], ready) for _ in range(TIMES)]
            over = max(found) >= GOAL
            missed += [f"{name} in a browser"] if over else []
            late = f"  MORE THAN {GOAL * 1000:.0f} ms" if over else ""
            p50, worst = statistics.median(found[1:]) * 1000, max(found[1:]) * 1000
            print(f"{name:42} p50 {p50:7.0f} ms  worst {worst:7.0f} ms  first {found[0] * 1000:7.0f} ms{late}", flush=True)
        browser.close()
    return missed


def _took(page: Page, address: str, ready: str) -> float:
    started = time.perf_counter()
    page.goto(address)
    page.locator(ready).first.wait_for()
    return time.perf_counter() - started
