"""Every page: axe-core finds nothing serious in light and dark, the console says nothing, the security policy refuses nothing."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.pages import PAGES, open_page, sign_in

OPTIONS = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "resultTypes": ["violations"],
}
IN_THE_DARK = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}, "resultTypes": ["violations"]}
"""What another scheme of colours can change."""
OURS = {name: address for name, address in PAGES.items() if name != "docs"}
"""The reference of the API is drawn by somebody else's script; what it lacks is not ours to mend."""


@pytest.fixture
def axes_page(browser):
    """Without the security policy: axe sets styles of its own while it looks at colours."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, bypass_csp=True)
    yield context.new_page()
    context.close()


def test_axe_finds_nothing_serious_on_any_page_light_or_dark(axes_page, signpost):
    sign_in(axes_page, signpost.url, signpost.admin)

    found = []
    for name, address in OURS.items():
        axes_page.emulate_media(color_scheme="light", reduced_motion="reduce")
        open_page(axes_page, signpost.url, address)
        found += _serious(axes_page, name, OPTIONS)
        axes_page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        found += _serious(axes_page, f"{name} in the dark", IN_THE_DARK)

    assert not found, "\n".join(found)


def _serious(page: Page, name: str, options: dict) -> list[str]:
    found = []
    for violation in Axe().run(page, options=options).response["violations"]:
        if violation["impact"] in {"serious", "critical"}:
            places = "\n    ".join(node["html"][:160] for node in violation["nodes"][:3])
            found.append(f"{name}: {violation['id']}, {len(violation['nodes'])} places:\n    {places}")
    return found


def test_no_page_says_anything_on_the_console(browser_page, signpost):
    said: list[str] = []
    browser_page.on("console", lambda message: said.append(f"{browser_page.url}: {message.text}") if message.type == "error" else None)
    sign_in(browser_page, signpost.url, signpost.admin)
    for address in PAGES.values():
        open_page(browser_page, signpost.url, address)

    assert said == []
