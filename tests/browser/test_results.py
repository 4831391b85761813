"""What became of decisions, and documents in and out, in a real browser on the whole system."""

from __future__ import annotations

import json
import time

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_admin import admin  # noqa: F401  the fixture
from tests.system import System

PLACEMENT = "progress-message"


@pytest.fixture
def ask(signpost: System) -> httpx.Client:
    key = signpost.keys["academy"]["secret"]
    with httpx.Client(base_url=signpost.url, headers={"Authorization": f"Bearer {key}"}) as client:
        yield client


def test_a_click_in_an_app_is_on_the_placements_page_of_results(admin: Page, signpost: System, ask: httpx.Client):  # noqa: F811
    for number in range(4):
        body = {"user_id": f"clicker-{number}", "placements": [PLACEMENT]}
        [decision] = ask.post("/v1/decide", json=body).json()["decisions"]
        if number == 0:
            clicked = {"userId": "clicker-0", "event": "Decision Clicked", "properties": {"decision_id": decision["decision_id"]}}
            assert ask.post("/v1/track", json=clicked).status_code == 200
    admin.goto(f"{signpost.url}/admin/rules/placement/?workspace=academy")
    admin.locator("#result_list tbody th a").first.click()
    admin.get_by_role("link", name="Results", exact=True).click()
    events = admin.get_by_role("region", name="What users did next")

    deadline = time.monotonic() + 30
    while not events.get_by_role("row", name="Decision Clicked").count():
        assert time.monotonic() < deadline, "the click was not counted in 30 s"
        admin.wait_for_timeout(500)
        admin.reload()

    expect(events.get_by_role("row", name="Decision Clicked")).to_contain_text("click")
    expect(admin.get_by_role("img", name="Decisions over time")).to_be_visible()
    admin.get_by_text("The same as a table").click()
    expect(admin.get_by_role("columnheader", name="decided by a rule")).to_be_visible()


def test_a_document_goes_out_is_looked_at_in_words_and_comes_in_as_drafts(admin: Page, signpost: System):  # noqa: F811
    admin.goto(f"{signpost.url}/admin/rules/workspace/?q=academy")
    admin.locator("#result_list tbody th a").first.click()
    admin.get_by_role("link", name="Import and export").click()
    with admin.expect_download() as download:
        admin.get_by_role("link", name="My working copy").click()
    document = json.loads(download.value.path().read_text())
    document["templates"].append({"key": "from-a-document", "name": "From a document", "body": "Hello\nagain"})

    admin.get_by_label("Or the document itself").fill(json.dumps(document, indent=2))
    admin.get_by_role("button", name="Look what it would change").click()
    expect(admin.get_by_role("row", name="template from-a-document")).to_contain_text("added")
    admin.get_by_role("button", name="Take it in as my drafts").click()

    expect(admin.locator(".messagelist")).to_contain_text("1 added, 0 changed, 0 removed")
    admin.goto(f"{signpost.url}/admin/")
    expect(admin.get_by_role("region", name="Your drafts")).to_contain_text("From a document")
    conflicts = admin.locator(".card", has_text="Academy").get_by_role("link", name="Conflicts")
    expect(conflicts).to_contain_text("1")
    conflicts.click()
    row = admin.get_by_role("region", name="Not used").get_by_role("row", name="From a document")
    row.get_by_role("link").click()
    admin.get_by_role("button", name="Discard my draft").click()
    expect(admin.get_by_role("heading", name="Discard your draft?")).to_be_visible()
    admin.get_by_role("button", name="Discard my draft").click()
    expect(admin.locator(".messagelist")).to_contain_text("Discarded: From a document")
