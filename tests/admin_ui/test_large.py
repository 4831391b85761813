"""Large workspaces: pages are there before what is wrong with them was looked for, and say it a moment later."""

from __future__ import annotations

import json

import pytest

from rules import services
from rules.models import Release, Workspace
from rules.selectors import desk
from tests.admin_ui.conftest import address, change, said
from tests.rules.conftest import NOW


@pytest.fixture
def large(pages, anna, monkeypatch):
    """Any workspace is, and Anna's draft of a rule names a trait that is not there."""
    monkeypatch.setattr(desk, "LARGE", 0)
    body = {"placement": "banner", "when": {"name": "traits.nowhere", "operator": "is_set"}, "then": {"template": "generic"}}
    services.save_draft("shop", kind="rule", key="lingering", body=body, author=anna, now=NOW)
    return pages


def test_a_form_is_shown_before_what_is_wrong_and_then_says_it(large):
    there = address("rule", "lingering")
    before = large.get(there).content.decode()
    found = large.get(there.replace("/change/", "/findings/")).json()["findings"]
    after = large.get(there).content.decode()

    assert ("data-findings" in before, "nowhere&#x27;" in before) == (True, False)
    assert [(one["field"], one["tone"]) for one in found] == [("when", "problem")]
    assert "nowhere" in found[0]["words"]
    assert ("data-findings" in after, 'class="problem"' in after) == (False, True)


def test_an_outline_is_shown_before_what_is_wrong_and_then_says_it(large):
    there = "/admin/rules/rule/?workspace=shop"
    before = large.get(there).content.decode()
    found = large.get("/admin/rules/rule/notes/?workspace=shop").json()
    after = large.get(there).content.decode()

    assert ("data-notes" in before, "rule-note" in before) == (True, False)
    assert [tone for tone, _ in found["lingering"]] == ["problem"]
    assert ("data-notes" in after, "rule-note problem" in after) == (False, True)


def test_without_its_script_an_outline_says_what_is_wrong_when_asked(large):
    there = "?workspace=shop&amp;q=linger&amp;found=1"

    assert f'<a href="{there}">' in large.get("/admin/rules/rule/?workspace=shop&q=linger").content.decode()
    assert "rule-note problem" in large.get(f"/admin/rules/rule/{there.replace('&amp;', '&')}").content.decode()


@pytest.mark.parametrize("there", ["/admin/conflicts/{}/", "/admin/rules/workspace/{}/publish/"])
def test_conflicts_and_publishing_are_shown_before_what_is_wrong_and_then_say_it(large, there):
    there = there.format(Workspace.objects.get(key="shop").pk)
    before = large.get(there).content.decode()
    asked = large.get(f"{there}?found=1").content.decode()
    after = large.get(there).content.decode()

    assert ('data-later="?found=1"' in before, "traits.nowhere" in before.split('id="found"')[1].split("</div>")[0]) == (True, False)
    assert ["data-later" in page for page in (asked, after)] == [False, False]
    assert all("nowhere" in page.split('id="found"')[1] for page in (asked, after))


def test_what_was_not_looked_through_yet_is_not_published_unchecked(large):
    there = f"/admin/rules/workspace/{Workspace.objects.get(key='shop').pk}/publish/"
    shown, released = large.get(there).context["shown"], Release.objects.count()

    refused = large.post(there, {"reason": "blind", "shown": shown, "publish": "Publish"})

    assert "Nothing went ahead" in said(refused)
    assert "data-later" not in refused.content.decode()
    assert "nowhere" in refused.content.decode().split('id="found"')[1]
    assert Release.objects.count() == released


def test_saving_does_not_wait_for_what_is_merely_worth_a_look_and_the_form_says_it_a_moment_later(large):
    there = address("rule", "lingering")
    never = {"all": [{"name": "traits.plan", "operator": "equal_to", "value": plan} for plan in ("gold", "free")]}

    change(large, "rule", "lingering", when=json.dumps(never), _continue="yes")
    saved = large.get(there)
    found = large.get(there.replace("/change/", "/findings/")).json()["findings"]

    assert ("is saved" in said(saved), "Worth a look" in said(saved)) == (True, False)
    assert [(one["field"], one["tone"]) for one in found] == [("when", "advice")]
