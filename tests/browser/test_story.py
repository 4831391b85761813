"""MISSION row 15 by keyboard alone: the homepage's tree, from no workspace at all to live, back again, and read in the audit log."""

from __future__ import annotations

import re
import time
from typing import Any

import httpx
from playwright.sync_api import expect

from tests.browser.keyboard import Keyboard

RULE = "Bought within the last week (bought-within-the-last-week)"
TOLD = (
    "Paul Publisher rolled back to release 1 with release 3: The banner is too loud",
    "Paul Publisher published release 2: Thank those who bought",
    f"Rosa Reviewer approved rule {RULE} v1 by Ada Author.",
    f"Ada Author submitted rule {RULE} v1: Thank those who bought",
    f"Ada Author began a draft of a new rule {RULE}.",
)
BANNERS = {"generic": "Welcome to our shop", "loyalty": "Good to have you back", "related": "More of what you looked at"}


def test_the_homepage_tree_is_made_tried_approved_published_and_rolled_back_by_keyboard_alone(browser_page, signpost):
    """No mouse, and no address typed but the first. Tags and answers are the real ones: events and decisions go over HTTP."""
    keys, workspace, people = Keyboard(browser_page), f"story-{time.time_ns()}", signpost.dev["people"]
    browser_page.goto(f"{signpost.url}/admin/")

    keys.sign_in(signpost.admin)
    shop = Shop(signpost.url, an_empty_workspace_and_its_key(keys, workspace))
    keys.sign_out()

    keys.sign_in(people["author"])
    templates(keys, workspace)
    placement(keys)
    sent_for_review(keys, "What everybody sees", 4)
    keys.sign_out()
    reviewed_and_published(keys, people, workspace, "What everybody sees", 1)
    shop.is_visited()
    shop.shows(1, buyer="generic", browser="generic", stranger="generic")

    keys.sign_in(people["author"])
    what_is_known_of_users(keys, workspace)
    rules(keys, workspace)
    tried(keys)
    sent_for_review(keys, "Thank those who bought", 5)
    keys.sign_out()
    reviewed_and_published(keys, people, workspace, "Thank those who bought", 2)
    shop.is_visited()
    shop.shows(2, buyer="loyalty", browser="related", stranger="generic")

    keys.sign_in(people["publisher"])
    rolled_back(keys, workspace)
    shop.shows(3, buyer="generic", browser="generic", stranger="generic")
    keys.sign_out()

    keys.sign_in(people["auditor"])
    read_in_the_audit_log(keys, workspace)


def an_empty_workspace_and_its_key(keys: Keyboard, workspace: str) -> str:
    with keys.step("makes a workspace"):
        keys.go("gw", "/workspace/")
        keys.go("n", "/workspace/add/")
        keys.write("Key:", workspace)
        keys.write("Name:", workspace)
        keys.to("checkbox", "Four eyes")
        keys.press("Space", "Enter")
        keys.ready("/workspace/")
    with keys.step("issues an API key"):
        keys.go("gk", "/apikey/")
        keys.go("n", "/apikey/add/")
        keys.choose("Workspace:", workspace)
        keys.choose("Kind:", "secret")
        keys.write("Label:", "the story")
        keys.enter("button", "Issue the key")
        issued = keys.page.locator(":focus")
        expect(issued).to_have_value(re.compile("^sk_"))
        return issued.input_value()


def new(keys: Keyboard, letters: str, kind: str, key: str, workspace: str = "") -> None:
    """The form of a new one, with its key and name. `workspace`: to be chosen first, where the page is of none yet."""
    keys.go(letters, f"/{kind}/")
    keys.go("n", f"/{kind}/add/")
    if workspace:
        keys.enter("link", workspace, exact=False)
        keys.ready(rf"/{kind}/add/\?workspace={workspace}")
    keys.write("Key:", key)
    keys.write("Name:", key)


def saved(keys: Keyboard, what: str) -> None:
    keys.press("Control+s")
    expect(keys.page.locator(".messagelist")).to_contain_text(f"Your draft of {what}")
    keys.ready("/change/")


def templates(keys: Keyboard, workspace: str) -> None:
    for key, words in BANNERS.items():
        with keys.step(f"writes the template {key}"):
            new(keys, "gt", "template", key, workspace if key == "generic" else "")
            keys.write("Body:", f"<h1>{words}</h1>", exact=False)
            saved(keys, f"template {key}")


def placement(keys: Keyboard) -> None:
    with keys.step("makes the placement"):
        new(keys, "gc", "placement", "home-banner")
        keys.choose("Kind of content:", "Formatted text")
        keys.choose("Otherwise show template:", "generic")
        saved(keys, "placement home-banner")


def what_is_known_of_users(keys: Keyboard, workspace: str) -> None:
    with keys.step("makes the tag"):
        new(keys, "gg", "tag", "recent-buyer", workspace)
        keys.write("Given by event:", "Order Completed")
        keys.write("Stays for:", "7d")
        saved(keys, "tag recent-buyer")
    with keys.step("makes the signal"):
        new(keys, "gi", "signal", "category_seconds")
        keys.write("Event:", "Category Browsed")
        keys.write("Value:", "properties.seconds")
        saved(keys, "signal category_seconds")
    with keys.step("makes the threshold"):
        new(keys, "ge", "threshold", "ten-minutes")
        keys.write("Value:", "600")
        saved(keys, "threshold ten-minutes")


def rules(keys: Keyboard, workspace: str) -> None:
    with keys.step("adds the rule for those who bought"):
        rule(keys, "Bought within the last week")
        condition(keys, "tags", "recent")
        keys.choose("Show template:", "loyalty")
        saved(keys, "rule")
    with keys.step("adds the rule for those who look around"):
        rule(keys, "More than ten minutes in a category")
        condition(keys, "category seconds", "ten", operator="is more than")
        keys.choose("Show template:", "related")
        saved(keys, "rule")
    with keys.step("reads the tree"):
        keys.go("gr", "/rule/")
        expect(keys.page.locator(".outline-placement")).to_contain_text(
            re.compile("If.*recent-buyer.*loyalty.*Else if.*ten-minutes.*related.*Else.*generic", re.DOTALL)
        )


def rule(keys: Keyboard, name: str) -> None:
    keys.go("gr", "/rule/")
    keys.past_the_menu()
    keys.to("summary", "Add a rule…")
    keys.press("Enter")
    keys.write("Name", name)
    keys.press("Enter")
    keys.ready("/rule/[0-9]+/change/")
    keys.past_the_menu()


def condition(keys: Keyboard, name: str, value: str, operator: str = "") -> None:
    keys.enter("button", "Add a condition")
    keys.type(name)
    keys.press("Enter")
    if operator:
        keys.choose("How to compare", operator)
        keys.choose("Compared with", "threshold")
    keys.to("combobox", "Threshold" if operator else "Value")
    keys.type(value)
    keys.press("Enter")


def sent_for_review(keys: Keyboard, why: str, count: int) -> None:
    with keys.step("sends all for review"):
        keys.go("gu", "/publish/")
        keys.past_the_menu()
        keys.write("Why", why)
        keys.enter("button", "Send drafts for review")
        expect(keys.page.locator(".messagelist")).to_contain_text(f"{count} versions now wait")
        keys.ready("/publish/")


def at_the_publishing_page(keys: Keyboard, workspace: str) -> None:
    keys.go("gr", "/rule/")
    keys.past_the_menu()
    keys.choose("Workspace", workspace)
    keys.enter("button", "Search")
    keys.ready(rf"/rule/\?.*workspace={workspace}.*")
    keys.go("gu", "/publish/")
    keys.past_the_menu()


def reviewed_and_published(keys: Keyboard, people: dict[str, dict[str, str]], workspace: str, why: str, number: int) -> None:
    keys.sign_in(people["reviewer"])
    with keys.step("approves what waits"):
        at_the_publishing_page(keys, workspace)
        for box in keys.page.get_by_role("checkbox", name=re.compile("^Tick ")).all():
            keys.to("checkbox", str(box.get_attribute("aria-label")))
            keys.press("Space")
        keys.enter("button", "Approve the ticked")
        expect(keys.page.locator(".messagelist")).to_contain_text("pproved")
        keys.ready("/publish/")
    keys.sign_out()
    keys.sign_in(people["publisher"])
    with keys.step("publishes"):
        at_the_publishing_page(keys, workspace)
        keys.write("Why", why)
        keys.enter("button", "Publish what is approved")
        expect(keys.page.locator(".messagelist")).to_contain_text(f"Release {number} of {workspace} is live.")
        keys.ready("/publish/")
    keys.sign_out()


def tried(keys: Keyboard) -> None:
    with keys.step("tries it as somebody who bought, and as somebody who looked around"):
        keys.go("gp", "/try/")
        keys.past_the_menu()
        keys.to("radio", "Facts I write")  # chosen already: there is no sample user yet
        keys.enter("button", "Show as text")
        keys.write("Facts", "tags = recent-buyer")
        answer = keys.page.locator("#answer")
        expect(answer).to_contain_text("Rule Bought within the last week wins.")
        keys.press("Control+a")
        keys.type("counts.category_seconds.7d = 601")
        expect(answer).to_contain_text("Rule More than ten minutes in a category wins.")
        keys.press("Control+a", "Delete")
        expect(answer).to_contain_text("No rule matched, so the fallback is shown.")
        keys.to("button", "Try")  # out of the field, where letters are text


def rolled_back(keys: Keyboard, workspace: str) -> None:
    with keys.step("rolls back"):
        keys.go("gl", "/release/")
        keys.past_the_menu()
        keys.enter("link", f"Release 1 of {workspace}", exact=False)
        keys.ready("/release/[0-9]+/change/")
        keys.enter("link", "Roll back", exact=False)
        keys.ready("/roll-back/")
        keys.write("Why", "The banner is too loud")
        keys.enter("button", "Roll back")
        expect(keys.page.locator(".messagelist")).to_contain_text("live")
        keys.ready("")


def read_in_the_audit_log(keys: Keyboard, workspace: str) -> None:
    with keys.step("reads the audit log"):
        keys.go("ga", "/auditevent/")
        log = keys.page.locator("#result_list")
        for sentence in TOLD:
            expect(log.get_by_role("link", name=sentence).filter(has_text=workspace).first).to_be_visible()


class Shop:
    """The app that sends events and asks what to show."""

    def __init__(self, url: str, key: str) -> None:
        self.client = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"})

    def is_visited(self) -> None:
        """By somebody who buys, and by somebody who looks around for more than ten minutes."""
        self.sends("buyer", "Order Completed", {"revenue": 40})
        self.sends("browser", "Category Browsed", {"seconds": 601})

    def sends(self, user: str, event: str, properties: dict[str, Any]) -> None:
        answer = self.client.post(
            "/v1/batch",
            json={
                "batch": [
                    {"type": "track", "userId": user, "event": event, "properties": properties, "messageId": f"{user}-{time.time_ns()}"}
                ]
            },
        )
        assert answer.status_code == 200, answer.text

    def shows(self, release: int, **wanted: str) -> None:
        """Waits until each user is shown this template by this release: events and releases take effect within moments."""
        deadline = time.monotonic() + 30
        while (found := {user: self._shown(user) for user in wanted}) != {
            user: (release, f"<h1>{BANNERS[key]}</h1>") for user, key in wanted.items()
        }:
            assert time.monotonic() < deadline, f"release {release} should show {wanted}, but it is {found}"
            time.sleep(0.05)

    def _shown(self, user: str) -> tuple[int, str]:
        answer = self.client.post("/v1/decide", json={"user_id": user, "placements": ["home-banner"]})
        assert answer.status_code == 200, answer.text
        body = answer.json()
        return body["release"]["number"], body["decisions"][0]["content"]["body"]
