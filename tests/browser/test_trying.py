"""The playground in a real browser: it answers while one types, shows the content in a closed frame, and keeps a sample user."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.test_admin import admin  # noqa: F401 - a fixture


def test_facts_are_tried_while_they_are_typed_and_kept_as_a_sample_user_with_an_expectation(admin, signpost):  # noqa: F811
    page = admin
    page.goto(f"{signpost.url}/admin/rules/rule/?workspace=homepage")
    page.locator("#content a[href*='/rules/rule/'][href*='/change/']", has_text="Bought in the last week").first.click()
    expect(page.locator("#matching")).to_contain_text("user")
    page.get_by_role("link", name="Try this").click()
    answer = page.locator("#answer")
    expect(answer).to_contain_text("decided in")  # by the hour: nothing, or a rule of the morning or evening
    expect(answer).not_to_contain_text("Rule Bought in the last week")

    page.get_by_label("Facts I write").check()
    for name, value in (("tags", "last week"), ("First name", "Ada<script>document.title='out'</script>"), ("Orders", "3")):
        page.get_by_role("button", name="+ Fact").click()
        page.keyboard.type(name)
        page.keyboard.press("Enter")
        page.keyboard.type(value)
        page.keyboard.press("Enter")
    page.get_by_role("group", name="Orders").get_by_role("button", name="Remove Orders").click()
    expect(page.locator("#id_facts")).to_have_value("tags = recent-buyer\ntraits.name = Ada<script>document.title='out'</script>")

    expect(answer).to_contain_text(re.compile(r"Rule (Bought in the last week|In the evening) wins\."))
    frame = page.frame_locator("#answer iframe")
    expect(frame.get_by_role("heading")).to_contain_text("Ada<script>")
    assert page.title().startswith("Try it")

    page.get_by_role("button", name="Keep as a sample user").click()
    page.get_by_label("Key").fill("browser-regular")
    expect(page.get_by_role("group", name="First name")).to_be_visible()
    page.get_by_role("button", name="+ Placement").click()
    page.keyboard.type("Home page banner")
    page.keyboard.press("Enter")
    page.keyboard.type("the fallback")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#result_list")).to_contain_text("browser-regular")

    page.goto(f"{signpost.url}/admin/rules/workspace/")
    page.get_by_role("link", name="homepage").click()
    page.get_by_role("link", name="Publish…").click()
    expect(page.locator("main")).to_contain_text("should get the fallback, would get loyal")

    page.goto(f"{signpost.url}/admin/rules/sampleuser/?q=browser-regular")
    page.locator("#result_list tbody th a").click()
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.locator(".messagelist")).to_contain_text("deleted")
