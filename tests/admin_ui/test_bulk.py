"""Acts on what is ticked in a list, and their undoing."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission

from rules import services
from rules.models import Draft, Filed, Item
from tests.admin_ui.conftest import said
from tests.rules.conftest import BEN, NOW

pytestmark = pytest.mark.django_db
TAGS, RULES, DRAFTS = "/admin/rules/tag/", "/admin/rules/rule/table/", "/admin/rules/draft/"


def tick(pages: Any, there: str, action: str, rows: Any, **fields: str) -> Any:
    chosen = [row.pk for row in rows]
    return pages.post(there, {"action": action, "_selected_action": chosen, "sure": "yes", **fields}, follow=True)


def undo(pages: Any, there: str, **fields: str) -> Any:
    """Presses the button that the list offers."""
    [offer] = pages.get(there).context["offers"]
    return pages.post("/admin/undo/", {"workspace": "shop", "which": offer["id"], "back": there, **fields}, follow=True)


def drafted() -> dict[str, Any]:
    return {draft.item.key: draft.body for draft in Draft.objects.select_related("item")}


def rules() -> Any:
    return Item.objects.filter(kind="rule", key__in=["bought", "lingering"])


def test_a_removal_from_a_list_is_undone_and_done_again(pages, anna):
    services.save_draft("shop", kind="tag", key="buyer", body={"name": "Buyers"}, author=anna, now=NOW)
    before = drafted()

    removed = tick(pages, TAGS, "remove_selected", Item.objects.filter(kind="tag"))
    assert "Removal drafted: Buyers" in said(removed)
    assert drafted() == {"buyer": None}

    assert "Undone: removal drafted: Buyers" in said(undo(pages, TAGS))
    assert drafted() == before

    undo(pages, TAGS)
    assert drafted() == {"buyer": None}


def test_what_was_never_more_than_a_draft_comes_back_too(pages, anna):
    services.save_draft("shop", kind="tag", key="new", body={"name": "New"}, author=anna, now=NOW)
    tick(pages, TAGS, "remove_selected", Item.objects.filter(key="new"))
    assert not Item.objects.filter(key="new").exists()

    undo(pages, TAGS)

    assert drafted()["new"]["name"] == "New"


def test_what_comes_back_lies_in_the_folder_it_lay_in(pages, anna):
    services.save_draft("shop", kind="tag", key="new", body={"name": "New"}, author=anna, now=NOW)
    folder = services.make_folder("shop", "Summer", actor=anna, now=NOW)
    services.file_items("shop", [Item.objects.get(key="new").pk], folder.pk, actor=anna, now=NOW)
    tick(pages, DRAFTS, "discard_selected", Draft.objects.filter(item__key="new"))
    assert not Item.objects.filter(key="new").exists()

    undo(pages, DRAFTS)

    assert Filed.objects.get(item__key="new").folder == folder


@pytest.mark.parametrize("ticked", ["x", "\0", "-1", "²"])
def test_what_is_ticked_by_no_number_is_refused(pages, ticked):
    assert pages.post(TAGS, {"action": "remove_selected", "_selected_action": ticked}).status_code == 400


def test_rules_of_the_table_are_switched_off_and_that_is_undone(pages):
    switched = tick(pages, RULES, "switch_off", rules())
    assert "Switched off" in said(switched)
    assert {key: body["enabled"] for key, body in drafted().items()} == {"bought": False, "lingering": False}

    undo(pages, RULES)
    assert drafted() == {}


def test_rules_of_the_table_are_removed_with_those_beneath_them_which_are_named_before_and_come_back(pages):
    parent = Item.objects.filter(kind="rule", key="bought")

    asked = pages.post(RULES, {"action": "remove_selected", "_selected_action": [parent.get().pk]}).content.decode()
    assert "Remove 1 rule and the rule beneath it?" in asked
    assert "<strong>Gold</strong>" in asked
    assert "It breaks" not in asked

    tick(pages, RULES, "remove_selected", parent)
    assert drafted() == {"bought": None, "gold": None}

    undo(pages, RULES)
    assert drafted() == {}


def test_a_rules_own_page_removes_those_beneath_it_too(pages):
    there = f"/admin/rules/rule/{Item.objects.get(kind='rule', key='bought').pk}/delete/"

    asked = pages.get(there).content.decode()
    assert "and the rule beneath it?" in asked
    assert "<strong>Gold</strong>" in asked

    pages.post(there, {"post": "yes"})
    assert drafted() == {"bought": None, "gold": None}


def test_what_the_table_did_the_outline_undoes(pages):
    tick(pages, RULES, "switch_off", rules())

    outline = pages.get("/admin/rules/rule/?workspace=shop")
    offer = outline.context["undo"]
    assert 'formaction="/admin/undo/"' in outline.content.decode()
    pages.post("/admin/undo/", {"workspace": "shop", "which": offer["id"]})

    assert drafted() == {}


def test_what_was_changed_since_is_not_undone_and_not_offered_again(pages, anna):
    tick(pages, TAGS, "remove_selected", Item.objects.filter(kind="tag"))
    services.save_draft("shop", kind="tag", key="buyer", body={"name": "Changed since"}, author=anna, now=NOW)

    refused = undo(pages, TAGS)

    assert "The tag buyer was changed since" in said(refused)
    assert drafted()["buyer"]["name"] == "Changed since"
    assert pages.get(TAGS).context["offers"] == []


def test_a_page_from_before_another_act_does_not_undo_that_act(pages):
    tick(pages, TAGS, "remove_selected", Item.objects.filter(kind="tag"))

    refused = undo(pages, TAGS, which="0123456789abcdef")

    assert "Something else was done since" in said(refused)
    assert drafted() == {"buyer": None}


def test_it_is_offered_where_it_was_done_and_nowhere_else(pages):
    services.create_workspace("other")
    tick(pages, TAGS, "remove_selected", Item.objects.filter(kind="tag"))

    asked = (
        "/admin/rules/tag/?workspace=shop",
        DRAFTS,
        "/admin/rules/tag/?workspace=other",
        "/admin/rules/template/",
        "/admin/rules/version/",
    )
    assert [len(pages.get(there).context["offers"]) for there in asked] == [1, 1, 0, 0, 0]


def test_ones_own_drafts_are_discarded_together_and_come_back(pages, anna):
    for key in ("one", "two"):
        services.save_draft("shop", kind="tag", key=key, body={"name": key}, author=anna, now=NOW)
    before = drafted()

    tick(pages, DRAFTS, "discard_selected", Draft.objects.all())
    assert drafted() == {}

    undo(pages, DRAFTS)
    assert drafted() == before


def test_other_peoples_drafts_are_asked_for_by_name_and_do_not_come_back(pages, anna):
    services.save_draft("shop", kind="tag", key="mine", body={}, author=anna, now=NOW)
    services.save_draft("shop", kind="tag", key="bens", body={}, author=BEN, now=NOW)

    asked = tick(pages, DRAFTS, "discard_selected", Draft.objects.all(), sure="").content.decode()
    tick(pages, DRAFTS, "discard_selected", Draft.objects.all())
    undo(pages, DRAFTS)

    assert "What Ben wrote can&#x27;t be brought back" in asked
    assert set(drafted()) == {"mine"}


def test_who_may_discard_only_their_own_leaves_the_others(client, django_user_model):
    services.create_workspace("shop")
    author = django_user_model.objects.create_user("author", is_staff=True)
    author.groups.add(Group.objects.get(name="Author"))
    client.force_login(author)
    services.save_draft("shop", kind="tag", key="mine", body={}, author=author, now=NOW)
    services.save_draft("shop", kind="tag", key="bens", body={}, author=BEN, now=NOW)

    answer = tick(client, DRAFTS, "discard_selected", Draft.objects.all())

    assert "Other people's drafts stay" in said(answer)
    assert set(drafted()) == {"bens"}


def test_who_may_change_things_undoes_it_without_the_right_to_submit(client, shop, django_user_model):
    editor = django_user_model.objects.create_user("editor", is_staff=True)
    editor.user_permissions.set(Permission.objects.filter(codename__in=["view_draft", "view_rule", "change_rule"]))
    client.force_login(editor)
    tick(client, RULES, "switch_off", rules())

    undo(client, RULES)

    assert drafted() == {}


@pytest.mark.parametrize("fields", [{}, {"workspace": "nowhere"}, {"workspace": "a\0b", "back": "//elsewhere.example/"}])
def test_where_there_is_nothing_to_undo_it_says_so(pages, fields):
    answer = pages.post("/admin/undo/", fields, follow=True)

    assert answer.redirect_chain == [("/admin/", 302)]
    assert "nothing to undo" in said(answer)


def test_the_offer_says_once_what_was_done(pages):
    answer = tick(pages, TAGS, "remove_selected", Item.objects.filter(kind="tag"))

    assert "You can undo that" in answer.content.decode()
    assert "Your last step" in pages.get(TAGS).content.decode()


def test_before_an_account_a_group_or_a_sample_user_goes_it_is_said_what_comes_of_it(pages, anna, django_user_model):
    ben = django_user_model.objects.create_user("ben", is_staff=True)
    group = Group.objects.get(name="Author")
    ben.groups.add(group)
    services.save_draft("shop", kind="tag", key="bens", body={}, author=ben, now=NOW)
    sample = services.save_sample_user("shop", key="sam", facts={}, now=NOW, expects={"banner": ""})

    account, role, user = (
        pages.get(f"/admin/{there}/delete/").content.decode()
        for there in (f"auth/user/{ben.pk}", f"auth/group/{group.pk}", f"rules/sampleuser/{sample.pk}")
    )

    assert "1 draft of theirs stays under Drafts" in account
    assert "ben loses at once" in role
    assert "not tried before publishing any more" in user


@pytest.mark.parametrize("act", ["discard", "delete"])
def test_what_goes_from_a_rules_own_page_is_undone_where_that_leads(pages, anna, act):
    services.create_workspace("another", name="One that comes first", timezone="UTC", actor=BEN, now=NOW)
    services.switch_rules("shop", ["bought"], on=False, author=anna, now=NOW)
    rule = Item.objects.get(key="bought")

    gone = pages.post(f"/admin/rules/rule/{rule.pk}/{act}/", {"sure": "yes", "post": "yes"}, follow=True)

    assert gone.context["workspace"].key == "shop"
    assert gone.context["undo"]
