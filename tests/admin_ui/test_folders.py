"""Folders on the pages: lists by folder, things moved and moved back, and the page where the folders are kept."""

from __future__ import annotations

import json
import re

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from rules import services
from rules.models import Draft, Filed, Folder, Item, Workspace
from tests.admin_ui.conftest import address, said
from tests.rules.conftest import NOW

pytestmark = pytest.mark.django_db
TABLE = "/admin/rules/rule/table/"


def there(more=""):
    return f"/admin/folders/{Workspace.objects.get(key='shop').pk}/{more}"


def item(key, kind="rule"):
    return Item.objects.get(kind=kind, key=key)


@pytest.fixture
def summer(pages, anna):
    """Campaigns / Summer, with one rule in it."""
    above = services.make_folder("shop", "Campaigns", actor=anna, now=NOW)
    folder = services.make_folder("shop", "Summer", parent=above.pk, actor=anna, now=NOW)
    services.file_items("shop", [item("bought").pk], folder.pk, actor=anna, now=NOW)
    return folder


def move(pages, *keys, at=TABLE, kind="rule", **fields):
    chosen = [item(key, kind).pk for key in keys]
    return pages.post(at, {"action": "move_to_folder", "_selected_action": chosen, **fields}, follow=True)


def listed(answer):
    return [one.key for one in answer.context["cl"].result_list]


def filed():
    return {one.item.key: str(one.folder) for one in Filed.objects.select_related("item", "folder")}


def test_a_list_without_folders_has_no_filter_of_them(pages):
    assert "By folder" not in pages.get(TABLE).content.decode()


def test_a_list_is_narrowed_to_a_folder_with_what_lies_beneath_it(pages, summer):
    shown = pages.get(TABLE)

    assert "Campaigns / Summer" in shown.content.decode()
    assert listed(pages.get(f"{TABLE}?folder={summer.parent_id}")) == ["bought"]
    assert listed(pages.get(f"{TABLE}?folder={summer.pk}")) == ["bought"]
    assert set(listed(pages.get(f"{TABLE}?folder=none"))) == {"gold", "lingering"}


@pytest.mark.parametrize("folder", ["0", "x", "-1", "9" * 30, "²", ""])
def test_an_odd_folder_in_an_address_is_no_error(pages, summer, folder):
    assert pages.get(TABLE, {"folder": folder}).status_code == 200
    assert pages.get("/admin/rules/rule/", {"folder": folder}).status_code == 200


def test_the_outline_is_narrowed_to_a_folder(pages, summer):
    def found(folder):
        [outline] = pages.get("/admin/rules/rule/", {"folder": folder}).context["outlines"]
        return outline.found, outline.count

    assert (found(summer.parent_id), found("none"), found("")) == ((1, 3), (2, 3), (3, 3))


def test_chosen_things_are_asked_about_and_moved_without_a_draft(pages, summer):
    asked = move(pages, "gold", "lingering")
    assert "Move 2 rules" in asked.content.decode()
    assert filed() == {"bought": "Summer"}

    done = move(pages, "gold", "lingering", sure="yes", to=summer.pk)
    assert "Moved 2 rules to Campaigns / Summer." in said(done)
    assert filed() == {"bought": "Summer", "gold": "Summer", "lingering": "Summer"}
    assert not Draft.objects.exists()


def undo(pages, offered, **fields):
    """What the page offers."""
    [offer] = offered.context["offers"]
    return pages.post("/admin/undo/", {"workspace": offer["workspace"], "which": offer["id"], "back": TABLE, **fields}, follow=True)


def test_a_move_is_undone_and_done_again_above_the_list_it_was_made_in(pages, summer):
    done = move(pages, "gold", sure="yes", to=summer.pk)
    assert "You can undo that" in done.content.decode()

    back = undo(pages, done)
    assert "Undone: moved rule gold to Campaigns / Summer." in said(back)
    assert filed() == {"bought": "Summer"}

    undo(pages, back)
    assert filed() == {"bought": "Summer", "gold": "Summer"}


def test_a_move_is_undone_on_the_page_of_the_thing(pages, summer):
    page = address("rule", "gold")
    done = pages.post(f"/admin/folders/item/{item('gold').pk}/", {"sure": "yes", "to": summer.pk}, follow=True)
    assert "You can undo that" in done.content.decode()
    assert "You can undo that" not in pages.get(address("rule", "lingering")).content.decode()

    back = undo(pages, done, back=page)
    assert back.redirect_chain == [(page, 302)]
    assert "gold" not in filed()


def test_a_move_and_a_step_of_drafts_are_one_row_of_steps_of_which_the_last_is_undone(pages, summer):
    move(pages, "gold", sure="yes", to=summer.pk)
    chosen = [item("lingering").pk]
    done = pages.post(TABLE, {"action": "switch_off", "_selected_action": chosen}, follow=True)

    undone = undo(pages, done)
    assert "Undone: switched off: lingering." in said(undone)
    assert not Draft.objects.exists()
    assert filed() == {"bought": "Summer", "gold": "Summer"}


def test_the_outline_undoes_a_move_of_rules(pages, summer):
    move(pages, "gold", sure="yes", to=summer.pk)
    offer = pages.get("/admin/rules/rule/?workspace=shop").context["undo"]

    pages.post("/admin/undo/", {"workspace": "shop", "which": offer["id"]})
    assert filed() == {"bought": "Summer"}


def test_a_move_that_somebody_moved_on_is_not_undone_and_not_offered_again(pages, summer, anna):
    done = move(pages, "gold", sure="yes", to=summer.pk)
    services.file_items("shop", [item("gold").pk], summer.parent_id, actor=anna, now=NOW)

    refused = undo(pages, done)
    assert "The rule gold was changed since, so this can't be undone." in said(refused)
    assert filed()["gold"] == "Campaigns"
    assert "Your last step" not in pages.get(TABLE).content.decode()


def test_who_may_file_things_may_undo_it_without_any_other_right(client, summer, django_user_model):
    editor = django_user_model.objects.create_user("editor", is_staff=True)
    editor.user_permissions.set(Permission.objects.filter(codename__in=["view_tag", "change_tag"]))
    client.force_login(editor)
    done = move(client, "buyer", at="/admin/rules/tag/", kind="tag", sure="yes", to=summer.pk)

    undo(client, done)
    assert filed() == {"bought": "Summer"}


def test_what_was_kept_for_undoing_before_the_server_was_changed_is_not_offered(pages, summer):
    session = pages.session
    session["undoable"] = {"shop": {"undo": {"words": "Moved", "things": [{"kind": "rule"}], "id": "1"}, "just": []}}
    session.save()

    assert pages.get(TABLE).status_code == 200
    assert "nothing to undo" in said(pages.post("/admin/undo/", {"workspace": "shop", "back": TABLE}, follow=True))


def test_a_new_folder_is_made_while_moving(pages, summer):
    move(pages, "generic", at="/admin/rules/template/", kind="template", sure="yes", to=summer.pk, new="Beach")

    assert filed()["generic"] == "Beach"
    assert Folder.objects.get(name="Beach").parent == summer


def test_a_move_that_is_refused_makes_no_folder(pages, summer):
    answer = move(pages, "gold", sure="yes", to=summer.parent_id, new="summer")

    assert "There is a folder summer there already." in said(answer)
    assert filed() == {"bought": "Summer"}


@pytest.mark.parametrize("fields", [{"to": "x"}, {"to": "99999999"}, {"new": "a/b"}, {"new": "n\0"}, {"new": "y" * 90}])
def test_a_move_to_what_is_no_folder_changes_nothing(pages, summer, fields):
    assert move(pages, "gold", sure="yes", **fields).status_code == 200
    assert "gold" not in filed()


def test_things_of_two_workspaces_are_not_moved_together(pages, anna, summer):
    services.create_workspace("other", actor=anna, now=NOW)
    services.save_draft("other", kind="threshold", key="theirs", body={"value": 1}, author=anna, now=timezone.now())
    chosen = [item("long", "threshold").pk, item("theirs", "threshold").pk]
    answer = pages.post("/admin/rules/threshold/", {"action": "move_to_folder", "_selected_action": chosen}, follow=True)

    assert "one workspace" in said(answer)


def test_a_thing_says_its_folder_and_leads_to_moving_it(pages, summer):
    page = pages.get(address("rule", "bought")).content.decode()
    move_address = f"/admin/folders/item/{item('bought').pk}/"
    assert "In the folder Campaigns / Summer" in page
    assert move_address in page
    assert f'value="{summer.pk}" selected' in pages.get(move_address).content.decode()

    done = pages.post(move_address, {"sure": "yes", "to": ""}, follow=True)
    assert "In no folder" in done.content.decode()
    assert filed() == {}


def test_the_page_of_folders_says_what_lies_where(pages, summer):
    page = pages.get(there()).content.decode()

    assert re.findall(r">(\d rules?)</a>", page) == ["1 rule", "1 rule"]
    assert f"{TABLE}?workspace=shop&amp;folder={summer.pk}" in page
    assert pages.get("/admin/folders/").url == there()


def test_folders_are_made_renamed_moved_and_ordered_on_their_pages(pages, summer):
    pages.post(there(), {"name": " Winter ", "parent": ""})
    winter = Folder.objects.get(name="Winter")
    pages.post(there(f"{summer.pk}/"), {"name": "High summer", "parent": winter.pk})
    pages.post(there(f"{winter.pk}/order/"), {"way": "up"})

    assert [shelf.words for shelf, _ in pages.get(there()).context["folders"]] == ["Winter", "Winter / High summer", "Campaigns"]


def test_a_folder_that_is_refused_says_why(pages, summer):
    assert "already" in said(pages.post(there(), {"name": "campaigns", "parent": ""}))
    assert "already" in said(pages.post(there(), {"name": "Summer", "parent": summer.parent_id}))
    assert pages.post(there(), {"name": "", "parent": "x"}).status_code == 200
    assert pages.post(there(), {"name": "n\0", "parent": ""}).status_code == 400
    assert Folder.objects.count() == 2


def test_a_folder_is_removed_after_saying_what_becomes_of_what_is_in_it(pages, summer):
    asked = pages.post(there(f"{summer.pk}/remove/"))
    assert "it goes up to Campaigns" in asked.content.decode()
    assert Folder.objects.count() == 2

    pages.post(there(f"{summer.pk}/remove/"), {"sure": "yes"})
    assert filed() == {"bought": "Campaigns"}


@pytest.mark.parametrize("more", ["9999/", "9999/remove/"])
def test_a_folder_that_is_gone_is_not_found(pages, summer, more):
    assert pages.post(there(more)).status_code == 404


def test_readers_see_folders_and_no_way_to_change_them(client, django_user_model, summer):
    reader = django_user_model.objects.create_user("reader", is_staff=True)
    reader.groups.add(Group.objects.get(name="Auditor"))
    client.force_login(reader)

    page = client.get(there()).content.decode()
    assert "Campaigns" in page
    assert "Remove" not in page
    assert "New folder" not in page
    assert "move_to_folder" not in client.get(TABLE).content.decode()
    assert client.get(f"/admin/folders/item/{item('bought').pk}/").status_code == 403
    move(client, "gold", sure="yes", to=summer.pk)
    assert filed() == {"bought": "Summer"}


def test_pages_ask_as_often_for_many_folders_as_for_few(pages, anna, summer):
    def asked(address):
        with CaptureQueriesContext(connection) as queries:
            assert pages.get(address).status_code == 200
        return len(queries)

    addresses = [there(), TABLE, "/admin/rules/rule/", address("rule", "bought"), f"/admin/folders/item/{item('bought').pk}/"]
    for one in addresses:
        asked(one)  # what is read once a process
    few = [asked(one) for one in addresses]
    for number in range(5):
        folder = services.make_folder("shop", f"More {number}", parent=summer.pk, actor=anna, now=NOW)
        services.file_items("shop", [item("gold").pk, item("generic", "template").pk], folder.pk, actor=anna, now=NOW)

    assert [asked(one) for one in addresses] == few


def test_a_document_takes_its_folders_along(pages, anna, summer):
    at = f"/admin/documents/{Workspace.objects.get().pk}/"
    document = json.loads(pages.get(f"{at}mine.json").content)
    assert document["folders"] == {"Campaigns": {}, "Campaigns / Summer": {"rule": ["bought"]}}
    assert "folders" not in json.loads(pages.get(f"{at}live.json").content)

    document["folders"] = {"Campaigns / Summer": {"rule": ["bought", "gold"]}, "Texts": {}}
    shown = pages.post(at, {"text": json.dumps(document)}).context
    assert shown["found"].filings == ["Campaigns / Summer: rule gold", "Texts: a new folder"]
    assert filed() == {"bought": "Summer"}

    pages.post(at, {"text": shown["data"], "token": shown["found"].token})
    assert filed() == {"bought": "Summer", "gold": "Summer"}
    assert Folder.objects.filter(name="Texts").exists()
    assert not Draft.objects.exists()


def test_a_document_that_files_what_it_has_not_is_not_taken_in(pages, summer):
    document = {"workspace": {"key": "shop"}, "folders": {"Campaigns": {"rule": ["nobody"]}}}
    answer = pages.post(f"/admin/documents/{Workspace.objects.get().pk}/", {"text": json.dumps(document), "keep": "on"})

    assert "There is no rule nobody." in str(answer.context["problems"])


def test_a_folder_is_ordered_only_up_or_down(pages, summer):
    assert pages.post(there(f"{summer.pk}/order/"), {"way": "sideways"}).status_code == 400
    assert pages.post(there(f"{summer.pk}/order/")).status_code == 400
