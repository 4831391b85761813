"""The pages there are, for whatever looks at all of them: what nothing may be wrong with, and what pictures are taken of."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import Page

FIRST, RESULTS = "first of ", "results of "
PAGES = {
    "demo": "/demo/",
    "docs": "/v1/docs",
    "overview": "/admin/",
    "rules": "/admin/rules/rule/?workspace=homepage",
    "rules as a table": "/admin/rules/rule/table/?workspace=homepage",
    "rule": "first of /admin/rules/rule/table/?workspace=homepage",
    "playground": "/admin/try/?workspace=homepage",
    "sample users": "/admin/rules/sampleuser/",
    "new sample user": "/admin/rules/sampleuser/add/?workspace=homepage",
    "rule new": "/admin/rules/rule/add/?workspace=homepage",
    "keys": "/admin/rules/rule/?workspace=homepage#keys",
    "templates": "/admin/rules/template/?workspace=homepage",
    "template": "first of /admin/rules/template/?workspace=homepage",
    "segments": "/admin/rules/segment/",
    "segment": "first of /admin/rules/segment/",
    "tour": "/admin/#tour",
    "tags": "/admin/rules/tag/",
    "tag": "first of /admin/rules/tag/?workspace=homepage",
    "placement": "first of /admin/rules/placement/?workspace=homepage",
    "score": "first of /admin/rules/score/?workspace=apparel",
    "threshold": "first of /admin/rules/threshold/?workspace=homepage",
    "event schemas": "/admin/rules/eventschema/",
    "results": "results of /admin/rules/placement/?workspace=homepage",
    "conflicts": "/admin/conflicts/1/",
    "import and export": "/admin/documents/1/",
    "publish": "/admin/rules/workspace/1/publish/",
    "drafts": "/admin/rules/draft/",
    "version": "first of /admin/rules/version/",
    "releases": "/admin/rules/release/",
    "release": "first of /admin/rules/release/",
    "what was live": "/admin/rules/release/live-at/",
    "audit log": "/admin/rules/auditevent/",
    "audit event": "first of /admin/rules/auditevent/",
    "history": "/admin/history/",
    "decisions": "/admin/decisioning/decisionrecord/",
    "decision": "first of /admin/decisioning/decisionrecord/",
    "guide": "/admin/guide/",
    "recipe": "/admin/guide/apparel/",
    "new event schema": "/admin/rules/eventschema/add/?workspace=homepage",
    "workspaces": "/admin/rules/workspace/",
    "accounts": "/admin/auth/user/",
}
"""By name. `first of` a list: the page of the first thing in it, or the list where it is empty; `results of`, the results of that."""


def sign_in(page: Page, url: str, account: dict[str, str]) -> None:
    page.goto(f"{url}/admin/login/")
    page.fill("#id_username", account["username"])
    page.fill("#id_password", account["password"])
    page.click("[type=submit]")


def open_page(page: Page, url: str, address: str) -> None:
    page.goto(url + address.removeprefix(FIRST).removeprefix(RESULTS))
    asked = urlsplit(address.removeprefix(FIRST).removeprefix(RESULTS)).path
    assert urlsplit(page.url).path == asked, f"{asked} leads to {page.url}"
    if not address.startswith((FIRST, RESULTS)):
        return
    assert page.locator("#changelist").count(), f"{page.url} is no list, so nothing is first in it"
    link = page.locator("#result_list tbody th a").first
    if link.count():
        page.goto(page.evaluate("link => new URL(link, location.href).href", link.get_attribute("href")))
    if address.startswith(RESULTS):
        page.get_by_role("link", name="Results", exact=True).click()
