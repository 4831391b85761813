"""Open forms in a real browser: what is typed survives a closed tab, and two people in one form see each other."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect

from rules import services
from rules.models import Autosave, Draft
from tests.admin_ui.conftest import address, anna, pages, shop  # noqa: F401  fixtures
from tests.browser.test_accessibility import OPTIONS
from tests.rules.conftest import BEN, NOW

pytestmark = pytest.mark.django_db(transaction=True)
LOOK_AGAIN = "document.dispatchEvent(new Event('visibilitychange'))"


def signed_in(context: BrowserContext, client: Client, url: str) -> Page:
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}])
    return context.new_page()


def test_what_is_typed_survives_a_closed_tab_and_becomes_the_draft_once_it_is_saved(browser_page, live_server, pages, valkey):  # noqa: F811
    there = live_server.url + address("rule", "bought")
    first = signed_in(browser_page.context, pages, live_server.url)
    first.goto(there)
    first.locator("#id_name").fill("Bought something late")
    first.get_by_role("button", name="Add a condition").first.click()
    expect(first.locator("[data-kept]")).to_contain_text("not in your draft yet")
    first.locator("#id_name").fill("Bought something lately")
    first.close(run_before_unload=False)  # within a second of the last key: it goes with the page

    page = signed_in(browser_page.context, pages, live_server.url)
    page.goto(there)
    offer = page.get_by_role("region", name="What you typed before")
    expect(offer).to_contain_text("You were editing this less than a minute ago")
    page.get_by_label("Description").fill("x")
    expect(page.locator("[data-kept]")).to_contain_text("is not kept until you choose")
    offer.get_by_role("link", name="Continue").click()
    expect(page.locator("#id_name")).to_have_value("Bought something lately")
    expect(page.get_by_role("treeitem")).to_have_count(3)
    expect(page.locator("[data-kept]")).to_contain_text("Kept at")
    assert "x" not in parse_qs(Autosave.objects.get().typed).get("description", [])

    page.get_by_role("treeitem").last.focus()
    page.keyboard.press("Delete")
    page.get_by_role("button", name="Save draft and stay").click()
    expect(page.locator(".messagelist")).to_contain_text("is saved")
    expect(page.locator("[data-choice]")).to_have_count(0)
    assert Draft.objects.get().body["name"] == "Bought something lately"

    page.locator("#id_name").fill("Something else")
    expect(page.locator("[data-kept]")).to_contain_text("Kept at")
    page.reload()
    page.get_by_role("button", name="Discard it").click()
    expect(page.locator("[data-choice]")).to_have_count(0)
    page.reload()
    expect(page.locator("#id_name")).to_have_value("Bought something lately")
    expect(page.locator("[data-choice]")).to_have_count(0)


def test_enter_in_a_field_saves_though_the_page_has_other_buttons_before(browser_page, live_server, pages):  # noqa: F811
    services.save_draft("shop", kind="rule", key="bought", body={"name": "Ben's", "placement": "banner"}, author=BEN, now=NOW)
    page = signed_in(browser_page.context, pages, live_server.url)
    page.goto(live_server.url + address("rule", "bought"))
    expect(page.get_by_role("button", name="Start mine from it")).to_be_visible()

    page.locator("#id_name").fill("Mine")
    page.keyboard.press("Enter")

    expect(page.locator(".messagelist")).to_contain_text("Your draft of rule Mine (bought) is saved")
    assert Draft.objects.exclude(author_id=BEN.id).get().body["name"] == "Mine"


def test_two_people_in_one_form_see_each_other_and_what_the_other_saved(
    browser,
    browser_page,
    live_server,
    pages,  # noqa: F811
    django_user_model,
    valkey,
):
    paula = django_user_model.objects.create_superuser("paula", first_name="Paula")
    her_client = Client()
    her_client.force_login(paula)
    there = live_server.url + address("threshold", "long")
    mine = signed_in(browser_page.context, pages, live_server.url)
    mine.goto(there)
    context = browser.new_context(bypass_csp=True)  # axe sets styles of its own
    hers = signed_in(context, her_client, live_server.url)
    hers.goto(there)

    expect(hers.get_by_text("anna is editing this too, since")).to_be_visible()
    mine.evaluate(LOOK_AGAIN)
    expect(mine.get_by_text("Paula is editing this too, since")).to_be_visible()

    hers.locator("#id_value").fill("1")
    expect(hers.locator("[data-kept]")).to_contain_text("Kept at")
    hers.reload()
    expect(hers.locator("[data-choice]")).to_be_visible()
    found = Axe().run(hers, options=OPTIONS).response["violations"]
    assert [one["id"] for one in found if one["impact"] in {"serious", "critical"}] == []
    hers.get_by_role("link", name="Continue").click()
    hers.get_by_role("button", name="Save draft", exact=True).click()
    hers.wait_for_url("**/threshold/*")
    services.submit("shop", reason="shorter", now=NOW, author=paula)
    context.close()
    mine.locator("#id_value").fill("900")
    mine.evaluate(LOOK_AGAIN)
    expect(mine.get_by_text("While this was open: Paula made version 2")).to_be_visible()
    expect(mine.get_by_text("Paula is editing")).to_be_hidden()
    mine.get_by_role("button", name="Save mine and see both sides").click()

    expect(mine.get_by_role("region", name="Paula made version 2 after you began")).to_contain_text("Theirs")
    assert Draft.objects.get().body == {"value": 900}
