"""Folders: a tree in which authored things lie, apart from what they say and from what is live."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from rules import selectors, services
from rules.engine import DocumentError
from rules.models import AuditEvent, Draft, Filed, Folder, Item, Release, Workspace
from tests.rules.conftest import ANNA, BEN, NOW, document, load, publish

pytestmark = pytest.mark.django_db
BY = {"actor": ANNA, "now": NOW}


@pytest.fixture
def filled(shop):
    load(shop)
    publish()
    return shop


def make(*names):
    """The folder of these names from the top down, made where it is not there."""
    parent = None
    for name in names:
        found = Folder.objects.filter(parent_id=parent, name=name).first()
        parent = (found or services.make_folder("shop", name, parent=parent, **BY)).pk
    return parent


def rename(workspace, folder, name, **by):
    return services.move_folder(workspace, folder, Folder.objects.get(pk=folder).parent_id, name=name, **by)


def file(folder, *keys, kind="rule"):
    return services.file_items("shop", items(*keys, kind=kind), folder, **BY)


def items(*keys, kind="rule"):
    return list(Item.objects.filter(kind=kind, key__in=keys).values_list("pk", flat=True))


def tree():
    return [shelf.words for shelf in selectors.shelves(Workspace.objects.all())]


def lies():
    words = {shelf.folder.pk: shelf.words for shelf in selectors.shelves(Workspace.objects.all())}
    return {filed.item.key: words[filed.folder_id] for filed in Filed.objects.select_related("item")}


def told():
    return AuditEvent.objects.order_by("-number").first()


def refusal(act, *args, **more):
    with pytest.raises(DocumentError) as refused:
        act(*args, **{**BY, **more})
    return refused.value.problems[0].code


def test_folders_stand_beneath_each_other_in_the_order_they_were_made(filled):
    make("Winter")
    make("Campaigns", "Summer")
    make("Campaigns", "Easter")

    assert tree() == ["Winter", "Campaigns", "Campaigns / Summer", "Campaigns / Easter"]


def test_filing_makes_no_draft_and_leaves_the_release_as_it_was(filled):
    before = Release.objects.values("hash", "digest", "bundle").get()

    done = file(make("Campaigns", "Summer"), "bought", "gold")

    assert lies() == {"bought": "Campaigns / Summer", "gold": "Campaigns / Summer"}
    assert done.words == "Moved 2 rules to Campaigns / Summer."
    assert not Draft.objects.exists()
    assert Release.objects.values("hash", "digest", "bundle").get() == before


def test_the_audit_log_says_who_moved_what_where(filled):
    folder = make("Campaigns", "Summer")
    file(folder, "bought", "gold")
    event = told()

    assert event.words == ["Anna moved 2 rules to Campaigns / Summer.", "rule bought, rule gold."]
    assert (event.action, event.actor_name) == ("folder.filed", "Anna")

    file(None, "gold")
    assert told().words == ["Anna moved rule gold out of its folder."]
    assert (told().object_kind, told().object_key) == ("rule", "gold")


def test_each_act_on_a_folder_is_told(filled):
    summer, year = make("Campaigns", "Summer"), make("2026")
    rename("shop", summer, "High summer", **BY)
    services.move_folder("shop", summer, year, **BY)
    file(summer, "bought")
    services.remove_folder("shop", summer, **BY)

    assert [event.words[0] for event in AuditEvent.objects.filter(action__startswith="folder.").order_by("number")] == [
        "Anna made the folder Campaigns.",
        "Anna made the folder Campaigns / Summer.",
        "Anna made the folder 2026.",
        "Anna renamed the folder Campaigns / Summer: it is Campaigns / High summer now.",
        "Anna moved the folder Campaigns / High summer to 2026.",
        "Anna moved rule bought to 2026 / High summer.",
        "Anna removed the folder 2026 / High summer; 1 thing in it went up to 2026.",
    ]


def test_what_lies_in_a_removed_folder_goes_up(filled):
    summer = make("Campaigns", "Summer")
    make("Campaigns", "Summer", "Beach")
    file(summer, "bought")

    services.remove_folder("shop", summer, **BY)
    assert (tree(), lies()) == (["Campaigns", "Campaigns / Beach"], {"bought": "Campaigns"})

    services.remove_folder("shop", make("Campaigns"), **BY)
    assert (tree(), lies()) == (["Beach"], {})


def test_a_folder_is_not_removed_where_what_is_in_it_would_meet_a_namesake(filled):
    summer = make("Campaigns", "Summer")
    make("Campaigns", "Summer", "Beach")
    make("Campaigns", "Beach")

    assert refusal(services.remove_folder, "shop", summer) == "folder_exists"


def test_a_folder_can_not_lie_within_itself(filled):
    campaigns, summer = make("Campaigns"), make("Campaigns", "Summer")

    assert refusal(services.move_folder, "shop", campaigns, summer) == "folder_circle"
    assert refusal(services.move_folder, "shop", campaigns, campaigns) == "folder_circle"


def test_folders_are_four_levels_deep_at_most(filled):
    deep = make("A", "B", "C", "D")
    two = make("X", "Y")

    assert refusal(services.make_folder, "shop", "E", parent=deep) == "folders_too_deep"
    assert refusal(services.move_folder, "shop", make("X"), make("A", "B", "C")) == "folders_too_deep"
    services.move_folder("shop", two, make("A", "B", "C"), **BY)
    assert "A / B / C / Y" in tree()


@pytest.mark.parametrize("name", ["", "   ", "a/b", "x" * 81, "one\ntwo", "nul\0"])
def test_a_name_that_is_none_is_refused(filled, name):
    assert refusal(services.make_folder, "shop", name) == "bad_folder_name"


def test_siblings_have_different_names_whatever_their_case(filled):
    make("Campaigns", "Summer")

    assert refusal(services.make_folder, "shop", " summer ", parent=make("Campaigns")) == "folder_exists"
    assert refusal(rename, "shop", make("Other"), "CAMPAIGNS") == "folder_exists"
    rename("shop", make("Campaigns"), "CAMPAIGNS", **BY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Folder.objects.create(workspace=Workspace.objects.get(), name="other")


def test_a_name_that_the_database_takes_for_a_siblings_is_refused(filled):
    make("İstanbul")

    assert refusal(services.make_folder, "shop", "istanbul") == "folder_exists"


def test_a_folder_is_renamed_on_its_way_to_where_its_name_is_taken(filled):
    make("Campaigns", "Summer")

    services.move_folder("shop", make("Summer"), make("Campaigns"), name="High summer", **BY)
    assert tree() == ["Campaigns", "Campaigns / Summer", "Campaigns / High summer"]


def test_a_folder_that_is_removed_leaves_its_name_to_one_in_it(filled):
    make("Summer", "Summer")

    services.remove_folder("shop", make("Summer"), **BY)
    assert tree() == ["Summer"]


def test_siblings_change_places(filled):
    make("A")
    second = make("B")
    services.order_folder("shop", second, up=True, **BY)
    assert tree() == ["B", "A"]

    services.order_folder("shop", second, up=True, **BY)
    assert tree() == ["B", "A"]


def test_folders_and_things_of_another_workspace_are_not_there(filled):
    services.create_workspace("other", actor=BEN, now=NOW)
    theirs = services.make_folder("other", "Theirs", **BY).pk

    assert refusal(services.file_items, "shop", items("bought"), theirs) == "unknown_folder"
    assert refusal(services.file_items, "other", items("bought"), theirs) == "unknown_item"
    assert refusal(rename, "shop", theirs, "Mine") == "unknown_folder"


def undo(done):
    """By way of JSON, as it is kept."""
    return services.undo("shop", json.loads(json.dumps(done.undo)), author=ANNA, now=NOW)


def test_filing_is_undone_and_done_again(filled):
    summer, winter = make("Summer"), make("Winter")
    file(winter, "gold")
    undone = undo(file(summer, "bought", "gold"))
    assert undone.words == "Undone: moved 2 rules to Summer."
    assert lies() == {"gold": "Winter"}

    again = undo(undone)
    assert again.words == "Done again: moved 2 rules to Summer."
    assert lies() == {"gold": "Summer", "bought": "Summer"}


def test_what_was_moved_since_is_not_undone(filled):
    summer, winter = make("Summer"), make("Winter")
    done = file(summer, "bought", "gold")
    file(winter, "bought")

    with pytest.raises(DocumentError, match="The rule bought was changed since") as refused:
        undo(done)
    assert [problem.code for problem in refused.value.problems] == ["changed_since"]
    assert lies() == {"bought": "Winter", "gold": "Summer"}


def test_a_move_out_of_a_folder_that_is_gone_is_not_undone(filled):
    summer, winter = make("Summer"), make("Winter")
    file(winter, "bought", "gold")
    done = file(summer, "bought")
    services.remove_folder("shop", winter, **BY)

    with pytest.raises(DocumentError, match="gone, so this can't be undone"):
        undo(done)
    assert lies() == {"bought": "Summer"}


def test_a_move_of_what_is_there_no_more_is_not_undone(filled):
    services.save_draft("shop", kind="threshold", key="fresh", body={"value": 1}, author=ANNA, now=NOW)
    done = file(make("Summer"), "fresh", kind="threshold")
    services.discard_drafts("shop", [Draft.objects.get(item__key="fresh")], actor=ANNA, now=NOW)

    with pytest.raises(DocumentError, match="The threshold fresh was changed since"):
        undo(done)


def test_what_lies_there_already_is_no_act(filled):
    summer = make("Summer")
    file(summer, "bought")
    before = AuditEvent.objects.count()

    assert file(summer, "bought").undo is None
    assert AuditEvent.objects.count() == before


def test_counts_are_of_what_is_present_with_what_lies_beneath(filled):
    summer = make("Campaigns", "Summer")
    file(summer, "bought", "gold")
    file(make("Campaigns"), "generic", kind="template")
    services.remove_rules("shop", ["gold"], author=ANNA, now=NOW)
    publish(reason="gone")

    found = selectors.shelves(Workspace.objects.all())
    counts = selectors.filed_counts(found, NOW)
    assert {shelf.words: dict(counts[shelf.folder.pk]) for shelf in found} == {
        "Campaigns": {"rule": 1, "template": 1},
        "Campaigns / Summer": {"rule": 1},
    }


def test_a_document_carries_folders_out_and_in_again(filled, tmp_path, capsys):
    file(make("Campaigns", "Summer"), "bought", "gold")
    file(make("Texts"), "generic", kind="template")
    make("Empty")
    call_command("dump", "shop")
    text = capsys.readouterr().out
    assert json.loads(text)["folders"] == {
        "Campaigns": {},
        "Campaigns / Summer": {"rule": ["bought", "gold"]},
        "Empty": {},
        "Texts": {"template": ["generic"]},
    }

    there = tmp_path / "other.json"
    there.write_text(text.replace('"key": "shop"', '"key": "other"'))
    call_command("load", str(there))
    other = selectors.filed_document("other")
    assert other["folders"] == json.loads(text)["folders"]


def taken_in(source, count):
    """The queries that a document took which names so many folders, half of them within another one, with two things in them."""
    folders = {("Within", f"Folder {number}") if number % 2 else (f"Folder {number}",): [] for number in range(count)}
    folders[("Folder 0",)], folders[("Within", "Folder 1")] = [("rule", "bought")], [("rule", "gold")]
    with CaptureQueriesContext(connection) as queries:
        services.load_document(document(source), folders=folders, author=ANNA, now=NOW)
    return len(queries)


def test_a_document_with_many_new_folders_asks_no_more_than_one_with_few(filled):
    few = taken_in(filled, 4)
    Filed.objects.all().delete()
    Folder.objects.exclude(parent=None).delete()
    Folder.objects.all().delete()

    assert taken_in(filled, 400) == few
    assert len(tree()) == 401


def test_names_that_the_database_takes_for_one_are_refused_in_a_document(filled):
    make("İstanbul")
    for folders in ({("istanbul",): []}, {("A", "İzmir"): [], ("A", "izmir"): []}):
        with pytest.raises(DocumentError, match=r"There is a folder i(stanbul|zmir) there already"):
            services.load_document(document(filled), folders=folders, author=ANNA, now=NOW)
    assert tree() == ["İstanbul"]


def test_each_folder_of_a_document_and_what_goes_into_it_is_told(filled):
    make("Campaigns")
    before = told().number
    services.load_document(
        document(filled),
        folders={("campaigns", "Summer"): [("rule", "bought")], ("Texts",): [], ("Texts", "New"): [("rule", "gold")]},
        author=ANNA,
        now=NOW,
    )

    assert [event.words[0] for event in AuditEvent.objects.filter(number__gt=before, action__startswith="folder").order_by("number")] == [
        "Anna made the folder Campaigns / Summer.",
        "Anna moved rule bought to Campaigns / Summer.",
        "Anna made the folder Texts.",
        "Anna made the folder Texts / New.",
        "Anna moved rule gold to Texts / New.",
    ]
    assert [(folder.name, folder.position) for folder in Folder.objects.filter(parent=None).order_by("position")] == [
        ("Campaigns", 0),
        ("Texts", 1),
    ]


def test_a_document_with_more_folders_than_a_workspace_may_have_makes_none(filled):
    make("Campaigns")
    with pytest.raises(DocumentError) as refused:
        taken_in(filled, 500)

    assert [problem.code for problem in refused.value.problems] == ["too_many"]
    assert tree() == ["Campaigns"]


def test_a_document_without_folders_has_no_word_of_them_and_moves_nothing(filled, tmp_path):
    assert "folders" not in selectors.filed_document("shop")
    file(make("Summer"), "bought")
    there = tmp_path / "shop.json"
    there.write_text(json.dumps(filled))

    call_command("load", str(there))
    assert lies() == {"bought": "Summer"}


@pytest.mark.parametrize(
    ("folders", "code", "path"),
    [
        ([], "wrong_type", "$.folders"),
        ({"A": []}, "wrong_type", "$.folders.A"),
        ({"A": {"rule": "bought"}}, "wrong_type", "$.folders.A.rule"),
        ({"A": {"rule": [1]}}, "wrong_type", "$.folders.A.rule"),
        ({"A": {"rules": []}}, "unknown_field", "$.folders.A.rules"),
        ({"A": {"rule": ["nobody"]}}, "unknown_item", "$.folders.A.rule"),
        ({"A": {"rule": ["bought"]}, "B": {"rule": ["bought"]}}, "filed_twice", "$.folders.B.rule"),
        ({"A": {}, "a": {}}, "duplicate_folder", "$.folders.a"),
        ({"A / ": {}}, "bad_folder_name", '$.folders["A / "]'),
        ({"A/B/C/D/E": {}}, "folders_too_deep", '$.folders["A/B/C/D/E"]'),
        ({"A\0": {}}, "bad_text", "$.folders"),
    ],
)
def test_a_document_with_other_folders_is_refused_with_a_place(filled, tmp_path, capsys, folders, code, path):
    there = tmp_path / "shop.json"
    there.write_text(json.dumps({**filled, "folders": folders}))

    with pytest.raises(CommandError):
        call_command("load", str(there))
    said = capsys.readouterr().err
    assert code in said
    assert path in said
    assert not Folder.objects.exists()
