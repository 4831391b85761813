"""The pages there are, for whatever looks at all of them: what nothing may be wrong with, and what pictures are taken of."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import Page

FIRST = "first"
PAGES = {
    "demo": "/demo/",
    "docs": "/v1/docs",
    "overview": "/admin/",
    "rules": "/admin/rules/rule/?workspace=homepage",
    "rules as a table": "/admin/rules/rule/table/?workspace=homepage",
    "rule": "/admin/rules/rule/table/?workspace=homepage > first",
    "playground": "/admin/try/?workspace=homepage",
    "sample users": "/admin/rules/sampleuser/",
    "new sample user": "/admin/rules/sampleuser/add/?workspace=homepage",
    "rule new": "/admin/rules/rule/add/?workspace=homepage",
    "templates": "/admin/rules/template/?workspace=homepage",
    "template": "/admin/rules/template/?workspace=homepage > first",
    "segments": "/admin/rules/segment/",
    "segment": "/admin/rules/segment/ > first",
    "tour": "/admin/#tour",
    "tags": "/admin/rules/tag/",
    "tag": "/admin/rules/tag/?workspace=homepage > first",
    "placement": "/admin/rules/placement/?workspace=homepage > first",
    "score": "/admin/rules/score/?workspace=apparel > first",
    "threshold": "/admin/rules/threshold/?workspace=homepage > first",
    "event schemas": "/admin/rules/eventschema/",
    "results": "/admin/rules/placement/?workspace=homepage > first > Results",
    "folders": "/admin/folders/1/",
    "move to a folder": "/admin/rules/rule/table/?workspace=homepage > first > Move…",
    "conflicts": "/admin/conflicts/1/",
    "import and export": "/admin/documents/1/",
    "publish": "/admin/rules/workspace/1/publish/",
    "calendar": "/admin/calendar/",
    "drafts": "/admin/rules/draft/",
    "version": "/admin/rules/version/ > first",
    "releases": "/admin/rules/release/",
    "release": "/admin/rules/release/ > first",
    "what was live": "/admin/rules/release/live-at/",
    "audit log": "/admin/rules/auditevent/",
    "audit event": "/admin/rules/auditevent/ > first",
    "history": "/admin/history/",
    "decisions": "/admin/decisioning/decisionrecord/",
    "decision": "/admin/decisioning/decisionrecord/ > first",
    "guide": "/admin/guide/",
    "recipe": "/admin/guide/apparel/",
    "new event schema": "/admin/rules/eventschema/add/?workspace=homepage",
    "workspaces": "/admin/rules/workspace/",
    "accounts": "/admin/auth/user/",
    "versions of a release": "/admin/rules/release/ > first > versions",
    "roll back": "/admin/rules/release/ > first > Roll back to this release…",
    "how many users": "/admin/rules/rule/table/?workspace=homepage > first > How many users?",
    "decision table": "/admin/rules/placement/?workspace=homepage > first > Upload a table…",
    "signals": "/admin/rules/signal/?workspace=homepage",
    "signal": "/admin/rules/signal/?workspace=homepage > first",
    "approvals": "/admin/rules/approval/",
    "emergency reviews": "/admin/rules/emergencyreview/",
    "api keys": "/admin/rules/apikey/",
    "new api key": "/admin/rules/apikey/add/",
    "workspace": "/admin/rules/workspace/ > first",
    "new workspace": "/admin/rules/workspace/add/",
    "events that do not fit": "/admin/rules/eventschema/violations/",
    "who may do what": "/admin/access/",
    "account": "/admin/auth/user/ > first",
    "delete an account": "/admin/auth/user/ > first > Delete",
}
"""By name: an address, and what is followed from there, each after a `>`. `first` is the first thing in a list, or the list itself
where it is empty; anything else is a link by its name, which has to be there unless the list was empty."""


def sign_in(page: Page, url: str, account: dict[str, str]) -> None:
    page.goto(f"{url}/admin/login/")
    page.fill("#id_username", account["username"])
    page.fill("#id_password", account["password"])
    page.click("[type=submit]")
    page.locator("#user-tools").wait_for()


def open_page(page: Page, url: str, address: str) -> None:
    start, *steps = address.split(" > ")
    _visit(page, url + start)
    asked = urlsplit(start).path
    assert urlsplit(page.url).path == asked, f"{asked} leads to {page.url}"
    for step in steps:
        if step == FIRST:
            assert page.locator("#changelist").count(), f"{page.url} is no list, so nothing is first in it"
            link = page.locator("#result_list tbody th a").first
            if not link.count():
                return
        else:
            link = page.locator("#content").get_by_role("link", name=step).first
        _visit(page, page.evaluate("link => new URL(link, location.href).href", link.get_attribute("href")))


def _visit(page: Page, address: str) -> None:
    answer = page.goto(address)
    assert answer is None or answer.ok, f"{address} answered {answer.status}"  # None: the same page, another place in it
