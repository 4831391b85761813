"""Every page: axe-core finds nothing serious in light and dark, the console says nothing, the security policy refuses nothing."""

from __future__ import annotations

from urllib.parse import urlsplit

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
ALIKE = {"/admin/rules/trait/", "/admin/rules/contextattribute/", "/admin/rules/purpose/", "/admin/auth/group/"}
"""Lists that look as others do, of things whose forms do."""
NOT_OURS = "docs"
"""The reference of the API is drawn by somebody else's script; what it lacks is not ours to mend."""


@pytest.fixture
def watched(browser):
    """A page and what its console says. `browser_page` would count what axe-core says too: the policy refuses styles that it tries on."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page, said
    context.close()


def test_no_page_has_a_serious_finding_in_light_or_dark_or_says_anything_on_the_console(watched, signpost):
    page, said = watched
    sign_in(page, signpost.url, signpost.admin)
    lists = {link.get_attribute("href") for link in page.locator("#content th[scope=row] a").all()}
    left = lists - {urlsplit(address.partition(" > ")[0]).path for address in PAGES.values()}
    assert len(lists) > 15
    assert left == {*ALIKE}

    found = []
    for name, address in PAGES.items():
        page.emulate_media(color_scheme="light")
        open_page(page, signpost.url, address)
        found += [f"{name}: the console says {text}" for text in said]
        if name != NOT_OURS:
            found += _serious(page, name, OPTIONS)
            page.emulate_media(color_scheme="dark")
            found += _serious(page, f"{name} in the dark", IN_THE_DARK)
        said.clear()

    assert not found, "\n".join(found)


def test_the_pages_that_ask_first_and_the_offer_to_undo_are_accessible(watched, signpost):
    page, _ = watched
    sign_in(page, signpost.url, signpost.admin)
    found = []

    open_page(page, signpost.url, PAGES["rules"])
    page.locator("[data-outline] input[name=chosen]").first.check()
    page.get_by_role("button", name="Remove…").click()
    page.get_by_role("button", name="Draft the removal").wait_for()
    found += _serious(page, "removing rules", OPTIONS)

    open_page(page, signpost.url, f"{PAGES['segments']}?workspace=homepage")
    page.locator("input.action-select").first.check()
    page.locator("select[name=action]").first.select_option("remove_selected")
    page.locator("button[name=index]").first.click()
    page.get_by_role("button", name="Draft the removal").wait_for()
    found += _serious(page, "removing segments", OPTIONS)
    page.get_by_role("button", name="Draft the removal").click()
    page.get_by_role("button", name="Undo", exact=True).wait_for()
    found += _serious(page, "what can be undone", OPTIONS)
    page.get_by_role("button", name="Undo", exact=True).click()
    page.get_by_role("button", name="Do again", exact=True).wait_for()

    assert not found, "\n".join(found)


def _serious(page: Page, name: str, options: dict) -> list[str]:
    found = []
    for violation in Axe().run(page, options=options).response["violations"]:
        if violation["impact"] in {"serious", "critical"}:
            places = "\n    ".join(node["html"][:160] for node in violation["nodes"][:3])
            found.append(f"{name}: {violation['id']}, {len(violation['nodes'])} places:\n    {places}")
    return found
