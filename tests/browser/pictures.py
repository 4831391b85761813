"""Takes pictures of the running copy's pages: all of them into shots/ (not kept), the README's few into docs/pictures.

`make pictures` beside a running `python3 start.py`, once `python3 start.py test` has installed what drives a browser. At 1440 and 390
pixels, light and dark; the README's are 1440, light.
"""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.pages import PAGES, open_page, sign_in
from tests.conftest import BROWSER_FLAGS, browser_binary

ROOT = Path(__file__).resolve().parents[2]
OF_THE_README = ("demo", "overview", "rules", "rule")


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
    sign_in(page, dev["url"], dev["admin"])
    page.get_by_role("button", name="No, thanks").click()  # to the tour, which is no part of the first page's picture
    for name, address in PAGES.items():
        open_page(page, dev["url"], address)
        if name == "demo":
            page.get_by_role("button", name="Add to bag").click()
        page.wait_for_timeout(500)  # not until the network is idle: the demo never is
        page.screenshot(path=ROOT / "shots" / f"{name.replace(' ', '-')}-{width}-{scheme}.png", full_page=True)
        if name in OF_THE_README and (width, scheme) == (1440, "light"):
            page.screenshot(path=ROOT / "docs" / "pictures" / f"{name}.png")


if __name__ == "__main__":
    main()
