"""The workspace in hand: chosen once, then followed by the menu, the keys, Today and whatever is added; an address that names one wins."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from rules import services
from rules.models import Item

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank(pages: Any, anna: Any) -> Any:
    """A second workspace, with a rule's placement and a tag in it."""
    services.create_workspace("bank", name="The bank", actor=anna, now=timezone.now())
    services.save_draft("bank", kind="tag", key="saver", body={"name": "Savers"}, author=anna, now=timezone.now())
    return pages


def take(client: Any, key: str, back: str = "/admin/rules/tag/") -> Any:
    return client.post("/admin/workspace/", {"workspace": key, "back": back})


def text(client: Any, there: str) -> str:
    return client.get(there, follow=True).content.decode()


def test_a_list_opened_by_its_bare_address_is_of_the_workspace_in_hand_and_says_so_in_its_address(bank):
    take(bank, "bank")

    assert bank.get("/admin/rules/tag/").headers["Location"] == "/admin/rules/tag/?workspace=bank"


def test_a_list_of_everything_is_asked_for_by_an_empty_workspace(bank):
    take(bank, "bank")

    page = text(bank, "/admin/rules/tag/?workspace=")

    assert {item.workspace.key for item in bank.get("/admin/rules/tag/?workspace=").context["cl"].result_list} == {"shop", "bank"}
    assert 'href="?workspace="' in page  # the filter's own "All"


def test_an_address_that_names_a_workspace_wins_and_the_page_leads_on_within_it(bank):
    take(bank, "bank")

    page = text(bank, "/admin/rules/tag/?workspace=shop")

    assert 'href="/admin/rules/template/?workspace=shop"' in page
    assert "This page shows The shop. You work in The bank." in page


@pytest.mark.parametrize("there", ["/admin/", "/admin/rules/version/", "/admin/auth/user/", "/admin/try/"])
def test_the_menu_leads_to_the_lists_of_the_workspace_in_hand(bank, there):
    take(bank, "bank")

    page = text(bank, there)

    assert 'href="/admin/rules/rule/?workspace=bank"' in page
    assert 'href="/admin/rules/tag/add/?workspace=bank"' in page
    assert 'href="/admin/auth/user/?workspace' not in page


def test_the_menu_still_marks_the_list_one_is_on(bank):
    take(bank, "bank")

    assert '<a href="/admin/rules/tag/?workspace=bank" aria-current="page">Tags</a>' in text(bank, "/admin/rules/tag/")


def test_keys_lead_to_the_workspace_in_hand(bank):
    take(bank, "bank")

    page = text(bank, "/admin/auth/user/")

    assert '<a href="/admin/rules/template/?workspace=bank" data-keys="g t">' in page
    assert 'data-keys="g u"' in page  # publishing, which is of one workspace always


def test_something_new_is_added_in_the_workspace_in_hand_without_a_question(bank):
    assert "In which workspace?" in text(bank, "/admin/rules/tag/add/")

    take(bank, "bank")

    assert "In <strong>The bank</strong>" in text(bank, "/admin/rules/tag/add/")
    assert "In <strong>The shop</strong>" in text(bank, "/admin/rules/tag/add/?workspace=shop")


def test_the_rules_and_the_calendar_are_those_of_the_workspace_in_hand(bank):
    take(bank, "shop")

    assert bank.get("/admin/rules/rule/").context["workspace"].key == "shop"
    assert bank.get("/admin/calendar/").context["workspace"].key == "shop"
    assert bank.get("/admin/calendar/?workspace=").context["workspace"] is None


def test_today_is_of_the_workspace_in_hand_and_of_all_where_asked(bank, anna):
    services.save_draft("shop", kind="threshold", key="long", body={"value": 1}, author=anna, now=timezone.now())
    take(bank, "bank")

    page = bank.get("/admin/")
    everywhere = bank.get("/admin/?workspace=")

    assert [one["name"] for one in page.context["today"]["drafts"]["lines"]] == ["Savers"]
    assert [one.workspace.key for one in page.context["overview"]] == ["bank"]
    assert '<a href="?workspace=">Today in all workspaces</a>' in page.content.decode()
    assert len(everywhere.context["today"]["drafts"]["lines"]) == 2
    assert len(everywhere.context["overview"]) == 2


def test_who_has_all_in_hand_sees_all(bank):
    take(bank, "bank")
    take(bank, "")

    assert bank.get("/admin/rules/tag/").status_code == 200
    assert 'href="/admin/rules/tag/"' in text(bank, "/admin/")


@pytest.mark.parametrize(
    ("back", "there"),
    [
        ("/admin/rules/tag/", "/admin/rules/tag/"),
        ("/admin/", "/admin/"),
        ("/admin/rules/tag/{tag}/change/", "/admin/rules/tag/"),
        ("/admin/rules/workspace/{shop}/publish/", "/admin/rules/workspace/{bank}/publish/"),
        ("/admin/no/such/page/", "/admin/"),
        ("https://evil.example/admin/", "/admin/"),
        ("", "/admin/"),
    ],
)
def test_switching_leads_to_the_same_place_of_the_other_workspace(bank, back, there):
    numbers = {"tag": Item.objects.get(key="saver").pk}
    numbers |= {one.workspace.key: one.workspace_id for one in Item.objects.select_related("workspace")}

    assert take(bank, "bank", back.format(**numbers)).headers["Location"] == there.format(**numbers)


def test_a_workspace_that_is_not_there_can_not_be_taken_in_hand(bank):
    assert take(bank, "no-such").status_code == 404
    assert bank.get("/admin/workspace/").status_code == 403


def test_where_there_is_one_workspace_nobody_has_to_choose(pages):
    assert "switcher" not in pages.get("/admin/rules/tag/").content.decode()


def test_whoever_may_see_no_workspace_is_offered_none(bank, django_user_model):
    bank.force_login(django_user_model.objects.create_user("guest", is_staff=True))

    assert "switcher" not in bank.get("/admin/guide/").content.decode()


def test_choosing_takes_one_query_of_a_page_at_most(bank):
    there = "/admin/auth/user/"
    with CaptureQueriesContext(connection) as before:
        bank.get(there)
    take(bank, "bank")
    with CaptureQueriesContext(connection) as after:
        bank.get(there)

    assert len(after) <= len(before)
    assert sum('FROM "rules_workspace"' in query["sql"] for query in after) == 1


def test_two_workspaces_of_one_name_are_told_apart_by_their_keys_wherever_one_chooses(bank, anna):
    services.create_workspace("bank-eu", name="the Bank ", actor=anna, now=timezone.now())

    for there in (
        "/admin/rules/tag/",
        "/admin/rules/rule/",
        "/admin/calendar/",
        "/admin/try/",
        "/admin/rules/release/live-at/",
        "/admin/rules/apikey/add/",
    ):
        header, page = text(bank, there).split("</header>", 1)
        assert "The bank (bank)" in page, there
        assert "the Bank  (bank-eu)" in page, there
        assert "The shop (shop)" not in page, there
    assert "The bank (bank)" in header


def test_a_list_says_workspaces_by_name_with_the_key_beside(bank):
    assert 'The bank<span class="key">bank</span>' in text(bank, "/admin/rules/tag/")
    assert 'The bank<span class="key">bank</span>' in text(bank, "/admin/rules/draft/")
