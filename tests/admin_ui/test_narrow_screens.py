"""The pages on a telephone, in light and dark: nothing is wider than the screen, and the colours are ours."""

from __future__ import annotations

from io import StringIO
from uuid import UUID

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import expect

from decisioning.models import DecisionRecord
from rules import services
from tests.admin_ui.conftest import address

pytestmark = pytest.mark.django_db(transaction=True)
LISTS = ["/admin/", "/admin/rules/rule/", "/admin/rules/release/", "/admin/rules/auditevent/", "/admin/rules/apikey/add/"]
HISTORY = "/admin/history/"


@pytest.fixture
def telephone(browser_page, live_server, pages):
    """A narrow browser window, signed in as Anna."""
    browser_page.set_viewport_size({"width": 390, "height": 844})
    browser_page.context.add_cookies([{"name": "sessionid", "value": pages.cookies["sessionid"].value, "url": live_server.url}])
    return browser_page


def test_the_buttons_of_the_outline_are_one_row_that_stays_in_sight_and_can_be_reached_by_keys(telephone, live_server):
    telephone.goto(f"{live_server.url}/admin/rules/rule/?workspace=shop")
    tools = telephone.locator(".outline-tools")
    assert tools.bounding_box()["height"] < 64

    telephone.get_by_role("button", name="Remove…").focus()
    telephone.mouse.wheel(0, 300)

    expect(telephone.get_by_role("button", name="Remove…")).to_be_in_viewport(ratio=1)
    telephone.get_by_text("Add a rule…").click()
    expect(telephone.get_by_label("Name", exact=True)).to_be_in_viewport(ratio=1)


def test_no_page_is_wider_than_a_telephone(telephone, live_server):
    wide = []
    for there in [
        *LISTS,
        HISTORY,
        *(
            address(kind, key)
            for kind, key in (("rule", "bought"), ("template", "loyal"), ("segment", "regulars"), ("placement", "banner"))
        ),
        address("placement", "banner", "table"),
    ]:
        telephone.goto(live_server.url + there)
        if telephone.evaluate("document.documentElement.scrollWidth") > 390:
            wide.append(there)

    assert wide == []


def test_a_workspace_is_chosen_by_keys_in_a_header_that_is_no_higher_for_it(telephone, live_server):
    height = "document.querySelector('#header').offsetHeight"
    telephone.goto(f"{live_server.url}/admin/rules/tag/")
    before = telephone.evaluate(height)
    services.create_workspace("bank", name="The bank with a name that is longer than a telephone is wide", now=timezone.now())
    telephone.reload()
    assert telephone.evaluate(height) == before

    chosen = telephone.locator(".switcher summary")
    chosen.focus()
    telephone.keyboard.press("Enter")
    bank = telephone.locator(".switcher").get_by_role("button", name="The bank")
    expect(bank).to_be_in_viewport(ratio=1)
    telephone.keyboard.press("Escape")
    expect(bank).to_be_hidden()
    expect(chosen).to_be_focused()
    telephone.keyboard.press("Enter")
    telephone.keyboard.press("Tab")
    expect(bank).to_be_focused()
    telephone.keyboard.press("Enter")

    telephone.wait_for_url("**/admin/rules/tag/?workspace=bank")
    expect(chosen).to_contain_text("The bank")
    assert telephone.evaluate("document.documentElement.scrollWidth") == 390
    assert telephone.evaluate(height) == before


@pytest.fixture
def looked_at(pages):
    """One decision in the archive with names as long as they come, and history verified."""
    now = timezone.now()
    names = {"placement": "home-banner-above-the-fold", "rule": "came-back-within-a-week", "template": "welcome-back-with-name"}
    common = {"workspace": "shop", "user": f"u:{UUID(int=7)}", "release": 1, "outcome": "matched", "reason": "rule", "rule_version": 12}
    DecisionRecord.objects.create(decision_id=UUID(int=1), at=now, evaluated_at=now, **common, **names)
    call_command("verify_history", stdout=StringIO())


def test_decisions_and_chains_are_cards_on_a_telephone(telephone, live_server, looked_at):
    """Not tables that are cut off at the edge, to be scrolled sideways."""
    for there, box in (("/admin/decisioning/decisionrecord/", "div.results"), (HISTORY, "#chains ~ .scroll")):
        telephone.goto(live_server.url + there)
        within = telephone.locator(box)

        assert within.evaluate("box => box.scrollWidth - box.clientWidth") == 0, there


@pytest.mark.parametrize(("scheme", "paper"), [("light", "rgb(246, 247, 245)"), ("dark", "rgb(18, 22, 21)")])
def test_pages_follow_the_systems_light_and_dark(telephone, live_server, scheme, paper):
    telephone.emulate_media(color_scheme=scheme)
    telephone.goto(f"{live_server.url}/admin/rules/rule/")

    assert telephone.evaluate("getComputedStyle(document.body).backgroundColor") == paper
