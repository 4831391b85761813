"""The audit log's page, and that what is done on the pages is told of whoever did it there."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group

from rules import services
from rules.models import ApiKey, AuditEvent, Draft, Workspace
from tests.admin_ui.conftest import change, filled, press
from tests.rules.conftest import BEN, NOW

pytestmark = pytest.mark.django_db
LIST = "/admin/rules/auditevent/"


def listed(pages, query: str = "") -> list[str]:
    return [event.words[0] for event in pages.get(f"{LIST}?{query}").context["cl"].queryset]


def last() -> AuditEvent:
    return AuditEvent.objects.order_by("id").last()


def test_each_event_is_told_in_words_with_its_place_in_the_chain(pages):
    page = pages.get(f"{LIST}?action=release.published").content.decode()

    assert "Anna published release 1: first" in page
    event = AuditEvent.objects.get(action="release.published")
    assert f"event {event.number}" in page
    one = pages.get(f"{LIST}{event.pk}/change/").content.decode()
    assert event.hash in one
    assert event.prev_hash in one
    assert "New: rule gold v1 by Anna." in one


def test_its_list_counts_events(pages):
    one, all_of_them = (" ".join(pages.get(f"{LIST}{query}").content.decode().split()) for query in ("?action=release.published", ""))

    assert "> 1 event </p>" in one
    assert f"> {AuditEvent.objects.count()} events </p>" in all_of_them


def test_it_can_be_narrowed_by_who_what_and_chain(pages, django_user_model):
    services.save_draft("shop", kind="threshold", key="long", body={"value": 1}, author=BEN, now=NOW)

    assert listed(pages, "actor_name=Ben") == ["Ben began a draft of threshold long, from v1."]
    assert listed(pages, "action=draft.begun") == ["Ben began a draft of threshold long, from v1."]
    assert listed(pages, "workspace=-")[0] == "command line created the account anna (anna)."
    assert not any("account" in words for words in listed(pages, "workspace=shop"))
    assert len(listed(pages, "q=threshold+long")) > 1
    assert listed(pages, f"q={last().hash}") == ["Ben began a draft of threshold long, from v1."]


def test_it_links_to_what_it_is_about(pages):
    services.save_draft("shop", kind="threshold", key="long", body={"value": 1}, author=BEN, now=NOW)
    services.issue_key("shop", kind="secret", label="server", now=NOW)
    page = pages.get(LIST).content.decode()

    for address in (
        "/admin/rules/release/",
        "/admin/rules/version/",
        "/admin/rules/threshold/",
        "/admin/rules/apikey/",
        "/admin/auth/user/",
    ):
        assert f'<a href="{address}' in page, address


@pytest.mark.parametrize("act", ["add/", "{pk}/delete/"])
def test_nothing_is_added_or_deleted_there(pages, act):
    assert pages.post(LIST + act.format(pk=last().pk), {"post": "yes"}).status_code == 403


def test_who_may_not_look_at_it_is_refused(client, shop, django_user_model):
    client.force_login(django_user_model.objects.create_user("clerk", is_staff=True))

    assert client.get(LIST).status_code == 403


def test_what_is_done_on_the_pages_is_told_of_who_did_it_there(pages, anna):
    workspace = Workspace.objects.get()

    def save_workspace():
        there = f"/admin/rules/workspace/{workspace.pk}/change/"
        pages.post(there, {**filled(pages.get(there)), "name": "Another"})

    def revoke():
        pages.post(f"/admin/rules/apikey/{ApiKey.objects.get().pk}/revoke/", {"sure": "yes"})

    acts = {
        "draft.begun": lambda: change(pages, "threshold", "long", value="700"),
        "draft.discarded": lambda: pages.post(f"/admin/rules/draft/{Draft.objects.get().pk}/delete/", {"post": "yes"}),
        "workspace.changed": save_workspace,
        "release.published": lambda: press(pages, f"/admin/rules/workspace/{workspace.pk}/publish/", reason="r", publish="1"),
        "key.issued": lambda: pages.post("/admin/rules/apikey/add/", {"workspace": workspace.pk, "kind": "secret", "label": "x"}),
        "key.revoked": revoke,
        "group.created": lambda: pages.post("/admin/auth/group/add/", {"name": "Reviewers"}),
    }
    for action, act in acts.items():
        act()
        assert (last().action, last().actor_name) == (action, "anna")


def test_an_accounts_rights_given_on_its_page_are_told(pages, django_user_model):
    ben = django_user_model.objects.create_user("ben")
    group = Group.objects.create(name="Reviewers")
    there = f"/admin/auth/user/{ben.pk}/change/"
    form = {
        "username": "ben",
        "is_active": "on",
        "is_staff": "on",
        "groups": [group.pk],
    }
    pages.post(there, form)

    assert listed(pages, "actor_name=anna") == [
        "anna changed the account ben (ben).",
        "anna changed the account ben (ben).",
    ]
