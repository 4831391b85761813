"""How long a real browser takes until a page can be used, and until what somebody does on it is done."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from playwright.sync_api import Page, sync_playwright

from tests.benchmarks.pages.asked import GOAL, pages
from tests.browser.pages import sign_in
from tests.conftest import BROWSER_FLAGS, browser_binary

TIMES = 7
USABLE = {
    "list: rules, as a tree": "form[data-outline].is-live li[data-key]",
    "editor: rule": "rule-builder.rb-ready",
    "editor: template": "textarea[name=body]",
    "conflicts": "#found, [data-later]",
}
"""What has to be there, of the pages that are looked at."""
MOVED = "rule-0310"


def measure(url: str, account: dict[str, str]) -> list[str]:
    """As asking's."""
    missed = []
    print("in a browser, until it can be used:")
    asked = {name: url + one.address for name, one in pages().items()}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_binary() or playwright.chromium.executable_path, args=BROWSER_FLAGS)
        page = browser.new_page()
        sign_in(page, url, account)
        acts: dict[str, Callable[[int], None]] = {name: _open(page, asked[name], ready) for name, ready in USABLE.items()}
        for name, act in acts.items():
            missed += _told(name, [_took(act, number) for number in range(TIMES)])
        page.goto(asked["list: rules, as a tree"])
        missed += _told("a rule moved by a key", [_rested(page, _move, number) for number in range(TIMES)])
        page.goto(asked["editor: rule"])
        missed += _told("a rule saved", [_rested(page, _save, number) for number in range(TIMES)])
        browser.close()
    return missed


def _told(name: str, found: list[float]) -> list[str]:
    over = max(found) >= GOAL
    late = f"  MORE THAN {GOAL * 1000:.0f} ms" if over else ""
    p50, worst = statistics.median(found[1:]) * 1000, max(found[1:]) * 1000
    print(f"{name:42} p50 {p50:7.0f} ms  worst {worst:7.0f} ms  first {found[0] * 1000:7.0f} ms{late}", flush=True)
    return [f"{name} in a browser"] if over else []


def _took(act: Callable[[int], None], number: int) -> float:
    started = time.perf_counter()
    act(number)
    return time.perf_counter() - started


def _rested(page: Page, act: Callable[[Page, int], None], number: int) -> float:
    """As somebody who reads before the next act: once all that the page asks for a moment later has come."""
    page.wait_for_timeout(1_000)
    page.wait_for_load_state("networkidle")
    return _took(lambda number: act(page, number), number)


def _open(page: Page, address: str, ready: str) -> Callable[[int], None]:
    def act(_: int) -> None:
        page.goto(address, wait_until="commit")
        page.locator(ready).first.wait_for()

    return act


def _move(page: Page, number: int) -> None:
    """Down and up again, until the page says so and the rule has the focus back."""
    page.locator(f'[data-key="{MOVED}"] .rule-name').first.focus()
    page.keyboard.press("Alt+ArrowUp" if number % 2 else "Alt+ArrowDown")
    page.locator(".outline-said", has_text="Moved up" if number % 2 else "Moved down").wait_for()
    page.locator(f'[data-key="{MOVED}"] .rule-name:focus').first.wait_for()


def _save(page: Page, number: int) -> None:
    """With Ctrl+S, which saves and stays, until the page that says so can be used."""
    page.locator("#id_name").fill(f"Rule 300, {number}")
    page.keyboard.press("Control+s")
    page.locator(".messagelist", has_text="is saved").wait_for()
    page.locator("rule-builder.rb-ready").first.wait_for()
